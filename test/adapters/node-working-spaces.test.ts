import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRight } from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { expect, test, vi } from 'vitest';
import { nodeWorkingSpaces } from '../../src/adapters/node/node-working-spaces.js';
import { sqliteLocks } from '../../src/adapters/sqlite/sqlite-locks.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const spaces = nodeWorkingSpaces(sqliteLocks);
const ABANDONED = '0189d7a1-0000-4000-8000-000000000001';

test('a working space is private, and gone with all that is in it when its use has ended, well or not', async () => {
  const root = join(temporaryFolder('spaces-'), 'control/queries');
  const directories: string[] = [];
  const use = (directory: string) => {
    directories.push(directory);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    mkdirSync(join(directory, 'sub'));
    writeFileSync(join(directory, 'sub/file'), 'x');
  };
  await spaces.use(root, (directory) => TE.rightIO(() => use(directory)))();
  await spaces.use(root, (directory) => TE.leftIO(() => use(directory)))();
  const thrown = spaces.use(root, (directory) => async () => {
    use(directory);
    throw new Error('a bug');
  })();
  await expect(thrown).rejects.toThrow('a bug');
  expect(directories.map((directory) => directory.startsWith(root))).toEqual([true, true, true]);
  expect(readdirSync(root)).toEqual([]);
});

test('what a dead process left is removed, and what a live one uses is not', async () => {
  const root = join(temporaryFolder('spaces-'), 'queries');
  await spaces.use(root, (live) =>
    TE.rightIO(() => {
      mkdirSync(join(root, ABANDONED, 'overflow'), { recursive: true });
      writeFileSync(join(root, ABANDONED, 'overflow/file'), 'x');
      writeFileSync(join(live, 'file'), 'x');
      expect(spaces.sweep(root)()).toBe(1);
      expect(existsSync(join(live, 'file'))).toBe(true);
      expect(existsSync(join(root, ABANDONED))).toBe(false);
    }),
  )();
  expect(readdirSync(root)).toEqual([]);
  expect(spaces.sweep(root)()).toBe(0);
  expect(spaces.sweep(join(root, 'nothing'))()).toBe(0);
});

test('nothing is made in or removed from a directory that a link leads to', async () => {
  const folder = temporaryFolder('spaces-');
  const victim = join(folder, 'victim');
  const root = join(folder, 'queries');
  mkdirSync(join(victim, ABANDONED), { recursive: true });
  symlinkSync(victim, root);
  expect(spaces.sweep(root)()).toBe(0);
  const elsewhere = await spaces.use(root, (directory) => TE.right(directory))();
  expect(isRight(elsewhere) && !elsewhere.right.startsWith(folder)).toBe(true);
  expect(readdirSync(victim)).toEqual([ABANDONED]);
  // Nor does what was left behind lead out of it.
  const other = join(folder, 'other');
  mkdirSync(other);
  symlinkSync(victim, join(other, ABANDONED));
  spaces.sweep(other)();
  expect(readdirSync(victim)).toEqual([ABANDONED]);
});

test('where nothing may be written, or the name would be taken for a pattern, the space is elsewhere', async () => {
  const folder = temporaryFolder('spaces-');
  writeFileSync(join(folder, 'file'), '');
  chmodSync(folder, 0o700);
  for (const root of [join(folder, 'file/queries'), join(folder, '[pond]/queries')]) {
    const used = await spaces.use(root, (directory) => TE.right(directory))();
    expect(isRight(used) && !used.right.startsWith(folder) && !existsSync(used.right)).toBe(true);
  }
});

test('where another user could exchange what is there, the space is in a directory of one’s own, and what was left there is removed', async () => {
  const folder = temporaryFolder('spaces-');
  vi.stubEnv('TMPDIR', join(folder, 'tmp'));
  mkdirSync(join(folder, 'tmp'));
  const root = join(folder, 'theirs/queries');
  mkdirSync(join(root, ABANDONED), { recursive: true });
  const careful = nodeWorkingSpaces(sqliteLocks, (path) => path.startsWith(join(folder, 'theirs')));
  const own = join(folder, 'tmp', `pond-queries-${process.getuid?.()}`);
  await careful.use(root, (directory) =>
    TE.rightIO(() => {
      expect(directory.startsWith(`${own}/`)).toBe(true);
      expect(statSync(own).mode & 0o777).toBe(0o700);
    }),
  )();
  expect([existsSync(own), readdirSync(root)]).toEqual([false, [ABANDONED]]);
  mkdirSync(join(own, ABANDONED), { recursive: true, mode: 0o700 });
  expect(careful.sweep(root)()).toBe(1);
  expect([existsSync(own), existsSync(join(root, ABANDONED))]).toEqual([false, true]);
  // One that others may look into is left to them.
  mkdirSync(own, { mode: 0o755 });
  const elsewhere = await careful.use(root, (directory) => TE.right(directory))();
  expect(isRight(elsewhere) && !elsewhere.right.startsWith(own)).toBe(true);
  vi.unstubAllEnvs();
});
