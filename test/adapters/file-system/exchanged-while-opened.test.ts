import { renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { temporaryFolder } from '../../support/temporary-folder.js';

/** Runs once after the next look at a file. */
let neighbour: (() => void) | null = null;

const PATHS = '../../../src/adapters/node/files/path-bytes.js';

/** The opening of files as it is, but for the moment after the look. */
const openRegular = async (): Promise<(path: string) => number> => {
  vi.resetModules();
  const real = await vi.importActual<typeof import('../../../src/adapters/node/files/path-bytes.js')>(PATHS);
  vi.doMock(PATHS, () => ({
    ...real,
    lstatSync: (path: string) => {
      const stats = real.lstatSync(path);
      neighbour?.();
      neighbour = null;
      return stats;
    },
  }));
  onTestFinished(() => {
    vi.doUnmock(PATHS);
    vi.resetModules();
  });
  return (await import('../../../src/adapters/node/files/node-file-opening.js')).openRegular;
};

test('a file that becomes a symlink between the look at it and its opening is refused', async () => {
  const open = await openRegular();
  const folder = temporaryFolder('exchanged-');
  const [named, secret] = [join(folder, 'named'), join(folder, 'secret')];
  writeFileSync(named, 'mine');
  writeFileSync(secret, 'not for you');
  neighbour = () => {
    symlinkSync(secret, join(folder, 'link'));
    renameSync(join(folder, 'link'), named);
  };
  expect(() => open(named)).toThrow('ELOOP');
  expect(neighbour).toBeNull();
});
