import { isRight } from 'fp-ts/lib/Either.js';
import type { NodeRow } from '../../domain/tree/node-row.js';
import { blobContent, forgottenContent, inlineContent, noContent } from '../contents/content-stream.js';
import { attemptRead, corrupt, isMissing } from '../failure.js';
import { mayContain, type RowSelection } from '../log/file-statistics.js';
import type { DataFile } from '../log/log-entry.js';
import type { PublishedTable } from '../log/publication.js';
import type { Table } from '../log/table.js';
import type { TableState } from '../log/table-state.js';
import type { RowFiles } from '../rows/row-files.js';
import type { TableLayout } from '../table-layout.js';
import type { Snapshot } from '../tlog.js';

/** Parts that snapshots of one table share. */
export interface SnapshotSource extends PublishedTable {
  readonly table: Table;
  readonly rowFiles: RowFiles;
}

/** Rows in which looking for a name takes longer than reading them all. */
const FEW_ROWS = 256;
/** Another engine need not say how many rows a file has. */
const UNKNOWN_ROWS = 1_000_000;

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

/**
 * The rows up to a transaction, in the files of one version. Merging changes which files hold a row, never the
 * rows: when a file is gone, the newest version shows the same rows up to the same transaction.
 */
const createSnapshot = (source: SnapshotSource, at: TableState, txnSeq: number): Snapshot => {
  const { files, layout, table, rowFiles } = source;
  let state = at;

  const readFiles = async (selection: RowSelection): Promise<readonly NodeRow[]> => {
    const found: NodeRow[] = [];
    const wanted: DataFile[] = [];
    for (const file of state.files.values()) {
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

  const namesIn = async (partId: string, name: string): Promise<ReadonlySet<string>> => {
    const found = new Set<string>();
    for (const file of state.files.values()) {
      if (!mayContain(file.bounds, { partId })) continue;
      for (const nodeId of await rowFiles.nodesNamed(file, partId, name)) found.add(nodeId);
    }
    return found;
  };

  const select = (selection: RowSelection): Promise<readonly NodeRow[]> =>
    inNewest(() => readFiles(selection));

  /** Reads files, again in the newest version where one of them has been merged away and removed. */
  const inNewest = async <A>(read: () => Promise<A>): Promise<A> => {
    for (;;) {
      try {
        return await read();
      } catch (error) {
        if (!isMissing(error)) throw error;
        const before = state;
        state = table.refresh();
        const gone = goneFile(before, layout, error.path);
        if (gone === null || state.files.has(gone.path)) throw corrupt(error.path, 'missing data file');
      }
    }
  };

  // The rows of a directory are asked for again and again; a snapshot never changes.
  const directories = new Map<string, Promise<readonly NodeRow[]>>();
  const rowsOf = (partId: string): Promise<readonly NodeRow[]> => {
    const known = directories.get(partId);
    if (known !== undefined) return known;
    const rows = select({ partId });
    directories.set(partId, rows);
    rows.catch(() => directories.delete(partId));
    return rows;
  };

  const rowsNamed = async (partId: string, name: string): Promise<readonly NodeRow[] | null> => {
    if (directories.has(partId)) return null;
    let mostRows = 0;
    for (const { bounds } of state.files.values()) {
      if (mayContain(bounds, { partId })) mostRows += bounds.rows === 0 ? UNKNOWN_ROWS : bounds.rows;
    }
    if (mostRows <= FEW_ROWS) return null;
    const rows: NodeRow[] = [];
    for (const nodeId of await inNewest(() => namesIn(partId, name))) {
      for (const row of await select({ partId, nodeId })) rows.push(row);
    }
    return rows.sort((a, b) => a.version - b.version);
  };

  const loadInline = async (row: NodeRow): Promise<Uint8Array | null> => {
    try {
      const bytes = await rowFiles.contentOf(row);
      if (bytes !== undefined) return bytes;
    } catch (error) {
      // Merged away since the row was read: the row is in another file by now.
      if (!isMissing(error)) throw error;
      state = table.refresh();
      directories.delete(row.partId);
    }
    const stored = await storedNow(row);
    if (stored?.forgotten !== undefined) throw forgottenContent(stored);
    return stored === undefined ? null : ((await rowFiles.contentOf(stored)) ?? null);
  };

  const storedNow = async (row: NodeRow): Promise<NodeRow | undefined> =>
    (await rowsOf(row.partId)).find(
      ({ nodeId, version }) => nodeId === row.nodeId && version === row.version,
    );

  /** A blob; where it is gone, the newest version tells whether its content was forgotten since the row was read. */
  async function* blobOf(row: NodeRow, digest: string): AsyncGenerator<Uint8Array> {
    try {
      yield* blobContent(files, layout.blob(digest), row);
    } catch (error) {
      const before = state;
      state = table.refresh();
      if (state === before) throw error;
      directories.delete(row.partId);
      const stored = await storedNow(row);
      throw stored?.forgotten === undefined ? error : forgottenContent(stored);
    }
  }

  return {
    version: at.version,
    txnSeq,
    rowsOf: (partId) => attemptRead(() => rowsOf(partId)),
    release: (partId) => {
      directories.delete(partId);
    },
    rowsNamed: (partId, name) => attemptRead(() => rowsNamed(partId, name)),
    rowsOfNode: (nodeId) => attemptRead(() => select({ nodeId })),
    rowsOfTransaction: (wanted) => attemptRead(() => select({ txnSeq: wanted })),
    rowsAfter: (after) => attemptRead(() => select({ after })),
    fileOf: (row) => {
      if (row.storageFormat !== 'external' || row.sha256 === null) return null;
      const path = layout.blob(row.sha256);
      const found = files.stat(path)();
      return isRight(found) && found.right.kind === 'file' && found.right.size === row.size ? path : null;
    },
    open: (row) => {
      switch (row.storageFormat) {
        case 'inline':
          return inlineContent(row, () => loadInline(row));
        case 'external':
          return row.sha256 === null ? noContent(row) : blobOf(row, row.sha256);
        case 'forgotten':
        case 'none':
          return noContent(row);
      }
    },
  };
};

const goneFile = (state: TableState, layout: TableLayout, path: string): DataFile | null =>
  [...state.files.values()].find((file) => layout.dataFile(file.path) === path) ?? null;
