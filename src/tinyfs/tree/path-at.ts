import { type NodeRow, ROOT_ID } from '../../domain/node-row.js';
import { childOf, type PondPath, ROOT } from '../../domain/paths/pond-path.js';
import type { Steps } from '../../effects/steps.js';
import type { PersistenceError, PersistenceView } from '../persistence.js';
import type { Directories } from './directories.js';

/** The state before a transaction, or the one after it. */
export type Moment = 'before' | 'after';

/** What one transaction wrote, by node, and where else to look. */
export interface TransactionRows {
  readonly view: PersistenceView;
  readonly directories: Directories;
  readonly txnSeq: number;
  /** Rows in ascending order of version. */
  readonly byNode: ReadonlyMap<string, readonly NodeRow[]>;
  /** Paths of directories that were computed before, by moment and id. */
  readonly paths: Map<string, PondPath>;
}

/** A node's newest row before or after the transaction; undefined where there was no such node. */
export const rowAt = async (
  s: Steps<PersistenceError>,
  txn: TransactionRows,
  nodeId: string,
  moment: Moment,
): Promise<NodeRow | undefined> => {
  const written = txn.byNode.get(nodeId);
  const bound = moment === 'before' ? txn.txnSeq - 1 : txn.txnSeq;
  const first = written?.[0];
  if (written === undefined || first === undefined) {
    const history = txn.directories.historyOf(nodeId) ?? (await s.run(txn.view.rowsOfNode(nodeId)));
    return history.findLast((row) => row.txnSeq <= bound);
  }
  if (moment === 'after') return written.at(-1);
  // Versions count from 1. A transaction's first row of a node is in the directory where the node was before: what
  // was moved away leaves a tombstone there.
  if (first.version === 1) return undefined;
  const directory = await s.run(txn.directories.get(first.partId));
  return directory.rows.get(nodeId)?.findLast((row) => row.txnSeq <= bound);
};

/** Where a row's entry is before or after the transaction. */
export const pathAt = async (
  s: Steps<PersistenceError>,
  txn: TransactionRows,
  row: NodeRow,
  moment: Moment,
): Promise<PondPath> => childOf(await directoryPathAt(s, txn, row, moment, 0), row.name);

/** The path of the directory that a row is in; computed once for all that is in it. */
const directoryPathAt = async (
  s: Steps<PersistenceError>,
  txn: TransactionRows,
  row: NodeRow,
  moment: Moment,
  depth: number,
): Promise<PondPath> => {
  if (row.partId === ROOT_ID) return ROOT;
  const key = `${moment} ${row.partId}`;
  const known = txn.paths.get(key);
  if (known !== undefined) return known;
  const directory = await rowAt(s, txn, row.partId, moment);
  if (directory === undefined || depth > DEPTH_MAX) return s.fail(lost(row));
  const path = childOf(await directoryPathAt(s, txn, directory, moment, depth + 1), directory.name);
  txn.paths.set(key, path);
  return path;
};

/** Deeper than any path is long: a log in which directories hold each other. */
const DEPTH_MAX = 4096;

const lost = (row: NodeRow): PersistenceError => ({
  _tag: 'CorruptData',
  path: row.nodeId,
  problem: `the directory ${row.partId} of ${JSON.stringify(row.name)} has no way to the root`,
});
