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

/** Place to which a path leads, and a link on the way that must not be followed, or null. */
export interface FollowedPlace {
  readonly place: string;
  readonly linkOfAnother: string | null;
}

/**
 * Follows symlinks that root or this user has made, and those that another one has made to a directory of theirs, or to
 * what is not there yet in one. Null where links lead in a circle.
 */
export const placeByOwnLinks =
  (files: Pick<HostFileSystem, 'lstat' | 'readLink'>, user: Host['user']) =>
  (path: string): FollowedPlace | null => {
    // Looked at as what something below it is reached by.
    const walked = walkTo(files, `${path}/entry`);
    if (walked === null) return null;
    const isFollowed = ({ stat: { kind, owner }, leadsTo }: OnTheWay) =>
      kind !== 'symlink' || user === null || owner === SUPERUSER || owner === user.id || owner === leadsTo;
    return { place: walked.place, linkOfAnother: walked.way.find((one) => !isFollowed(one))?.at ?? null };
  };

interface OnTheWay {
  readonly at: string;
  readonly stat: EntryStat;
  /** Owner of the directory that a symlink leads to, or in which that would be; null of what is none. */
  readonly leadsTo: number | null;
}

/** Directories and links that lead to a path, the root first; null where they lead in a circle. The path itself is none of them. */
const wayTo = (files: Pick<HostFileSystem, 'lstat' | 'readLink'>, path: string): readonly OnTheWay[] | null =>
  walkTo(files, path)?.way ?? null;

/** The same with the place of the path's directory without symlinks, as far as the way was there. */
const walkTo = (
  files: Pick<HostFileSystem, 'lstat' | 'readLink'>,
  path: string,
): { readonly way: readonly OnTheWay[]; readonly place: string } | null => {
  const way: (OnTheWay & { leadsTo: number | null })[] = [];
  const add = (at: string, stat: EntryStat) => way.push({ at, stat, leadsTo: null });
  const root = files.lstat('/')();
  if (!isLeft(root)) add('/', root.right);
  let [at, rest, links] = ['', namesIn(path).slice(0, -1), 0];
  /** Links that are being followed, with the number of names that are left behind what they lead to. */
  let followed: { readonly link: (typeof way)[number]; readonly behind: number }[] = [];
  /** Links that have led to where the walk is now. */
  const arrive = (behind: number): void => {
    const here = way.findLast((one) => one.at === (at || '/'));
    for (const one of followed) if (one.behind >= behind) one.link.leadsTo = here?.stat.owner ?? null;
    followed = followed.filter((one) => one.behind < behind);
  };
  const here = () => {
    arrive(0);
    return { way, place: [at, ...rest].join('/') || '/' };
  };
  while (rest.length > 0) {
    const [name = '', ...after] = rest;
    if (name === '..') {
      at = at.slice(0, Math.max(0, at.lastIndexOf('/')));
      rest = after;
      arrive(rest.length);
      continue;
    }
    const next = `${at}/${name}`;
    const stat = files.lstat(next)();
    if (isLeft(stat)) return here();
    add(next, stat.right);
    if (stat.right.kind === 'symlink') {
      const target = files.readLink(next)();
      if (isLeft(target)) return here();
      links += 1;
      if (links > MOST_LINKS) return null;
      const link = way.at(-1);
      if (link !== undefined) followed.push({ link, behind: after.length });
      if (target.right.startsWith('/')) at = '';
      rest = [...namesIn(target.right), ...after];
    } else if (stat.right.kind === 'directory') {
      at = next;
      rest = after;
    } else return here();
    arrive(rest.length);
  }
  return here();
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
