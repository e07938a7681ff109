import { isLeft } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { compareUtf8 } from '../../domain/documents/bytes-order.js';
import type { Glob } from '../../domain/paths/glob-pattern.js';
import type { Segment } from '../../domain/paths/glob-segment.js';
import { acceptsName, withSkippedDepths } from '../../domain/paths/matches-glob.js';
import { childOf, nameOf, type PondPath, ROOT } from '../../domain/paths/pond-path.js';
import { type Steps, steps } from '../../effects/steps.js';
import type { TinyFsError } from '../errors.js';
import { type Location, ROOT_LOCATION } from '../location.js';
import type { Matches } from '../tinyfs.js';
import type { Tree } from '../tree/tree.js';
import { childNamed, childrenOf, isDirectory, isSymlink, storedDirectoryId } from './children.js';
import { entryAt } from './entry.js';
import { find } from './resolve-path.js';

/** Everything that matches a glob. Only directories that can hold matches are looked into. */
export const collectMatches = (tree: Tree, glob: Glob): TaskEither<TinyFsError, Matches> =>
  steps(async (s) => {
    const search: Search = { s, tree, found: new Map(), unreadable: new Map() };
    for (const segments of glob) {
      if (segments.length === 0) search.found.set(ROOT, ROOT_LOCATION);
      else await visit(search, { location: ROOT_LOCATION, path: ROOT }, segments, [0]);
    }
    const entries = [];
    for (const path of [...search.found.keys()].sort(compareUtf8)) {
      const location = search.found.get(path);
      if (location !== undefined) entries.push(await s.run(entryAt(tree, location, path)));
    }
    const unreadable = [...search.unreadable]
      .map(([path, error]) => ({ path, error }))
      .sort((a, b) => compareUtf8(a.path, b.path));
    return { entries, unreadable };
  });

interface Search {
  readonly s: Steps<TinyFsError>;
  readonly tree: Tree;
  readonly found: Map<PondPath, Location>;
  readonly unreadable: Map<PondPath, TinyFsError>;
}

/** A directory and the path that led to it, perhaps over symlinks. */
interface Visited {
  readonly location: Location;
  readonly path: PondPath;
}

/**
 * Looks for matches below a directory. `positions`: the segments that a name in this directory may stand for; more than
 * one below `**`.
 */
const visit = async (
  search: Search,
  directory: Visited,
  segments: readonly Segment[],
  positions: readonly number[],
): Promise<void> => {
  const wanted = withSkippedDepths(segments, positions);
  if (wanted.length === 0) return;
  for (const location of await candidatesIn(search, directory, segments, wanted)) {
    const child = { location, path: childOf(directory.path, nameOf(location.path)) };
    const deeper: number[] = [];
    const onward: number[] = [];
    for (const at of wanted) {
      const segment = segments[at];
      if (segment === undefined || !acceptsName(segment, nameOf(location.path))) continue;
      if (at === segments.length - 1) search.found.set(child.path, location);
      if (segment.kind === 'any-depth') deeper.push(at);
      else if (at < segments.length - 1) onward.push(at + 1);
    }
    if (isDirectory(location)) await visit(search, child, segments, [...deeper, ...onward]);
    // `**` does not follow symlinks: what is behind them would be found twice, or for ever.
    else if (onward.length > 0 && isSymlink(location)) await follow(search, child, segments, onward);
  }
};

/** Entries of a directory that could match: looked up where only names are wanted, listed otherwise. */
const candidatesIn = async (
  search: Search,
  directory: Visited,
  segments: readonly Segment[],
  wanted: readonly number[],
): Promise<readonly Location[]> => {
  const names = wanted.flatMap((at) => {
    const segment = segments[at];
    return segment?.kind === 'name' ? [segment.name] : [];
  });
  const stored = storedDirectoryId(directory.location) !== null;
  if (stored && names.length === wanted.length) {
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

const follow = async (
  search: Search,
  link: Visited,
  segments: readonly Segment[],
  positions: readonly number[],
): Promise<void> => {
  const target = await find(search.tree, link.location.path, 'follow')();
  if (!isLeft(target)) {
    if (isDirectory(target.right))
      await visit(search, { location: target.right, path: link.path }, segments, positions);
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
