import type { NodeRow } from '../domain/node-row.js';

/** The entries of one directory, folded from the rows that were ever written for it. */
export interface Directory {
  /** The newest row of each current entry, by name. */
  readonly entries: ReadonlyMap<string, NodeRow>;
  /** All rows of each node that is or was here, by node id, in ascending order of version. */
  readonly rows: ReadonlyMap<string, readonly NodeRow[]>;
  /** Exchanges the rows of one node that the running transaction wrote. */
  readonly rewrite: (nodeId: string, txnSeq: number, rows: readonly NodeRow[]) => void;
  /** Adds the newest row of a node that is here under the same name. */
  readonly append: (row: NodeRow) => void;
}

/** Folds the rows of one directory, given in ascending order of version: a node's newest row is its state. */
export const foldDirectory = (written: readonly NodeRow[]): Directory => {
  const rows = new Map<string, NodeRow[]>();
  for (const row of written) {
    const earlier = rows.get(row.nodeId);
    if (earlier === undefined) rows.set(row.nodeId, [row]);
    else earlier.push(row);
  }
  const entries = new Map<string, NodeRow>();
  for (const all of rows.values()) {
    const newest = all.at(-1);
    if (newest !== undefined && !newest.deleted) entries.set(newest.name, newest);
  }
  return {
    entries,
    rows,
    rewrite: rewriteIn(entries, rows),
    append: (row) => {
      rows.get(row.nodeId)?.push(row);
      entries.set(row.name, row);
    },
  };
};

const rewriteIn =
  (entries: Map<string, NodeRow>, rows: Map<string, NodeRow[]>): Directory['rewrite'] =>
  (nodeId, txnSeq, written) => {
    const before = rows.get(nodeId) ?? [];
    const shown = before.at(-1);
    if (shown !== undefined && entries.get(shown.name)?.nodeId === nodeId) entries.delete(shown.name);
    const after = [...before.filter((row) => row.txnSeq < txnSeq), ...written];
    const newest = after.at(-1);
    if (newest === undefined) rows.delete(nodeId);
    else rows.set(nodeId, after);
    if (newest !== undefined && !newest.deleted) entries.set(newest.name, newest);
  };
