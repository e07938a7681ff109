import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { PondPath } from '../../domain/paths/pond-path.js';
import { contractIn } from '../../domain/series/series-contract.js';
import { isDynamic, type NodeRow } from '../../domain/tree/node-row.js';
import type { LoadedNode } from '../dynamic-nodes.js';
import type { TinyFsError } from '../errors.js';
import { hostOf, type Location } from '../location.js';
import type { ByteStream, PersistenceError } from '../persistence.js';
import type { Version } from '../tinyfs.js';
import type { Tree } from '../tree/tree.js';
import { contentRowOf, contentRowsOf, forgottenAmong, takenOutOf } from './content-rows.js';
import { collect, contentsOf, streamOfHost } from './content-stream.js';
import { loadWith } from './dynamic-directory.js';

/** Content that is to be read, and which version of it (null: the present one). */
export interface Wanted {
  readonly location: Location;
  /** The path as the caller named it, for errors. */
  readonly path: PondPath;
  readonly version: number | null;
}

/** The content of a file, whatever kind of file it is. */
export const readContent = (tree: Tree, wanted: Wanted): TE.TaskEither<TinyFsError, ByteStream> => {
  const { location, path, version } = wanted;
  if (location.kind === 'root') return TE.left({ _tag: 'IsADirectory', path });
  if (location.kind === 'virtual') {
    if (location.entry.kind === 'directory') return TE.left({ _tag: 'IsADirectory', path });
    return version === null
      ? TE.right(streamOfHost(location.host, deferred(location.entry.open)))
      : TE.left({ _tag: 'VersionNotFound', path, version });
  }
  if (location.row.fileType === 'directory') return TE.left({ _tag: 'IsADirectory', path });
  if (location.row.fileType === 'series' && version === null) return readSeries(tree, location.row, path);
  return pipe(
    version === null ? presentRow(tree, location.row) : rowsOfVersion(tree, location.row, path, version),
    TE.flatMap(refuseForgotten(path)),
    TE.flatMap((rows) =>
      isDynamic(location.row.fileType)
        ? readDynamic(tree, location, contentsOf(tree.view, rows))
        : TE.right(contentsOf(tree.view, rows)),
    ),
  );
};

const presentRow = (tree: Tree, row: NodeRow): TE.TaskEither<TinyFsError, readonly NodeRow[]> =>
  pipe(
    contentRowOf(tree, row),
    TE.map((content) => [content]),
  );

/** All versions of a series together. */
const readSeries = (tree: Tree, row: NodeRow, path: PondPath): TE.TaskEither<TinyFsError, ByteStream> =>
  pipe(
    contentRowsOf(tree, row),
    TE.flatMap(refuseForgotten(path)),
    TE.map((rows) =>
      tree.seriesFormat === null
        ? contentsOf(tree.view, rows)
        : tree.seriesFormat.whole({
            path,
            contract: contractIn(row.attributes),
            parts: rows.map((each) => ({ ...asVersion(each), content: contentsOf(tree.view, [each]) })),
          }),
    ),
  );

const refuseForgotten =
  (path: PondPath) =>
  (rows: readonly NodeRow[]): TE.TaskEither<TinyFsError, readonly NodeRow[]> => {
    const forgotten = forgottenAmong(rows, path);
    return forgotten === null ? TE.right(rows) : TE.left(forgotten);
  };

/** A version that a rename made has the content of the one before. */
const rowsOfVersion = (
  tree: Tree,
  row: NodeRow,
  path: string,
  version: number,
): TE.TaskEither<TinyFsError, readonly NodeRow[]> =>
  pipe(
    contentRowsOf(tree, row),
    TE.flatMap((rows) => {
      const content =
        version <= row.version && !takenOutOf(row).has(version)
          ? rows.findLast((candidate) => candidate.version <= version)
          : undefined;
      return content === undefined
        ? TE.left<TinyFsError, readonly NodeRow[]>({ _tag: 'VersionNotFound', path, version })
        : TE.right([content]);
    }),
  );

const readDynamic = (
  tree: Tree,
  location: Location & { kind: 'stored' },
  config: ByteStream,
): TE.TaskEither<TinyFsError, ByteStream> =>
  pipe(
    collect(config, location.path),
    TE.flatMap((bytes) => loadWith(tree, location.path, location.row, bytes)),
    TE.flatMap((loaded) => contentOfLoaded(loaded, location, config)),
  );

const contentOfLoaded = (
  loaded: LoadedNode,
  { path, row }: Location & { kind: 'stored' },
  config: ByteStream,
): TE.TaskEither<TinyFsError, ByteStream> => {
  switch (loaded.kind) {
    case 'file':
      return pipe(
        loaded.open(),
        TE.map((stream) => streamOfHost(hostOf(path, row), stream)),
      );
    case 'directory':
      return TE.left({ _tag: 'IsADirectory', path });
    case 'executable':
      return TE.right(config);
  }
};

/** Opens a factory's file when it is read, so that what the opening throws is thrown by the stream. */
const deferred = (open: () => ByteStream): ByteStream => ({
  [Symbol.asyncIterator]: () => open()[Symbol.asyncIterator](),
});

/** The versions of a file's content (of a dynamic node: of its configuration), oldest first. */
export const versionsOf = (
  tree: Tree,
  location: Location,
  path: PondPath,
): TE.TaskEither<TinyFsError, readonly Version[]> => {
  if (location.kind === 'virtual' && location.entry.kind === 'file') return TE.right([]);
  if (location.kind !== 'stored' || location.row.fileType === 'directory')
    return TE.left({ _tag: 'IsADirectory', path });
  return pipe(
    contentRowsOf(tree, location.row),
    TE.map((rows) => rows.map(asVersion)),
    TE.mapLeft((error: PersistenceError): TinyFsError => error),
  );
};

const asVersion = (row: NodeRow): Version => ({
  version: row.version,
  txnSeq: row.txnSeq,
  timestamp: row.timestamp,
  size: row.size,
  sha256: row.sha256,
  minEventTime: row.minEventTime,
  maxEventTime: row.maxEventTime,
  ...(row.forgotten === undefined ? {} : { forgotten: row.forgotten }),
});
