import { isLeft } from 'fp-ts/lib/Either.js';
import type { EntryStat, HostFileSystem } from '../../ports/file-system.js';
import type { Host } from '../../ports/host.js';

/** A directory on the way to a path in which another user could exchange what is there, also while it is being used. */
export interface SharedDirectory {
  readonly _tag: 'SharedDirectory';
  /** Path that was to be reached. */
  readonly path: string;
  readonly directory: string;
  readonly why:
    | 'others may write it'
    | 'a group may write it'
    | 'another user owns it'
    | 'links lead in a circle';
}

const STICKY = 0o1000;
const BY_GROUP = 0o020;
const BY_OTHERS = 0o002;
const SUPERUSER = 0;
const MOST_LINKS = 40;

/**
 * The first directory above a path that another user could exchange: one that others may write without the sticky bit,
 * or a group other than this user's own, or that belongs to somebody who is neither root, this user, nor the owner of the
 * directory that the path lies in. Links on the way are followed, and are directories' entries like others. What is not
 * there yet does not matter: whoever makes it is found out when it is made.
 */
export const sharedDirectory = (
  files: Pick<HostFileSystem, 'lstat' | 'readLink'>,
  user: Host['user'],
  path: string,
): SharedDirectory | null => {
  if (user === null) return null;
  const way = wayTo(files, path);
  if (way === null) return { _tag: 'SharedDirectory', path, directory: path, why: 'links lead in a circle' };
  const owner = way.findLast(({ stat }) => stat.kind === 'directory')?.stat.owner ?? SUPERUSER;
  for (const { at, stat } of way) {
    const why = problemOf(stat, user, owner);
    if (why !== null) return { _tag: 'SharedDirectory', path, directory: at, why };
  }
  return null;
};

/** Findings of a walk through a tree about the directories above, for {@link sharedInTree}. */
export type OwnersAbove = number | null;

/**
 * The same of each directory of a tree whose top is not refused, while the tree is walked: why another user could exchange
 * what is in it, or else what is known for the directories below.
 */
export const sharedInTree = (
  user: Host['user'],
  above: OwnersAbove,
  stat: EntryStat,
): { readonly why: SharedDirectory['why'] | null; readonly above: OwnersAbove } => {
  if (user === null) return { why: null, above };
  const isStrange = stat.owner !== SUPERUSER && stat.owner !== user.id;
  const why =
    above !== null && above !== stat.owner ? 'another user owns it' : problemOf(stat, user, stat.owner);
  return { why, above: isStrange ? stat.owner : above };
};

/** Other users in whose directories one works, or not. */
export interface Acceptance {
  /** Null where files belong to nobody: everything is accepted. */
  readonly user: Host['user'];
  /** Directories in which other users could exchange what is there are accepted, too. */
  readonly allowShared: boolean;
}

/** Other users in whose directories this process works: none, unless the environment says so. */
export const acceptanceOf = ({ user, variables }: Pick<Host, 'user' | 'variables'>): Acceptance => ({
  user,
  allowShared: variables.POND_ALLOW_SHARED_DIRECTORIES === '1',
});

/** Tells whether only root and this user could have made what is at a path, and could exchange it. */
export const isOfNobodyElse = (
  files: Pick<HostFileSystem, 'lstat' | 'readLink'>,
  user: Host['user'],
  path: string,
): boolean => {
  if (user === null) return true;
  const entry = files.lstat(path)();
  if (isLeft(entry)) return false;
  const isOwn = entry.right.owner === SUPERUSER || entry.right.owner === user.id;
  return isOwn && !couldBeExchanged(files, user, path);
};

/** Tells whether a user other than root and this one could exchange what is at a path, as far as the way to it is there. */
export const couldBeExchanged = (
  files: Pick<HostFileSystem, 'lstat' | 'readLink'>,
  user: Host['user'],
  path: string,
): boolean =>
  user !== null && (wayTo(files, path)?.some(({ stat }) => problemOf(stat, user, user.id) !== null) ?? true);

/** Follows symlinks that root or this user has made, and those that another one has made to what is theirs. */
export const isTheirsWhoLinked =
  (files: Pick<HostFileSystem, 'lstat'>, user: Host['user']) =>
  (link: string, real: string): boolean => {
    const [entry, target] = [files.lstat(link)(), files.lstat(real)()];
    if (user === null) return true;
    if (isLeft(entry) || isLeft(target)) return false;
    const { kind, owner } = entry.right;
    return kind === 'symlink' && (owner === SUPERUSER || owner === user.id || owner === target.right.owner);
  };

interface OnTheWay {
  readonly at: string;
  readonly stat: EntryStat;
}

/** Directories and links that lead to a path, the root first; null where they lead in a circle. The path itself is none of them. */
const wayTo = (
  files: Pick<HostFileSystem, 'lstat' | 'readLink'>,
  path: string,
): readonly OnTheWay[] | null => {
  const way: OnTheWay[] = [];
  const root = files.lstat('/')();
  if (!isLeft(root)) way.push({ at: '/', stat: root.right });
  let [at, rest, links] = ['', namesIn(path).slice(0, -1), 0];
  while (rest.length > 0) {
    const [name = '', ...after] = rest;
    if (name === '..') {
      at = at.slice(0, Math.max(0, at.lastIndexOf('/')));
      rest = after;
      continue;
    }
    const next = `${at}/${name}`;
    const stat = files.lstat(next)();
    if (isLeft(stat)) return way;
    way.push({ at: next, stat: stat.right });
    if (stat.right.kind === 'symlink') {
      const target = files.readLink(next)();
      if (isLeft(target)) return way;
      links += 1;
      if (links > MOST_LINKS) return null;
      if (target.right.startsWith('/')) at = '';
      rest = [...namesIn(target.right), ...after];
    } else if (stat.right.kind === 'directory') {
      at = next;
      rest = after;
    } else return way;
  }
  return way;
};

const namesIn = (path: string): readonly string[] =>
  path.split('/').filter((name) => name !== '' && name !== '.');

const problemOf = (
  { kind, mode, owner, group }: EntryStat,
  user: NonNullable<Host['user']>,
  targetOwner: number,
): SharedDirectory['why'] | null => {
  if (owner !== SUPERUSER && owner !== user.id && owner !== targetOwner) return 'another user owns it';
  if (kind !== 'directory' || (mode & STICKY) !== 0) return null;
  if ((mode & BY_OTHERS) !== 0) return 'others may write it';
  const isOwnGroup = group === user.group || (owner === SUPERUSER && group === SUPERUSER);
  return (mode & BY_GROUP) !== 0 && !isOwnGroup ? 'a group may write it' : null;
};

/** Says it as a sentence without a full stop. */
export const describeSharedDirectory = ({ path, directory, why }: SharedDirectory): string =>
  `${path}: another user could exchange what is in ${directory}: ${why}; --allow-shared-directories (or POND_ALLOW_SHARED_DIRECTORIES=1) accepts that`;
