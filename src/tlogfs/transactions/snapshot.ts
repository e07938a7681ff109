import { attemptRead } from '../failure.js';
import type { TableState } from '../log/table-state.js';
import type { Snapshot } from '../tlog.js';
import { snapshotContents } from './snapshot-contents.js';
import { snapshotRows } from './snapshot-rows.js';
import type { SnapshotSource } from './snapshot-source.js';

export type { SnapshotSource } from './snapshot-source.js';

/**
 * The snapshots of one version, by transaction, the last used one last. Tasks of one commit all read the same one: its rows are read
 * once. What was read of them is large, and whoever works through a thousand commits, or looks through the past, asks for a thousand.
 */
const opened = new WeakMap<TableState, Map<number, Snapshot>>();
const KEPT_OF_VERSION = 8;

/** The snapshot of one version up to a transaction; everybody who asks for the same one shares it. */
export const openSnapshot = (source: SnapshotSource, at: TableState, txnSeq: number): Snapshot => {
  const ofVersion = opened.get(at) ?? new Map<number, Snapshot>();
  opened.set(at, ofVersion);
  const snapshot = ofVersion.get(txnSeq) ?? createSnapshot(source, at, txnSeq);
  ofVersion.delete(txnSeq);
  ofVersion.set(txnSeq, snapshot);
  const [oldest] = ofVersion.keys();
  if (oldest !== undefined && ofVersion.size > KEPT_OF_VERSION) ofVersion.delete(oldest);
  return snapshot;
};

const createSnapshot = (source: SnapshotSource, at: TableState, txnSeq: number): Snapshot => {
  const rows = snapshotRows(source, at, txnSeq);
  return {
    version: at.version,
    txnSeq,
    rowsOf: (partId) => attemptRead(() => rows.of(partId)),
    release: rows.release,
    rowsNamed: (partId, name) => attemptRead(() => rows.named(partId, name)),
    rowsOfNode: (nodeId) => attemptRead(() => rows.select({ nodeId })),
    rowsOfTransaction: (wanted) => attemptRead(() => rows.select({ txnSeq: wanted })),
    rowsAfter: (after) => attemptRead(() => rows.select({ after })),
    ...snapshotContents(source, rows),
  };
};
