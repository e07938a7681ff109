import { boundedCache } from '../../domain/bounded-cache.js';
import type { NodeRow } from '../../domain/tree/node-row.js';
import type { FileSystem } from '../../ports/file-system.js';
import { mayContain, type RowSelection } from '../log/file-statistics.js';
import type { DataFile } from '../log/log-entry.js';
import type { ColumnFile } from '../parquet/column-reading.js';
import type { TableLayout } from '../table-layout.js';
import { type DecodedRows, decodedRows } from './decoded-rows.js';
import { mayBeNamed } from './file-groups.js';
import { nameFilters } from './name-filters.js';
import { type OpLogRow, ROW_COLUMNS } from './op-log-columns.js';
import { type OpenedFiles, openedFiles } from './opened-files.js';
import { rowContents } from './row-contents.js';
import { decodeContents, decodeRows } from './row-decoding.js';
import { groupSizes } from './row-groups.js';
import { type RowRanges, rowRanges, WORTH_NARROWING } from './row-ranges.js';
import { type Place, StoredRow } from './stored-row.js';

/**
 * The rows in the table's Parquet files. Files never change, so what was decoded once is kept, up to a bound, for
 * all snapshots. A missing file is thrown as a `FileSystemError` with `ENOENT`: it may have been merged away.
 */
export interface RowFiles {
  /** Rows of a file that fit the selection, in the order of the file. */
  readonly select: (file: DataFile, selection: RowSelection) => Promise<readonly NodeRow[]>;
  /** The same at once, where all rows of the file are kept; null where they are not. */
  readonly selectKept: (file: DataFile, selection: RowSelection) => readonly NodeRow[] | null;
  /** The ids of the nodes of a directory of which some row in the file has that name. */
  readonly nodesNamed: (file: DataFile, partId: string, name: string) => Promise<readonly string[]>;
  /** The bytes of a row that came from `select`; undefined where the row did not. */
  readonly contentOf: (row: NodeRow) => Promise<Uint8Array | null> | undefined;
  /** The bytes of many such rows, checked; null where they are to be asked for by themselves, which tells what is wrong. Nobody may change them. */
  readonly contentsOf: (rows: readonly NodeRow[]) => Promise<readonly (Uint8Array | null)[]>;
  /** A whole file, contents included: as it was written, where this process has just done that. */
  readonly readAll: (file: DataFile) => Promise<readonly OpLogRow[]>;
  /** Begins to fetch files that are about to be read, where they may not be here. */
  readonly prepare?: (files: readonly DataFile[]) => Promise<void>;
  /** Takes note of a file that was just written, so that its rows need not be read back. */
  readonly remember: (file: DataFile, rows: readonly OpLogRow[]) => void;
}

/** Rows of a file that was just written, up to which they are kept: more of them would drive out all others. */
const KEPT_OF_FILE = 8_192;
/** Bytes of files that were just written and are kept with their contents: they are about to be merged. */
const KEPT_WRITTEN = 2 * 1024 * 1024;
/** A larger file is read back. */
const SMALL_WRITTEN = 128 * 1024;

export const rowFiles = (files: FileSystem, layout: TableLayout): RowFiles => {
  const opened = openedFiles(files, layout);
  const { open } = opened;
  const contents = rowContents(opened);
  const ranges = rowRanges();
  const decoded = decodedRows(ranges);
  const named = nodesNamed(open, decoded, ranges);
  const mayHave = nameFilters(files, layout);
  /** Places of rows that were written and not read. */
  const places = new WeakMap<NodeRow, Place>();
  const placeOf = (row: NodeRow): Place | undefined => StoredRow.placeOf(row) ?? places.get(row);
  /** Files that were just written, as they were. */
  const written = boundedCache<readonly OpLogRow[]>(KEPT_WRITTEN);

  return {
    select: async (file, selection) => {
      let parquet: ColumnFile | null = null;
      let groups = opened.knownGroups(file);
      if (groups === undefined) {
        if (selection.partId !== undefined && !mayHave(file, selection.partId)) return [];
        const fresh = await open(file);
        parquet = fresh;
        groups = fresh.groups;
      }
      const found: NodeRow[] = [];
      for (const group of groups) {
        if (!mayContain(group.bounds, selection)) continue;
        let rows = decoded.kept(file, group.start);
        if (rows === undefined) {
          parquet ??= await open(file);
          rows = await decoded.around(file, parquet, group, selection);
        }
        for (const row of rows) if (fits(selection)(row)) found.push(row);
      }
      return found;
    },
    selectKept: (file, selection) => {
      // A file of one group, most of them, needs no footer once its rows are kept.
      const whole = file.bounds.rows > 0 ? decoded.kept(file, 0) : undefined;
      return whole === undefined || whole.length !== file.bounds.rows ? null : whole.filter(fits(selection));
    },
    nodesNamed: async (file, partId, name) => (mayHave(file, partId, name) ? named(file, partId, name) : []),
    contentOf: (row) => {
      const place = placeOf(row);
      return place === undefined ? undefined : contents.of(place, row.sha256);
    },
    contentsOf: (rows) => contents.ofEach(rows, placeOf),
    readAll: async (file) => written.take(file.path) ?? readWhole(await open(file)),
    remember: (file, stored) => {
      const isKept = stored.length <= KEPT_OF_FILE;
      if (file.size <= SMALL_WRITTEN) written.put(file.path, stored, file.size);
      if (isKept) contents.remember(stored);
      let start = 0;
      for (const size of groupSizes(stored)) {
        const rows = stored.slice(start, start + size).map(({ row }) => row);
        for (const [index, row] of rows.entries()) places.set(row, { file, index: start + index });
        if (isKept) decoded.keep(file, start, rows);
        start += size;
      }
    },
  };
};

/** The ids of the nodes of a directory of which some row in a file has a name. */
const nodesNamed =
  (open: OpenedFiles['open'], decoded: DecodedRows, ranges: RowRanges) =>
  async (file: DataFile, partId: string, name: string): Promise<readonly string[]> => {
    const parquet = await open(file);
    const found = new Set<string>();
    for (const group of parquet.groups) {
      if (!mayContain(group.bounds, { partId }) || !mayBeNamed(group, name)) continue;
      const kept =
        decoded.kept(file, group.start) ??
        (group.end - group.start < WORTH_NARROWING
          ? await decoded.around(file, parquet, group, {})
          : undefined);
      if (kept !== undefined) {
        for (const row of kept) if (row.partId === partId && row.name === name) found.add(row.nodeId);
        continue;
      }
      const range = await ranges.of(file, parquet, group, { partId });
      if (range.end <= range.start) continue;
      const names = await ranges.ids(file, parquet, range, 'name');
      if (!names.includes(name)) continue;
      const nodes = await ranges.ids(file, parquet, range, 'node_id');
      names.forEach((one, index) => {
        const nodeId = nodes[index];
        if (one === name && typeof nodeId === 'string') found.add(nodeId);
      });
    }
    return [...found];
  };

/** A whole file, contents included. */
const readWhole = async (parquet: ColumnFile): Promise<readonly OpLogRow[]> => {
  const count = parquet.footer.rows;
  const columns = await parquet.read({ start: 0, end: count }, [...ROW_COLUMNS, 'content']);
  const found = decodeContents(parquet.path, columns, count);
  return decodeRows({ path: parquet.path, columns, count, origin: null }).map((row, index) => ({
    row,
    content: found[index] ?? null,
  }));
};

const fits =
  ({ partId, nodeId, txnSeq, after }: RowSelection) =>
  (row: NodeRow): boolean =>
    (partId === undefined || row.partId === partId) &&
    (nodeId === undefined || row.nodeId === nodeId) &&
    (txnSeq === undefined || row.txnSeq === txnSeq) &&
    (after === undefined || row.txnSeq > after);
