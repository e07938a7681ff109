import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { childOf, type PondPath } from '../../domain/paths/pond-path.js';
import { type NodeRow, ROOT_ID } from '../../domain/tree/node-row.js';
import type { VirtualEntry } from '../dynamic-nodes.js';
import type { TinyFsError } from '../errors.js';
import { type Host, hostOf, type Location } from '../location.js';
import type { Tree } from '../tree/tree.js';
import { listDynamic, listVirtual } from './dynamic-directory.js';

/** Everything in a directory, in no particular order; an error where the location is none. */
export const childrenOf = (
  tree: Tree,
  location: Location,
): TE.TaskEither<TinyFsError, readonly Location[]> => {
  const partId = storedDirectoryId(location);
  if (partId !== null)
    return pipe(
      tree.directories.get(partId),
      TE.map((directory) => [...directory.entries.values()].map((row) => storedChild(location.path, row))),
    );
  return pipe(
    madeChildren(tree, location),
    TE.map(({ host, entries }) => entries.map((entry) => virtualChild(location.path, host, entry))),
  );
};

/** One entry of a directory; undefined where there is none of that name. Stored ones are looked up, not searched. */
export const childNamed = (
  tree: Tree,
  location: Location,
  name: string,
): TE.TaskEither<TinyFsError, Location | undefined> => {
  const partId = storedDirectoryId(location);
  if (partId !== null)
    return pipe(
      tree.directories.entryNamed(partId, name),
      TE.map((row) => (row === undefined ? undefined : storedChild(location.path, row))),
    );
  return pipe(
    madeChildren(tree, location),
    TE.map(({ host, entries }) => {
      const entry = entries.find((candidate) => candidate.name === name);
      return entry === undefined ? undefined : virtualChild(location.path, host, entry);
    }),
  );
};

/** The same where the directory is a stored one that was read already. */
export const childIfRead = (
  tree: Tree,
  location: Location,
  name: string,
): Location | undefined | 'unread' => {
  const partId = storedDirectoryId(location);
  const directory = partId === null ? undefined : tree.directories.peek(partId);
  if (directory === undefined) return 'unread';
  const row = directory.entries.get(name);
  return row === undefined ? undefined : storedChild(location.path, row);
};

/** The id under which a stored directory's entries are kept; null for everything else. */
export const storedDirectoryId = (location: Location): string | null => {
  if (location.kind === 'root') return ROOT_ID;
  return location.kind === 'stored' && location.row.fileType === 'directory' ? location.row.nodeId : null;
};

/** Tells whether a location has entries, stored or made. */
export const isDirectory = (location: Location): boolean => {
  switch (location.kind) {
    case 'root':
      return true;
    case 'stored':
      return location.row.fileType === 'directory' || location.row.fileType === 'directory:dynamic';
    case 'virtual':
      return location.entry.kind === 'directory';
  }
};

export const isSymlink = (location: Location): location is Location & { kind: 'stored' } =>
  location.kind === 'stored' && location.row.fileType === 'symlink';

interface Made {
  readonly host: Host;
  readonly entries: readonly VirtualEntry[];
}

const madeChildren = (tree: Tree, location: Location): TE.TaskEither<TinyFsError, Made> => {
  const made = (host: Host, entries: TE.TaskEither<TinyFsError, readonly VirtualEntry[]>) =>
    TE.map((all: readonly VirtualEntry[]): Made => ({ host, entries: all }))(entries);
  if (location.kind === 'virtual' && location.entry.kind === 'directory')
    return made(location.host, listVirtual(location.host, location.entry.list));
  if (location.kind === 'stored' && location.row.fileType === 'directory:dynamic')
    return made(hostOf(location.path, location.row), listDynamic(tree, location.path, location.row));
  return TE.left({
    _tag: 'NotADirectory',
    path: location.path,
    entryType: location.kind === 'stored' ? location.row.fileType : 'file',
  });
};

const storedChild = (directory: PondPath, row: NodeRow): Location => ({
  kind: 'stored',
  path: childOf(directory, row.name),
  row,
});

const virtualChild = (directory: PondPath, host: Host, entry: VirtualEntry): Location => ({
  kind: 'virtual',
  path: childOf(directory, entry.name),
  host,
  entry,
});
