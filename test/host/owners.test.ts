import {
  chmodSync,
  chownSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { nodeFileSystem } from '../../src/adapters/node/files/node-file-system.js';
import { userOfProcess } from '../../src/adapters/node/node-host.js';
import type { HostOperation } from '../../src/host-plans/operations/host-operation.js';
import { asUser } from '../adapters/file-system/file-systems.js';
import { otherDevice } from '../support/other-device.js';
import { executeOnHost } from './machinery/on-host.js';

const asRoot = userOfProcess()?.id === 0;
const STRANGER = 4242;
const NOBODY = 65_534;
const elsewhere = otherDevice();

let folder = '';
let other = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pond-steward-owners-'));
  other = mkdtempSync(join(elsewhere ?? tmpdir(), 'pond-steward-owners-'));
});
afterEach(() => {
  for (const path of [folder, other]) rmSync(path, { recursive: true, force: true });
});

/** A file that acts as the user and the group that it belongs to. */
const setIdFile = (path: string, owner: number): string => {
  writeFileSync(path, 'x');
  if (asRoot) chownSync(path, owner, owner);
  chmodSync(path, 0o6755);
  return path;
};

const who = (path: string) => {
  const { uid, gid, mode } = lstatSync(path);
  return { uid, gid, mode: (mode & 0o7777).toString(8) };
};

const execute = (...operations: readonly HostOperation[]) => executeOnHost(operations);

describe('a copy of somebody else’s file acts as nobody', () => {
  const operations: Readonly<Record<string, (source: string, made: string) => HostOperation>> = {
    FileCopy: (source, dest) => ({ id: 'a', kind: 'FileCopy', source, dest }),
    FileBackup: (source, backup) => ({ id: 'a', kind: 'FileBackup', source, backup }),
    DirCopy: (source, made) => ({
      id: 'a',
      kind: 'DirCopy',
      source: join(source, '..'),
      dest: join(made, '..'),
    }),
  };
  for (const [kind, operation] of Object.entries(operations)) {
    test.runIf(asRoot)(`made by ${kind}`, async () => {
      mkdirSync(join(folder, 'd'));
      chownSync(join(folder, 'd'), STRANGER, STRANGER);
      chmodSync(join(folder, 'd'), 0o2755);
      const source = setIdFile(join(folder, 'd/f'), STRANGER);
      if (kind !== 'DirCopy') mkdirSync(join(folder, 'new'));
      const made = join(folder, 'new/f');
      await execute(operation(source, made));
      expect(who(made)).toEqual({ uid: 0, gid: 0, mode: '755' });
      expect(who(join(folder, 'new')).mode).toBe('755');
    });

    test(`made by ${kind}, unless it is one’s own`, async () => {
      mkdirSync(join(folder, 'd'));
      const source = setIdFile(join(folder, 'd/f'), 0);
      if (kind !== 'DirCopy') mkdirSync(join(folder, 'new'));
      await execute(operation(source, join(folder, 'new/f')));
      expect(who(join(folder, 'new/f')).mode).toBe('6755');
    });
  }

  test.runIf(asRoot)('unless the plan says so', async () => {
    const source = setIdFile(join(folder, 'f'), STRANGER);
    await execute({ id: 'a', kind: 'FileCopy', source, dest: join(folder, 'g'), mode: '4750' });
    expect(who(join(folder, 'g'))).toEqual({ uid: 0, gid: 0, mode: '4750' });
  });
});

test.runIf(asRoot)('a file that replaces somebody else’s belongs to whoever executes the plan', async () => {
  writeFileSync(join(folder, 'f'), 'theirs');
  chownSync(join(folder, 'f'), STRANGER, STRANGER);
  await execute({ id: 'a', kind: 'FileWrite', path: join(folder, 'f'), content: 'x', replace: true });
  expect(who(join(folder, 'f'))).toEqual({ uid: 0, gid: 0, mode: '644' });
});

test('a move on one device changes nothing of a file', async () => {
  const from = setIdFile(join(folder, 'f'), STRANGER);
  const before = who(from);
  await execute({ id: 'a', kind: 'FileMove', from, to: join(folder, 'g') });
  expect(who(join(folder, 'g'))).toEqual(before);
});

describe.skipIf(elsewhere === null)('a move to another device', () => {
  test.runIf(asRoot)('keeps owner, group and mode, also of a symlink', async () => {
    const from = setIdFile(join(folder, 'f'), STRANGER);
    symlinkSync('anywhere', join(folder, 'l'));
    lchownSync(join(folder, 'l'), STRANGER, STRANGER);
    await execute(
      { id: 'a', kind: 'FileMove', from, to: join(other, 'f') },
      { id: 'b', kind: 'FileMove', from: join(folder, 'l'), to: join(other, 'l') },
    );
    expect(statSync(other).dev).not.toBe(statSync(folder).dev);
    expect(who(join(other, 'f'))).toEqual({ uid: STRANGER, gid: STRANGER, mode: '6755' });
    expect(who(join(other, 'l'))).toMatchObject({ uid: STRANGER, gid: STRANGER });
  });

  test.runIf(asRoot)('of what cannot be given to its owner makes a file that acts as nobody', async () => {
    const from = setIdFile(join(folder, 'f'), STRANGER);
    for (const path of [folder, other]) chownSync(path, NOBODY, NOBODY);
    const files = asUser(nodeFileSystem, NOBODY);
    await executeOnHost([{ id: 'a', kind: 'FileMove', from, to: join(other, 'f') }], files);
    expect(who(join(other, 'f'))).toMatchObject({ uid: NOBODY, mode: '755' });
  });
});
