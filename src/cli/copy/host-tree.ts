import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { isEscaped } from '../../domain/documents/escaped-bytes.js';
import type { FileSystem, FileSystemError } from '../../ports/file-system.js';
import type { PondError } from '../../steward/errors.js';
import { hostFileFailed } from '../pond/host-content.js';

export interface HostTreeFile {
  readonly names: readonly string[];
  readonly size: number;
  /** Microseconds since the epoch. */
  readonly modifiedAt: number;
}

/** A directory of the host's with everything in it. Names are those below the directory. */
export interface HostTree {
  readonly directories: readonly (readonly string[])[];
  readonly files: readonly HostTreeFile[];
  /** Symlinks, devices, pipes and sockets: never followed, never copied. Absolute paths. */
  readonly passedOver: readonly string[];
}

/** Names in the pond are UTF-8. */
const notUtf8 = (path: string): FileSystemError => ({
  _tag: 'FileSystemError',
  call: 'open',
  path,
  code: 'EILSEQ',
});

/** Walks a directory in the order of names, the directory itself included. Symlinks in it are not followed. */
export const readHostTree = (files: FileSystem, root: string): E.Either<PondError, HostTree> => {
  const directories: (readonly string[])[] = [];
  const found: HostTreeFile[] = [];
  const passedOver: string[] = [];
  const waiting: (readonly string[])[] = [[]];
  for (let names = waiting.pop(); names !== undefined; names = waiting.pop()) {
    directories.push(names);
    const directory = join(root, ...names);
    const listed = files.readDirectory(directory)();
    if (E.isLeft(listed)) return E.left(hostFileFailed(listed.left));
    for (const name of [...listed.right].sort()) {
      const path = join(directory, name);
      if (isEscaped(name)) return E.left(hostFileFailed(notUtf8(path)));
      const stat = files.stat(path)();
      if (E.isLeft(stat)) return E.left(hostFileFailed(stat.left));
      const below = [...names, name];
      if (stat.right.kind === 'directory') waiting.push(below);
      else if (stat.right.kind === 'file') {
        const { size, modifiedAt } = stat.right;
        found.push({ names: below, size, modifiedAt });
      } else passedOver.push(path);
    }
  }
  return E.right({ directories, files: found, passedOver });
};
