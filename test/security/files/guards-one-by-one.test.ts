// Guards behind which there is another: each is tried by itself here, since an attack through the executable is stopped by the next one.

import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { confinement } from '../../../src/adapters/confined/confinement.js';
import { nodeFileSystem } from '../../../src/adapters/node/files/node-file-system.js';
import { nodeHost } from '../../../src/adapters/node/node-host.js';
import { placeByOwnLinks } from '../../../src/host-plans/steps/shared-directory.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const folder = temporaryFolder('guards');
const pond = join(folder, 'pond');
const within = confinement(nodeFileSystem, pond, placeByOwnLinks(nodeFileSystem, nodeHost().user));

beforeAll(() => {
  for (const place of ['pond/data/_delta_log', 'pond/control', 'elsewhere'])
    mkdirSync(join(folder, place), { recursive: true });
  writeFileSync(join(folder, 'elsewhere/f'), 'secret');
  writeFileSync(join(pond, 'control/there'), '');
  symlinkSync(join(folder, 'elsewhere/f'), join(pond, 'control/lock'));
  symlinkSync(join(folder, 'elsewhere'), join(pond, 'data/_blobs'));
  execFileSync('mkfifo', [join(pond, 'data/pipe')]);
});

describe('a file is opened for reading', () => {
  test('where it is a regular one, and no pipe is, nor a device', () => {
    for (const path of [join(pond, 'data/pipe'), '/dev/zero']) {
      const refused = { left: { _tag: 'FileSystemError', path, code: 'ESPIPE' } };
      expect(nodeFileSystem.readFile(path)()).toMatchObject(refused);
      expect(nodeFileSystem.readRange(path, 0, 1)()).toMatchObject(refused);
    }
  });
});

describe('a confinement', () => {
  test('has no way out by names', () => {
    for (const name of [
      '..',
      '.',
      '',
      '_delta_log/../../../elsewhere',
      '../elsewhere/f',
      '/../control/there',
      '_delta_log/..',
    ]) {
      for (const find of [within.locate, within.locateDirectory, within.locateFile])
        expect(find('open', `${pond}/data/${name}`)).toMatchObject({
          left: { _tag: 'UnsafeFile', found: 'outside' },
        });
    }
  });

  test('has none through a symlink, in the middle or at the end', () => {
    const refused = { left: { _tag: 'UnsafeFile', found: 'symlink' } };
    expect(within.locate('open', `${pond}/data/_blobs/f`)).toMatchObject(refused);
    expect(within.locateDirectory('readdir', `${pond}/data/_blobs`)).toMatchObject(refused);
    expect(within.locateFile('open', `${pond}/control/lock`)).toMatchObject(refused);
  });

  test('gives a pipe or a directory to nobody who opens it by its path', () => {
    expect(within.locateFile('open', `${pond}/data/pipe`)).toMatchObject({ left: { found: 'special' } });
    expect(within.locateFile('open', `${pond}/data/_delta_log`)).toMatchObject({
      left: { found: 'directory' },
    });
  });

  test('leads to what is there, and to what is not there yet', () => {
    for (const name of ['control/there', 'control/new', 'data/new/deeper'])
      expect(within.locateFile('open', `${pond}/${name}`)).toEqual({
        _tag: 'Right',
        right: `${pond}/${name}`,
      });
    expect(within.locate('open', '/etc/passwd')).toEqual({ _tag: 'Right', right: '/etc/passwd' });
  });
});
