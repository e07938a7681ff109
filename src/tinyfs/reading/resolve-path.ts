import type * as TE from 'fp-ts/lib/TaskEither.js';
import { childOf, namesOf, type PondPath } from '../../domain/paths/pond-path.js';
import { isDynamic } from '../../domain/tree/node-row.js';
import { type Steps, steps } from '../../effects/steps.js';
import type { TinyFsError } from '../errors.js';
import { type FreeSlot, hostOf, type Location, ROOT_LOCATION } from '../location.js';
import type { Tree } from '../tree/tree.js';
import { childIfRead, childNamed, isDirectory, isSymlink, storedDirectoryId } from './children.js';
import { linkTargetOf } from './entry.js';

/** POSIX lets a system refuse a path that leads over more symlinks than this; Linux does at 40. */
const LINKS_MAX = 40;

interface Resolution {
  /** Tells whether a symlink at the end is followed too. Those on the way always are. */
  readonly followLast: boolean;
  /** Tells whether what is below a dynamic node is looked for, or refused without loading the node. */
  readonly belowDynamic: 'enter' | 'refuse';
  /** Tells whether there may be nothing yet at the path, for which directories on the way must be there. */
  readonly isPlace: boolean;
}

/** The thing at a path, to be read. */
export const find = (
  tree: Tree,
  path: PondPath,
  last: 'follow' | 'itself',
): TE.TaskEither<TinyFsError, Location> =>
  steps(async (s) => {
    const found = await resolve(s, tree, path, {
      followLast: last === 'follow',
      belowDynamic: 'enter',
      isPlace: false,
    });
    return found.kind === 'free' ? s.fail(notFound(path, found.name)) : found;
  });

/** The thing at a path, or the free place for it, to be written; `entry`: only what is there is of use. */
export const findTarget = (
  tree: Tree,
  path: PondPath,
  last: 'follow' | 'itself',
  wanted: 'entry' | 'place' = 'place',
): TE.TaskEither<TinyFsError, Exclude<Location, { kind: 'virtual' }> | FreeSlot> =>
  steps(async (s) => {
    const found = await resolve(s, tree, path, {
      followLast: last === 'follow',
      belowDynamic: 'refuse',
      isPlace: wanted === 'place',
    });
    return found.kind === 'virtual' ? s.fail(readOnly(found)) : found;
  });

export const notFound = (path: string, missing: string): TinyFsError & { _tag: 'PathNotFound' } => ({
  _tag: 'PathNotFound',
  path,
  missing,
});

const readOnly = (location: Location & { kind: 'virtual' }): TinyFsError => ({
  _tag: 'ReadOnlyPath',
  path: location.path,
  factory: location.host.factory,
});

/**
 * Walks from the root, name by name. The way that was really taken is kept, so that `..` in a symlink's target means
 * the directory above the one that the link is in.
 */
const resolve = async (
  s: Steps<TinyFsError>,
  tree: Tree,
  path: PondPath,
  options: Resolution,
): Promise<Location | FreeSlot> => {
  const pending = namesOf(path).toReversed();
  const way: Location[] = [];
  let links = 0;
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    const here = way.at(-1) ?? ROOT_LOCATION;
    const refused = refusalBelow(here, path, options);
    if (refused !== null) return s.fail(refused);
    if (name === '..') {
      way.pop();
      continue;
    }
    // What is read already needs no waiting.
    const read = childIfRead(tree, here, name);
    const child = read === 'unread' ? await s.run(childNamed(tree, here, name)) : read;
    if (child === undefined) {
      const partId = storedDirectoryId(here);
      if (partId === null || pending.length > 0)
        return s.fail({ ...notFound(path, name), ...(options.isPlace ? { lacksParent: true } : {}) });
      return { kind: 'free', path: childOf(here.path, name), partId, name };
    }
    if (!isSymlink(child) || (pending.length === 0 && !options.followLast)) {
      way.push(child);
      continue;
    }
    links += 1;
    if (links > LINKS_MAX) return s.fail({ _tag: 'SymlinkLoop', path });
    const target = await s.run(linkTargetOf(tree, child.row));
    if (target.startsWith('/')) way.length = 0;
    pending.push(
      ...target
        .split('/')
        .filter((part) => part !== '' && part !== '.')
        .toReversed(),
    );
  }
  return way.at(-1) ?? ROOT_LOCATION;
};

/** Reason why nothing can be below a location; null where something can. */
const refusalBelow = (here: Location, path: PondPath, options: Resolution): TinyFsError | null => {
  if (options.belowDynamic === 'refuse' && here.kind === 'stored' && isDynamic(here.row.fileType))
    return { _tag: 'ReadOnlyPath', path, factory: hostOf(here.path, here.row).factory };
  if (here.kind === 'root' || isDirectory(here)) return null;
  return {
    _tag: 'NotADirectory',
    path: here.path,
    entryType: here.kind === 'stored' ? here.row.fileType : 'file',
  };
};
