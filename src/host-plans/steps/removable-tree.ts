import { isLeft } from 'fp-ts/lib/Either.js';
import type { EntryStat, FileSystemError, HostFileSystem } from '../../ports/file-system.js';
import type { Host } from '../../ports/host.js';
import { isWithin } from '../operations/host-path.js';

/** Something in a tree that is to be removed, and cannot be. */
export interface NotRemovable {
  readonly _tag: 'NotRemovable';
  readonly path: string;
  readonly why:
    | 'something is mounted there'
    | 'it may not be changed (it is immutable, or on a read-only filesystem)'
    | 'it is another user’s, in a directory of theirs in which each removes only their own'
    | 'its directory belongs to another user, and may not be changed';
}

const STICKY = 0o1000;
const SUPERUSER = 0;

type Looking = Pick<HostFileSystem, 'lstat' | 'access' | 'readDirectory' | 'mountPoints'>;

/**
 * The first thing in a directory's tree, or the directory itself, that could not be removed, as far as that can be told
 * without trying; null where all of it can be. What is in a directory that its owner has closed to himself is not looked at.
 */
export const unremovableIn = (
  files: Looking,
  user: Host['user'],
  root: string,
): NotRemovable | FileSystemError | null => {
  const mounts = files.mountPoints()();
  if (isLeft(mounts)) return mounts.left;
  const mounted = mounts.right.find((path) => isWithin(path, root));
  if (mounted !== undefined)
    return { _tag: 'NotRemovable', path: mounted, why: 'something is mounted there' };
  const top = files.lstat(root)();
  if (isLeft(top)) return top.left;
  const waiting = [{ path: root, stat: top.right }];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    const { path, stat } = at;
    const changeable = mayEmpty(files, user, at);
    if (changeable !== null) return changeable;
    const names = files.readDirectory(path)();
    if (isLeft(names)) {
      // It is opened for its owner when it is removed.
      if (names.left.code === 'EACCES') continue;
      return names.left;
    }
    for (const name of names.right) {
      const child = { path: `${path}/${name}`, stat: files.lstat(`${path}/${name}`)() };
      if (isLeft(child.stat)) {
        if (child.stat.left.code === 'ENOENT' || child.stat.left.code === 'EACCES') continue;
        return child.stat.left;
      }
      const entry = { path: child.path, stat: child.stat.right };
      const refused = mayTake(files, user, stat, entry);
      if (refused !== null) return refused;
      if (entry.stat.kind === 'directory') waiting.push(entry);
    }
  }
  return null;
};

interface Found {
  readonly path: string;
  readonly stat: EntryStat;
}

/** Tells whether what is in a directory may be removed from it: its bits do not matter, where they are this user's to set. */
const mayEmpty = (files: Looking, user: Host['user'], { path, stat }: Found): NotRemovable | null => {
  const access = files.access(path, ['write', 'search'])();
  if (!isLeft(access)) return null;
  if (access.left.code !== 'EACCES') return unchangeable(path);
  return user === null || user.id === SUPERUSER || stat.owner === user.id
    ? null
    : { _tag: 'NotRemovable', path, why: 'its directory belongs to another user, and may not be changed' };
};

const mayTake = (
  files: Looking,
  user: Host['user'],
  directory: EntryStat,
  { path, stat }: Found,
): NotRemovable | null => {
  if (stat.device !== directory.device) {
    return { _tag: 'NotRemovable', path, why: 'something is mounted there' };
  }
  const isOthers =
    user !== null && user.id !== SUPERUSER && stat.owner !== user.id && directory.owner !== user.id;
  if (isOthers && (directory.mode & STICKY) !== 0) {
    const why = 'it is another user’s, in a directory of theirs in which each removes only their own';
    return { _tag: 'NotRemovable', path, why };
  }
  // A file that may not be written may be removed, unless not even its owner may change it.
  const access = stat.kind === 'file' ? files.access(path, ['write'])() : null;
  return access !== null && isLeft(access) && access.left.code === 'EPERM' ? unchangeable(path) : null;
};

const unchangeable = (path: string): NotRemovable => ({
  _tag: 'NotRemovable',
  path,
  why: 'it may not be changed (it is immutable, or on a read-only filesystem)',
});
