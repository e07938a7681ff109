import { describe } from 'vitest';
import type { MakeTrial } from './file-systems.js';
import { attributeGuarantees } from './guarantees/attributes.js';
import { copyGuarantees } from './guarantees/copies.js';
import { directoryGuarantees } from './guarantees/directories.js';
import { fileGuarantees } from './guarantees/files.js';
import { linkGuarantees } from './guarantees/links.js';
import { permissionGuarantees } from './guarantees/permissions.js';
import { renameGuarantees } from './guarantees/renames.js';

/** What the host's filesystem guarantees to those who change it, of whatever it is made. */
export const fileSystemSuite = (name: string, make: MakeTrial): void => {
  describe(name, () => {
    fileGuarantees(make);
    directoryGuarantees(make);
    linkGuarantees(make);
    renameGuarantees(make);
    copyGuarantees(make);
    attributeGuarantees(make);
    permissionGuarantees(make);
  });
};
