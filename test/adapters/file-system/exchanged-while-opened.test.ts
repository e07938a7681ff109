import { renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { openRegular } from '../../../src/adapters/node/files/node-file-opening.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

/** Runs once after the next look at a file. */
let neighbour: (() => void) | null = null;

vi.mock('../../../src/adapters/node/files/path-bytes.js', async (original) => {
  const real = await original<typeof import('../../../src/adapters/node/files/path-bytes.js')>();
  return {
    ...real,
    lstatSync: (path: string) => {
      const stats = real.lstatSync(path);
      neighbour?.();
      neighbour = null;
      return stats;
    },
  };
});

test('a file that becomes a symlink between the look at it and its opening is refused', () => {
  const folder = temporaryFolder('exchanged-');
  const [named, secret] = [join(folder, 'named'), join(folder, 'secret')];
  writeFileSync(named, 'mine');
  writeFileSync(secret, 'not for you');
  neighbour = () => {
    symlinkSync(secret, join(folder, 'link'));
    renameSync(join(folder, 'link'), named);
  };
  expect(() => openRegular(named)).toThrow('ELOOP');
});
