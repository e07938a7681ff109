import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { isEscaped } from '../../domain/text/escaped-bytes.js';
import type { Neighbours } from '../../host-plans/kinds/check-operation.js';
import { type OwnersAbove, sharedDirectory, sharedInTree } from '../../host-plans/steps/shared-directory.js';
import type { EntryStat, FileSystemError, HostFileSystem } from '../../ports/file-system.js';
import type { CliError } from '../errors.js';
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
  /** Directories of the pond's own, which are not copied into it. Absolute paths. */
  readonly own: readonly string[];
}

/** A directory by its identity, however it is named. */
export type DirectoryIdentity = Pick<EntryStat, 'device' | 'inode'>;

/** Names in the pond are UTF-8. */
const notUtf8 = (path: string): FileSystemError => ({
  _tag: 'FileSystemError',
  call: 'open',
  path,
  code: 'EILSEQ',
});

/** Bytes of the longest path in a pond: what lies deeper could not be written there. */
const DEEPEST = 4096;

const tooDeep = (path: string): FileSystemError => ({
  _tag: 'FileSystemError',
  call: 'open',
  path,
  code: 'ENAMETOOLONG',
});

interface Waiting {
  readonly names: readonly string[];
  readonly owners: OwnersAbove;
}

/**
 * Walks a directory in the order of names, the directory itself included. Symlinks in it are not followed. Refuses
 * directories in which another user could exchange what is there, unless that is accepted. Leaves out those `ofPond`: what is in them
 * changes while it is copied, and whoever reads the file of a lock that this process holds lets go of it.
 */
export const readHostTree = (
  files: HostFileSystem,
  root: string,
  { user, allowShared }: Neighbours,
  ofPond: readonly DirectoryIdentity[] = [],
): E.Either<CliError, HostTree> => {
  const shared = allowShared ? null : sharedDirectory(files, user, join(root, 'entry'));
  if (shared !== null) return E.left({ ...shared, path: root });
  const directories: (readonly string[])[] = [];
  const found: HostTreeFile[] = [];
  const passedOver: string[] = [];
  const own: string[] = [];
  const waiting: Waiting[] = [{ names: [], owners: null }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { names } = next;
    const directory = join(root, ...names);
    const stat = files.lstat(directory)();
    if (E.isLeft(stat)) return E.left(hostFileFailed(stat.left));
    const { device, inode } = stat.right;
    if (ofPond.some((other) => other.device === device && other.inode === inode)) {
      own.push(directory);
      continue;
    }
    directories.push(names);
    const { why, above } = sharedInTree(user, next.owners, stat.right);
    if (why !== null && !allowShared) {
      return E.left({ _tag: 'SharedDirectory', path: root, directory, why });
    }
    const listed = files.readDirectory(directory)();
    if (E.isLeft(listed)) return E.left(hostFileFailed(listed.left));
    for (const name of [...listed.right].sort()) {
      const path = join(directory, name);
      if (isEscaped(name)) return E.left(hostFileFailed(notUtf8(path)));
      const stat = files.stat(path)();
      if (E.isLeft(stat)) return E.left(hostFileFailed(stat.left));
      const below = [...names, name];
      if (Buffer.byteLength(path) - root.length > DEEPEST) return E.left(hostFileFailed(tooDeep(path)));
      if (stat.right.kind === 'directory') waiting.push({ names: below, owners: above });
      else if (stat.right.kind === 'file') {
        const { size, modifiedAt } = stat.right;
        found.push({ names: below, size, modifiedAt });
      } else passedOver.push(path);
    }
  }
  return E.right({ directories, files: found, passedOver, own });
};
