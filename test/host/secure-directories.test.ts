import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isLeft, left } from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import { nodeFileSystem } from '../../src/adapters/node/files/node-file-system.js';
import { secureDirectories } from '../../src/host-plans/steps/secure-directories.js';
import type { HostFileSystem } from '../../src/ports/file-system.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const made = (count: number): readonly string[] => {
  const folder = temporaryFolder('secure');
  return Array.from({ length: count }, (_, at) => {
    const directory = join(folder, `d${at}`);
    mkdirSync(directory);
    return directory;
  });
};

/** The host's, noting what has been made durable; `broken` cannot be. */
const noting = (broken: string | null = null, code = 'EIO') => {
  const secured: string[] = [];
  const refused = (path: string) => left({ _tag: 'FileSystemError', call: 'fsync', path, code } as const);
  const files: Pick<HostFileSystem, 'fsyncDirectory' | 'writeNewFiles'> = {
    fsyncDirectory: (path) => () => {
      const answer = path === broken ? refused(path) : nodeFileSystem.fsyncDirectory(path)();
      if (!isLeft(answer)) secured.push(path);
      return answer;
    },
    writeNewFiles: (all, directories) => async () => {
      const answer = await nodeFileSystem.writeNewFiles(all, directories)();
      if (isLeft(answer)) return answer;
      if (broken !== null && directories.includes(broken)) return refused(broken);
      secured.push(...directories);
      return answer;
    },
  };
  return { files, secured };
};

describe('changed directories', () => {
  test('are all made durable, however many, one group after the other', async () => {
    const all = made(150);
    const { files, secured } = noting();
    expect(await secureDirectories(files, [all.slice(50), all.slice(0, 50)])()).toMatchObject({
      _tag: 'Right',
    });
    expect(secured).toEqual([...all.slice(50), ...all.slice(0, 50)]);
  });

  test('that are gone, or no directories any more, do not keep the others from it', async () => {
    const [first = '', gone = '', last = ''] = made(3);
    rmSync(gone, { recursive: true });
    const { files, secured } = noting();
    expect(await secureDirectories(files, [[first, gone, join(gone, 'in'), last]])()).toMatchObject({
      _tag: 'Right',
    });
    expect(secured).toEqual([first, last]);
  });

  test('are not fsynced once more after an error: the second time it would seem to succeed', async () => {
    const [first = '', broken = '', later = ''] = made(3);
    const { files, secured } = noting(broken);
    expect(await secureDirectories(files, [[first, broken], [later]])()).toMatchObject({
      left: { code: 'EIO', path: broken },
    });
    expect(secured).toEqual([]);
  });

  test('that cannot be read are passed over', async () => {
    const [first = '', closed = '', last = ''] = made(3);
    const { files, secured } = noting(closed, 'EACCES');
    expect(await secureDirectories(files, [[first, closed, last]])()).toMatchObject({ _tag: 'Right' });
    expect(secured).toEqual([first, last]);
  });
});
