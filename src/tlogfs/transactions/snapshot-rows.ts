import type { NodeRow } from '../../domain/tree/node-row.js';
import { corrupt, isMissing } from '../failure.js';
import { mayContain, type RowSelection } from '../log/file-statistics.js';
import type { DataFile } from '../log/log-entry.js';
import type { TableState } from '../log/table-state.js';
import type { RowFiles } from '../rows/row-files.js';
import type { TableLayout } from '../table-layout.js';
import type { SnapshotSource } from './snapshot-source.js';

/** Rows in which looking for a name takes longer than reading them all. */
const FEW_ROWS = 256;
/** Another engine need not say how many rows a file has. */
const UNKNOWN_ROWS = 1_000_000;

/** Rows of one snapshot. What cannot be read is thrown, as everywhere inside of this floor. */
export interface SnapshotRows {
  /** The rows of one directory. They are asked for again and again, and kept: a snapshot never changes. */
  readonly of: (partId: string) => Promise<readonly NodeRow[]>;
  /** The rows of the nodes that ever had a name in a directory; null where reading all of it takes no longer. */
  readonly named: (partId: string, name: string) => Promise<readonly NodeRow[] | null>;
  readonly select: (selection: RowSelection) => Promise<readonly NodeRow[]>;
  /** Forgets the kept rows of a directory. */
  readonly release: (partId: string) => void;
  /** Goes over to the newest version, and forgets the kept rows of a directory. False: it is the version that was read so far. */
  readonly renew: (partId: string) => boolean;
  /** The row with that node and version as the version that is read now has it. */
  readonly now: (row: NodeRow) => Promise<NodeRow | undefined>;
}

/**
 * The rows up to a transaction, in the files of one version. Merging changes which files hold a row, never the
 * rows: when a file is gone, the newest version shows the same rows up to the same transaction.
 */
export const snapshotRows = (source: SnapshotSource, at: TableState, txnSeq: number): SnapshotRows => {
  const { layout, table, rowFiles } = source;
  let state = at;
  const directories = new Map<string, Promise<readonly NodeRow[]>>();

  /** Reads files, again in the newest version where one of them has been merged away and removed. */
  const inNewest = async <A>(read: (state: TableState) => Promise<A>): Promise<A> => {
    for (;;) {
      try {
        return await read(state);
      } catch (error) {
        if (!isMissing(error)) throw error;
        const before = state;
        state = table.refresh();
        const gone = goneFile(before, layout, error.path);
        if (gone === null || state.files.has(gone.path)) throw corrupt(error.path, 'missing data file');
      }
    }
  };

  const select = (selection: RowSelection): Promise<readonly NodeRow[]> =>
    inNewest(({ files }) => selectedRows(rowFiles, files.values(), selection, txnSeq));

  const of = (partId: string): Promise<readonly NodeRow[]> => {
    const known = directories.get(partId);
    if (known !== undefined) return known;
    const rows = select({ partId });
    directories.set(partId, rows);
    rows.catch(() => directories.delete(partId));
    return rows;
  };

  return {
    of,
    named: async (partId, name) => {
      if (directories.has(partId) || mostRows(state, partId) <= FEW_ROWS) return null;
      const rows: NodeRow[] = [];
      for (const nodeId of await inNewest(({ files }) => namesIn(rowFiles, files.values(), partId, name))) {
        for (const row of await select({ partId, nodeId })) rows.push(row);
      }
      return rows.sort((a, b) => a.version - b.version);
    },
    select,
    release: (partId) => {
      directories.delete(partId);
    },
    renew: (partId) => {
      const before = state;
      state = table.refresh();
      directories.delete(partId);
      return state !== before;
    },
    now: async (row) =>
      (await of(row.partId)).find(({ nodeId, version }) => nodeId === row.nodeId && version === row.version),
  };
};

/** Rows of files that fit a selection and are not of a later transaction, versions ascending. */
const selectedRows = async (
  rowFiles: RowFiles,
  files: Iterable<DataFile>,
  selection: RowSelection,
  txnSeq: number,
): Promise<readonly NodeRow[]> => {
  const found: NodeRow[] = [];
  const wanted: DataFile[] = [];
  for (const file of files) {
    if (!mayContain(file.bounds, selection)) continue;
    if ((file.bounds.min.txn_seq ?? 0) <= txnSeq) wanted.push(file);
  }
  await rowFiles.prepare?.(wanted.filter((file) => rowFiles.selectKept(file, selection) === null));
  for (const file of wanted) {
    const rows = rowFiles.selectKept(file, selection) ?? (await rowFiles.select(file, selection));
    const newest = file.bounds.max.txn_seq;
    const bounded = newest !== undefined && newest <= txnSeq;
    for (const row of rows) if (bounded || row.txnSeq <= txnSeq) found.push(row);
  }
  // Nearly sorted already: files hold a node's versions in order.
  return found.sort((a, b) => a.version - b.version);
};

/** Ids of the nodes of a directory that have, or had, a name. */
const namesIn = async (
  rowFiles: RowFiles,
  files: Iterable<DataFile>,
  partId: string,
  name: string,
): Promise<ReadonlySet<string>> => {
  const found = new Set<string>();
  for (const file of files) {
    if (!mayContain(file.bounds, { partId })) continue;
    for (const nodeId of await rowFiles.nodesNamed(file, partId, name)) found.add(nodeId);
  }
  return found;
};

/** Rows of the files that may have rows of a directory. */
const mostRows = ({ files }: TableState, partId: string): number => {
  let most = 0;
  for (const { bounds } of files.values()) {
    if (mayContain(bounds, { partId })) most += bounds.rows === 0 ? UNKNOWN_ROWS : bounds.rows;
  }
  return most;
};

const goneFile = (state: TableState, layout: TableLayout, path: string): DataFile | null =>
  [...state.files.values()].find((file) => layout.dataFile(file.path) === path) ?? null;
