import { isLeft } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { Glob } from '../../domain/paths/glob-pattern.js';
import type { Segment } from '../../domain/paths/glob-segment.js';
import { acceptsName, withSkippedDepths } from '../../domain/paths/matches-glob.js';
import { childOf, nameOf, type PondPath, ROOT } from '../../domain/paths/pond-path.js';
import { compareUtf8, sortedByUtf8 } from '../../domain/text/bytes-order.js';
import { type Steps, steps } from '../../effects/steps.js';
import type { TinyFsError } from '../errors.js';
import { type Location, ROOT_LOCATION } from '../location.js';
import type { Entry, Matches } from '../tinyfs.js';
import type { Tree } from '../tree/tree.js';
import { childNamed, childrenOf, isDirectory, isSymlink, storedDirectoryId } from './children.js';
import { entryAt, entryIfPlain } from './entry.js';
import { find } from './resolve-path.js';

/** Takes a match; false, or a promise of it, ends the search. */
export type TakeMatch = (entry: Entry) => unknown;

/**
 * Hands over everything that matches a glob, sorted by path (bytes of UTF-8), as it is found: what is in memory is as
 * much as the directories on one path have, however many there are. Only directories that can hold matches are looked
 * into. Returns the dynamic directories that could not be.
 */
export const eachMatch = (
  tree: Tree,
  glob: Glob,
  take: TakeMatch,
): TaskEither<TinyFsError, Matches['unreadable']> =>
  steps(async (s) => {
    const search: Search = { s, tree, take, unreadable: new Map(), read: 0, hasEnded: false };
    const wanted = glob.filter((segments) => segments.length > 0);
    if (wanted.length < glob.length) await hand(search, ROOT_LOCATION, ROOT);
    await visit(
      search,
      { location: ROOT_LOCATION, path: ROOT },
      wanted.map((segments) => ({ segments, positions: [0] })),
    );
    return [...search.unreadable]
      .map(([path, error]) => ({ path, error }))
      .sort((a, b) => compareUtf8(a.path, b.path));
  });

interface Search {
  readonly s: Steps<TinyFsError>;
  readonly tree: Tree;
  readonly take: TakeMatch;
  readonly unreadable: Map<PondPath, TinyFsError>;
  /** Entries of the directories that were read. */
  read: number;
  hasEnded: boolean;
}

/** A directory and the path that led to it, perhaps over symlinks. */
interface Visited {
  readonly location: Location;
  readonly path: PondPath;
}

/** One alternative of a glob, and the segments that a name may stand for; more than one below `**`. */
interface Wanted {
  readonly segments: readonly Segment[];
  readonly positions: readonly number[];
}

/** Something to do in a directory: hand over an entry, or look for matches below it. */
interface Turn {
  /** Place among the others: what is below `a` comes where `a/` would, which is after `a-b`. */
  readonly key: string;
  readonly child: Visited;
  readonly below: readonly Wanted[] | null;
}

const visit = async (search: Search, directory: Visited, wanted: readonly Wanted[]): Promise<void> => {
  const here = wanted
    .map(({ segments, positions }) => ({ segments, positions: withSkippedDepths(segments, positions) }))
    .filter(({ positions }) => positions.length > 0);
  if (here.length === 0 || search.hasEnded) return;
  const release = releasing(search, directory.location);
  const turns: Turn[] = [];
  for (const location of await candidatesIn(search, directory, here))
    addTurns(turns, directory, location, here);
  for (const { child, below } of sortedByUtf8(turns, ({ key }) => key)) {
    if (search.hasEnded) break;
    if (below === null) {
      const handed = hand(search, child.location, child.path);
      if (handed !== undefined) await handed;
    } else if (isDirectory(child.location)) await visit(search, child, below);
    else await follow(search, child, below);
  }
  release();
};

const addTurns = (turns: Turn[], directory: Visited, location: Location, wanted: readonly Wanted[]): void => {
  const name = location.kind === 'stored' ? location.row.name : nameOf(location.path);
  const path = directory.path === directory.location.path ? location.path : childOf(directory.path, name);
  const child = { location, path };
  let isMatch = false;
  const below: Wanted[] = [];
  const isBranch = isDirectory(location);
  const isLink = isSymlink(location);
  for (const { segments, positions } of wanted) {
    const next: number[] = [];
    for (const at of positions) {
      const segment = segments[at];
      if (segment === undefined || !acceptsName(segment, name)) continue;
      if (at === segments.length - 1) isMatch = true;
      // `**` does not follow symlinks: what is behind them would be found twice, or for ever.
      if (segment.kind === 'any-depth') {
        if (isBranch) next.push(at);
      } else if (at < segments.length - 1 && (isBranch || isLink)) next.push(at + 1);
    }
    if (next.length > 0) below.push({ segments, positions: next });
  }
  if (isMatch) turns.push({ key: name, child, below: null });
  if (below.length > 0) turns.push({ key: `${name}/`, child, below });
};

/** Hands over an entry: at once where neither it nor the taker makes anybody wait. */
const hand = (search: Search, location: Location, path: PondPath): Promise<void> | undefined => {
  const plain = entryIfPlain(location, path);
  if (plain === null) return handRead(search, location, path);
  const taken = search.take(plain);
  if (taken instanceof Promise) return awaitTaken(search, taken);
  if (taken === false) search.hasEnded = true;
  return undefined;
};

const handRead = async (search: Search, location: Location, path: PondPath): Promise<void> => {
  const entry = await search.s.run(entryAt(search.tree, location, path));
  await awaitTaken(search, search.take(entry));
};

const awaitTaken = async (search: Search, taken: unknown): Promise<void> => {
  if ((await taken) === false) search.hasEnded = true;
};

/** Entries that are kept of what a search has read; the directories of a larger one are read and let go. */
const KEPT_ENTRIES = 16_384;

/** Lets go of a directory that this search was the first to read, once there are many of them. */
const releasing = (search: Search, location: Location): (() => void) => {
  const { directories } = search.tree;
  const partId = storedDirectoryId(location);
  if (partId === null || directories.peek(partId) !== undefined) return () => undefined;
  return () => {
    search.read += directories.peek(partId)?.rows.size() ?? 0;
    if (search.read > KEPT_ENTRIES) directories.release(partId);
  };
};

/** Entries of a directory that could match: looked up where only names are wanted, listed otherwise. */
const candidatesIn = async (
  search: Search,
  directory: Visited,
  wanted: readonly Wanted[],
): Promise<readonly Location[]> => {
  const segments = wanted.flatMap((one) => one.positions.map((at) => one.segments[at]));
  const names = segments.flatMap((segment) => (segment?.kind === 'name' ? [segment.name] : []));
  const stored = storedDirectoryId(directory.location) !== null;
  if (stored && names.length === segments.length) {
    const found = [];
    for (const name of new Set(names)) {
      const child = await search.s.run(childNamed(search.tree, directory.location, name));
      if (child !== undefined) found.push(child);
    }
    return found;
  }
  const children = await childrenOf(search.tree, directory.location)();
  if (!isLeft(children)) return children.right;
  if (stored) return search.s.fail(children.left);
  // A dynamic directory that is broken hides no match elsewhere; it is reported beside them.
  search.unreadable.set(directory.path, children.left);
  return [];
};

const follow = async (search: Search, link: Visited, wanted: readonly Wanted[]): Promise<void> => {
  const target = await find(search.tree, link.location.path, 'follow')();
  if (!isLeft(target)) {
    if (isDirectory(target.right)) await visit(search, { location: target.right, path: link.path }, wanted);
    return;
  }
  switch (target.left._tag) {
    case 'PathNotFound':
    case 'NotADirectory':
    case 'SymlinkLoop':
      // It leads nowhere, so nothing below it matches.
      return;
    case 'CorruptData':
    case 'UnsupportedData':
    case 'ContentForgotten':
    case 'StorageFailed':
      return search.s.fail(target.left);
    default:
      search.unreadable.set(link.path, target.left);
  }
};
