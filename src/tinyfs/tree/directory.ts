import type { NodeRow } from '../../domain/tree/node-row.js';
import { type LayeredMap, layeredMap } from './layered-map.js';

/** The entries of one directory, folded from the rows that were ever written for it. */
export interface Directory {
  /** The newest row of each current entry, by name. */
  readonly entries: Pick<LayeredMap<string, NodeRow>, 'get' | 'values'>;
  /** All rows of each node that is or was here, by node id, in ascending order of version. */
  readonly rows: Pick<LayeredMap<string, readonly NodeRow[]>, 'get' | 'entries' | 'size'>;
  /** Directories in it that were never anywhere else, with all their rows, by node id. */
  readonly subdirectories: Pick<LayeredMap<string, readonly NodeRow[]>, 'entries'>;
  /** Exchanges the rows of one node that the running transaction wrote. */
  readonly rewrite: (nodeId: string, txnSeq: number, rows: readonly NodeRow[]) => void;
  /** Adds the newest row of a node that is here under the same name. */
  readonly append: (row: NodeRow) => void;
  /** The same directory: what becomes of either is nothing to the other. */
  readonly copy: () => Directory;
}

interface Parts {
  readonly entries: LayeredMap<string, NodeRow>;
  readonly rows: LayeredMap<string, readonly NodeRow[]>;
  readonly subdirectories: LayeredMap<string, readonly NodeRow[]>;
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
  const subdirectories = new Map<string, readonly NodeRow[]>();
  for (const [nodeId, all] of rows) {
    const newest = all.at(-1);
    if (newest === undefined || newest.deleted) continue;
    entries.set(newest.name, newest);
    if (isWholeDirectory(all, newest)) subdirectories.set(nodeId, all);
  }
  return directoryOf({
    entries: layeredMap(entries),
    rows: layeredMap<string, readonly NodeRow[]>(rows),
    subdirectories: layeredMap(subdirectories),
  });
};

/** Versions count from 1 without gaps, wherever the node was. */
const isWholeDirectory = (rows: readonly NodeRow[], newest: NodeRow): boolean =>
  newest.fileType === 'directory' && rows.length === newest.version;

const directoryOf = ({ entries, rows, subdirectories }: Parts): Directory => {
  /** Lists of rows that nobody else has: a series of many versions is not copied for each of them. */
  const own = new Map<string, NodeRow[]>();
  return {
    entries,
    rows,
    subdirectories,
    rewrite: (nodeId, txnSeq, written) => {
      const before = rows.get(nodeId) ?? [];
      const shown = before.at(-1);
      if (shown !== undefined && entries.get(shown.name)?.nodeId === nodeId) entries.delete(shown.name);
      // No longer than it is: a list that grew has room for more, and there is one for each file of a commit.
      const after = before.filter((row) => row.txnSeq < txnSeq).concat(written);
      const newest = after.at(-1);
      own.delete(nodeId);
      subdirectories.delete(nodeId);
      if (newest === undefined) {
        rows.delete(nodeId);
        return;
      }
      rows.set(nodeId, after);
      if (newest.deleted) return;
      entries.set(newest.name, newest);
      if (isWholeDirectory(after, newest)) subdirectories.set(nodeId, after);
    },
    append: (row) => {
      const list = own.get(row.nodeId) ?? [...(rows.get(row.nodeId) ?? [])];
      list.push(row);
      own.set(row.nodeId, list);
      rows.set(row.nodeId, list);
      entries.set(row.name, row);
    },
    copy: () => {
      // From now on both have them.
      own.clear();
      return directoryOf({
        entries: entries.copy(),
        rows: rows.copy(),
        subdirectories: subdirectories.copy(),
      });
    },
  };
};
