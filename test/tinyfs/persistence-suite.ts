import { afterEach, beforeEach, describe } from 'vitest';
import { changeGuarantees } from './guarantees/changes.js';
import { contentGuarantees } from './guarantees/contents.js';
import { dynamicNodeGuarantees } from './guarantees/dynamic-nodes.js';
import { globGuarantees } from './guarantees/globs.js';
import { pathGuarantees } from './guarantees/paths.js';
import { removalGuarantees } from './guarantees/removing.js';
import { renameGuarantees } from './guarantees/renaming.js';
import { rowGuarantees } from './guarantees/rows.js';
import { symlinkGuarantees } from './guarantees/symlinks.js';
import { transactionGuarantees } from './guarantees/transactions.js';
import type { MakePersistence } from './persistence-harness.js';
import { makeTestPond, type TestPond } from './test-pond.js';

/** What TinyFS guarantees on any persistence. */
export const persistenceSuite = (name: string, makePersistence: MakePersistence): void => {
  describe(`TinyFS on ${name}`, () => {
    let pond: TestPond;
    beforeEach(async () => {
      pond = await makeTestPond(makePersistence);
    });
    afterEach(() => pond.harness.dispose());

    const current = () => pond;
    describe('paths', () => pathGuarantees(current));
    describe('symlinks', () => symlinkGuarantees(current));
    describe('contents', () => contentGuarantees(current));
    describe('renaming', () => renameGuarantees(current));
    describe('removing', () => removalGuarantees(current));
    describe('dynamic nodes', () => dynamicNodeGuarantees(current));
    describe('globs', () => globGuarantees(current));
    describe('transactions', () => transactionGuarantees(current));
    describe('rows', () => rowGuarantees(current));
    describe('changes', () => changeGuarantees(current));
  });
};
