import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { nodeFileSystem } from '../../src/adapters/node/files/node-file-system.js';
import { userOfProcess } from '../../src/adapters/node/node-host.js';
import { operationChecks } from '../../src/host-plans/kinds/check-operation.js';
import { sharedDirectory } from '../../src/host-plans/steps/shared-directory.js';

const user = userOfProcess();
const asRoot = user?.id === 0;
const STRANGER = 4242;

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pond-steward-shared-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const within = (path: string, mode: number): string => {
  const directory = join(folder, path);
  mkdirSync(directory, { recursive: true });
  chmodSync(directory, mode);
  return directory;
};
const found = (path: string) => sharedDirectory(nodeFileSystem, user, join(folder, path));

describe.skipIf(user === null)('a path is refused below a directory', () => {
  test('that others may write', () => {
    const directory = within('open', 0o777);
    within('open/inner', 0o755);
    expect(found('open/inner/new/f')).toMatchObject({ directory, why: 'others may write it' });
  });

  test('that a group other than the own one may write', () => {
    const directory = within('team', 0o775);
    if (asRoot) chownSync(directory, 0, STRANGER);
    expect(found('team/f')?.why).toBe(asRoot ? 'a group may write it' : undefined);
  });

  test.runIf(asRoot)(
    'that belongs to somebody else than root, this user, and the owner of the last one',
    () => {
      const directory = within('theirs', 0o755);
      chownSync(directory, STRANGER, STRANGER);
      within('theirs/ours', 0o755);
      expect(found('theirs/ours/f')).toMatchObject({ directory, why: 'another user owns it' });
      // Whose directory it is may do there what they like.
      expect(found('theirs/f')).toBeNull();
    },
  );

  test('that is reached through a link in one that others may write', () => {
    const directory = within('open', 0o777);
    symlinkSync(within('own', 0o755), join(folder, 'open/link'));
    expect(found('open/link/f')).toMatchObject({ directory });
    symlinkSync(join(folder, 'a'), join(folder, 'b'));
    symlinkSync(join(folder, 'b'), join(folder, 'a'));
    expect(found('a/f')).toMatchObject({ why: 'links lead in a circle' });
  });
});

test('a path is accepted below a sticky directory, and below the own ones', () => {
  within('sticky', 0o1777);
  within('sticky/own', 0o700);
  expect(found('sticky/own/f')).toBeNull();
});

test.skipIf(user === null)(
  'an operation that makes, removes or reads something there is not executed, unless that is accepted',
  () => {
    const directory = within('open', 0o777);
    const operations = [
      { id: 'a', kind: 'DirCreate', path: join(directory, 'new') },
      { id: 'b', kind: 'DirRemoveAll', path: join(directory, 'old') },
      { id: 'c', kind: 'DirCopy', source: join(directory, 'old'), dest: join(folder, 'copy') },
    ] as const;
    mkdirSync(join(directory, 'old'));
    const careful = operationChecks(nodeFileSystem, { user, allowShared: false });
    for (const operation of operations) {
      expect(careful(operation)).toMatchObject({ left: { _tag: 'SharedDirectory', directory } });
    }
    const accepting = operationChecks(nodeFileSystem, { user, allowShared: true });
    expect(operations.map((operation) => accepting(operation)._tag)).toEqual(['Right', 'Right', 'Left']);
  },
);
