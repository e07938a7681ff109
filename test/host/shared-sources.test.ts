// A single file that `copy` takes in is looked at as a tree is: nobody else may exchange it under the copy.

import { chmodSync, lchownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { nodeFileSystem } from '../../src/adapters/node/files/node-file-system.js';
import { userOfProcess } from '../../src/adapters/node/node-host.js';
import { inspectSource } from '../../src/cli/copy/incoming-files.js';

const user = userOfProcess();
const STRANGER = 4242;

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pond-steward-sources-'));
  mkdirSync(join(folder, 'open'));
  mkdirSync(join(folder, 'own'));
  for (const place of ['open', 'own']) writeFileSync(join(folder, place, 'f'), 'f');
  chmodSync(join(folder, 'open'), 0o777);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const inspected = (name: string, allowShared = false) =>
  inspectSource(
    { files: nodeFileSystem, held: nodeFileSystem, neighbours: { user, allowShared }, pond: '/nowhere' },
    { recursive: false },
  )({ _tag: 'Host', path: join(folder, name), trailingSlash: false, entryType: 'file' })();

describe.skipIf(user === null)('a single file is copied into the pond', () => {
  test('from a directory that others may write only where that is accepted', async () => {
    const directory = join(folder, 'open');
    expect(await inspected('open/f')).toMatchObject({ left: { _tag: 'SharedDirectory', directory } });
    expect(await inspected('open/f', true)).toMatchObject({ right: { name: 'f' } });
    chmodSync(directory, 0o1777);
    expect(await inspected('open/f')).toMatchObject({ right: { name: 'f' } });
  });

  test('through a symlink only where nobody else could exchange it, or what it leads to', async () => {
    symlinkSync(join(folder, 'open/f'), join(folder, 'own/outward'));
    symlinkSync(join(folder, 'own/f'), join(folder, 'open/inward'));
    symlinkSync(join(folder, 'own/f'), join(folder, 'own/mine'));
    for (const name of ['own/outward', 'open/inward'])
      expect(await inspected(name)).toMatchObject({ left: { _tag: 'SharedDirectory' } });
    expect(await inspected('own/mine')).toMatchObject({ right: { name: 'mine' } });
  });

  test.runIf(user?.id === 0)('through a symlink of somebody else’s nowhere, sticky or not', async () => {
    const place = join(folder, 'sticky');
    mkdirSync(place);
    chmodSync(place, 0o1777);
    symlinkSync(join(folder, 'own/f'), join(place, 'link'));
    lchownSync(join(place, 'link'), STRANGER, STRANGER);
    expect(await inspected('sticky/link')).toMatchObject({
      left: { _tag: 'SharedDirectory', directory: join(place, 'link'), why: 'another user owns it' },
    });
    expect(await inspected('sticky/link', true)).toMatchObject({ right: { name: 'link' } });
  });
});
