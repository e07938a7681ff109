import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { contractIn } from '../../domain/series/series-contract.js';
import type { NodeRow } from '../../domain/tree/node-row.js';
import type { PersistenceError } from '../persistence.js';
import type { Tree } from '../tree/tree.js';

const hasContent = (row: NodeRow): boolean => row.storageFormat !== 'none';

/**
 * All rows of a current node, in ascending order of version. Versions have no gaps, so where there are as many rows in
 * its directory as it has versions, it never was anywhere else; only what was moved is looked for in the whole log.
 */
const historyOf = (tree: Tree, row: NodeRow): TE.TaskEither<PersistenceError, readonly NodeRow[]> =>
  pipe(
    tree.directories.rowsIn(row.partId, row.nodeId),
    TE.flatMap((here) => (here.length === row.version ? TE.right(here) : tree.view.rowsOfNode(row.nodeId))),
  );

/** The rows of a node that carry content, oldest first: its versions, without those of a series that are taken out. */
export const contentRowsOf = (
  tree: Tree,
  row: NodeRow,
): TE.TaskEither<PersistenceError, readonly NodeRow[]> =>
  pipe(
    historyOf(tree, row),
    TE.map((rows) => {
      const takenOut = takenOutOf(row);
      return rows.filter((each) => hasContent(each) && !takenOut.has(each.version));
    }),
  );

/** Versions that a series no longer has. */
export const takenOutOf = ({ fileType, attributes }: NodeRow): ReadonlySet<number> =>
  fileType === 'series' ? new Set(contractIn(attributes).takenOut) : NONE;

const NONE: ReadonlySet<number> = new Set();

/** The error of reading rows of which one has a content that is forgotten; null: none has. */
export const forgottenAmong = (rows: readonly NodeRow[], path: string): PersistenceError | null => {
  for (const { forgotten, version } of rows)
    if (forgotten !== undefined) return { _tag: 'ContentForgotten', path, version, ...forgotten };
  return null;
};

/** The row that carries the present content of a node: its newest one, or one from before it was renamed or moved. */
export const contentRowOf = (tree: Tree, row: NodeRow): TE.TaskEither<PersistenceError, NodeRow> =>
  hasContent(row)
    ? TE.right(row)
    : pipe(
        renamedHere(tree, row),
        TE.flatMap((here) => (here === undefined ? newestWithContent(tree, row) : TE.right(here))),
      );

/** Goes back through renames in the same directory; undefined when that leads out of it. */
const renamedHere = (tree: Tree, row: NodeRow): TE.TaskEither<PersistenceError, NodeRow | undefined> =>
  pipe(
    tree.directories.rowsIn(row.partId, row.nodeId),
    TE.map((here) => newestReachable(here, row.version)),
  );

const newestReachable = (rows: readonly NodeRow[], version: number): NodeRow | undefined => {
  let expected = version;
  for (const row of rows.toReversed()) {
    if (row.version !== expected) return undefined;
    if (hasContent(row)) return row;
    expected -= 1;
  }
  return undefined;
};

const newestWithContent = (tree: Tree, row: NodeRow): TE.TaskEither<PersistenceError, NodeRow> =>
  pipe(
    tree.view.rowsOfNode(row.nodeId),
    TE.flatMap((rows) => {
      const newest = rows.findLast(hasContent);
      return newest === undefined
        ? TE.left<PersistenceError, NodeRow>({
            _tag: 'CorruptData',
            path: row.nodeId,
            problem: `no version of ${JSON.stringify(row.name)} has content`,
          })
        : TE.right(newest);
    }),
  );
