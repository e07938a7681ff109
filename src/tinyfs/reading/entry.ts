import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { nameOf, type PondPath } from '../../domain/paths/pond-path.js';
import { isDynamic, type NodeRow } from '../../domain/tree/node-row.js';
import type { VirtualEntry } from '../dynamic-nodes.js';
import type { TinyFsError } from '../errors.js';
import type { Location } from '../location.js';
import type { Entry } from '../tinyfs.js';
import type { Tree } from '../tree/tree.js';
import { contentRowOf, contentRowsOf } from './content-rows.js';
import { collect, contentsOf } from './content-stream.js';

/** A thing in the tree as it is listed under `path`, which may lead over symlinks. */
export const entryAt = (
  tree: Tree,
  location: Location,
  path: PondPath,
): TE.TaskEither<TinyFsError, Entry> => {
  switch (location.kind) {
    case 'root':
      return TE.right({ ...NOTHING_STORED, path, name: nameOf(path), entryType: 'directory', size: 0 });
    case 'virtual':
      return TE.right({ ...NOTHING_STORED, path, name: nameOf(path), ...virtualFacts(location.entry) });
    case 'stored':
      return storedEntry(tree, location.row, path);
  }
};

/** The same where nothing has to be read for it; null where something has. */
export const entryIfPlain = (location: Location, path: PondPath): Entry | null =>
  location.kind === 'stored' && location.row.fileType !== 'series' && location.row.fileType !== 'symlink'
    ? plainEntry(location.row, path, location.row.name)
    : null;

const NOTHING_STORED = {
  nodeId: null,
  version: 0,
  txnSeq: 0,
  timestamp: 0,
  sha256: null,
  factory: null,
  linkTarget: null,
} as const;

const virtualFacts = (entry: VirtualEntry): Pick<Entry, 'entryType' | 'size'> =>
  entry.kind === 'file' ? { entryType: 'file', size: entry.size } : { entryType: 'directory', size: null };

const storedEntry = (tree: Tree, row: NodeRow, path: PondPath): TE.TaskEither<TinyFsError, Entry> => {
  const entry = plainEntry(row, path, nameOf(path));
  switch (row.fileType) {
    case 'series':
      return pipe(
        contentRowsOf(tree, row),
        TE.map((rows) => ({
          ...entry,
          size: rows.reduce((sum, version) => sum + version.size, 0),
          sha256: rows.at(-1)?.sha256 ?? entry.sha256,
        })),
      );
    case 'symlink':
      return pipe(
        linkTargetOf(tree, row),
        TE.map((linkTarget) => ({ ...entry, linkTarget })),
      );
    default:
      return TE.right(entry);
  }
};

const plainEntry = (row: NodeRow, path: PondPath, name: string): Entry => ({
  path,
  name,
  entryType: row.fileType,
  nodeId: row.nodeId,
  version: row.version,
  txnSeq: row.txnSeq,
  timestamp: row.timestamp,
  size: isDynamic(row.fileType) ? null : row.size,
  sha256: row.sha256,
  factory: row.factory,
  linkTarget: null,
});

/** Target of a stored symlink, as it was written. */
export const linkTargetOf = (tree: Tree, row: NodeRow): TE.TaskEither<TinyFsError, string> => {
  const known = row.sha256 === null ? undefined : tree.linkTargets.get(row.sha256);
  if (known !== undefined) return TE.right(known);
  return pipe(
    bytesOf(tree, row),
    TE.map((bytes) => {
      const target = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
      if (row.sha256 !== null) tree.linkTargets.set(row.sha256, target);
      return target;
    }),
  );
};

/** All of a stored node's present content in memory: for configurations and link targets, which are small. */
export const bytesOf = (tree: Tree, row: NodeRow): TE.TaskEither<TinyFsError, Uint8Array> =>
  pipe(
    contentRowOf(tree, row),
    TE.flatMap(
      (content): TE.TaskEither<TinyFsError, Uint8Array> =>
        collect(contentsOf(tree.view, [content]), row.name),
    ),
  );
