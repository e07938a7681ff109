import type { FileMetaData } from 'hyparquet';
import { sha256 } from '../../domain/documents/sha256.js';
import type { NodeRow } from '../../domain/node-row.js';
import type { FileSystem } from '../../ports/file-system.js';
import { mayContain, type RowBounds, type RowSelection } from '../log/file-statistics.js';
import type { DataFile } from '../log/log-entry.js';
import { openParquet, type ParquetFile, readRecords } from '../parquet/parquet-reading.js';
import type { TableLayout } from '../table-layout.js';
import { boundedCache } from './bounded-cache.js';
import { type OpLogRow, ROW_COLUMNS } from './op-log-columns.js';
import { decodeContent, decodeRow } from './row-decoding.js';
import { groupSizes } from './row-groups.js';

/**
 * The rows in the table's Parquet files. Files never change, so what was decoded once is kept, up to a bound, for
 * all snapshots. A missing file is thrown as a `FileSystemError` with `ENOENT`: it may have been merged away.
 */
export interface RowFiles {
  /** Rows of a file that fit the selection, in the order of the file. */
  readonly select: (file: DataFile, selection: RowSelection) => Promise<readonly NodeRow[]>;
  /** The same at once, where all rows of the file are kept; null where they are not. */
  readonly selectKept: (file: DataFile, selection: RowSelection) => readonly NodeRow[] | null;
  /** The bytes of a row that came from `select`; undefined where the row did not. */
  readonly contentOf: (row: NodeRow) => Promise<Uint8Array | null> | undefined;
  /** A whole file, contents included. */
  readonly readAll: (file: DataFile) => Promise<readonly OpLogRow[]>;
  /** Takes note of a file that was just written, so that its rows need not be read back. */
  readonly remember: (file: DataFile, rows: readonly OpLogRow[]) => void;
}

/** Decoded rows that are kept; about 100 MB. */
const KEPT_ROWS = 200_000;
/** Footers that are kept, counted in row groups. */
const KEPT_GROUPS = 2_000;
/** Bytes of contents that are kept: configurations are read at each commit and again by each task. */
const KEPT_CONTENT = 8 * 1024 * 1024;
/** A larger content is not kept. */
const SMALL_CONTENT = 64 * 1024;

interface Group {
  readonly start: number;
  readonly end: number;
  readonly bounds: RowBounds;
}

/** Where a row is stored. */
interface Place {
  readonly file: DataFile;
  readonly index: number;
}

export const rowFiles = (files: FileSystem, layout: TableLayout): RowFiles => {
  const footers = boundedCache<{ readonly metadata: FileMetaData; readonly groups: readonly Group[] }>(
    KEPT_GROUPS,
  );
  const decoded = boundedCache<readonly NodeRow[]>(KEPT_ROWS);
  const places = new WeakMap<NodeRow, Place>();
  /** Contents by their digest: wherever merging puts a row, its content stays the same. */
  const contents = boundedCache<Uint8Array>(KEPT_CONTENT);

  const open = async (file: DataFile): Promise<ParquetFile & { readonly groups: readonly Group[] }> => {
    const footer = footers.get(file.path);
    const parquet = await openParquet(files, layout.dataFile(file.path), file.size, footer?.metadata);
    if (footer !== undefined) return { ...parquet, groups: footer.groups };
    const groups = groupsOf(parquet.metadata);
    footers.put(file.path, { metadata: parquet.metadata, groups }, groups.length);
    return { ...parquet, groups };
  };

  const keep = (file: DataFile, start: number, rows: readonly NodeRow[]) => {
    rows.forEach((row, index) => {
      places.set(row, { file, index: start + index });
    });
    decoded.put(groupKey(file, start), rows, rows.length);
    return rows;
  };

  const select: RowFiles['select'] = async (file, selection) => {
    let opened: ParquetFile | null = null;
    let groups = footers.get(file.path)?.groups;
    if (groups === undefined) {
      const fresh = await open(file);
      opened = fresh;
      groups = fresh.groups;
    }
    const found: NodeRow[] = [];
    for (const group of groups) {
      if (!mayContain(group.bounds, selection)) continue;
      let rows = decoded.get(groupKey(file, group.start));
      if (rows === undefined) {
        opened ??= await open(file);
        const records = await readRecords(opened, group, ROW_COLUMNS);
        const path = opened.path;
        rows = keep(
          file,
          group.start,
          records.map((record) => decodeRow(path, record)),
        );
      }
      for (const row of rows) if (fits(selection)(row)) found.push(row);
    }
    return found;
  };

  const selectKept: RowFiles['selectKept'] = (file, selection) => {
    // A file of one group, most of them, needs no footer once its rows are kept.
    const whole = file.bounds.rows > 0 ? decoded.get(groupKey(file, 0)) : undefined;
    return whole === undefined || whole.length !== file.bounds.rows ? null : whole.filter(fits(selection));
  };

  const contentAt = async ({ file, index }: Place): Promise<Uint8Array | null> => {
    const parquet = await open(file);
    const [record] = await readRecords(parquet, { start: index, end: index + 1 }, ['content']);
    return record === undefined ? null : decodeContent(parquet.path, record);
  };

  const keptContent = async (digest: string, place: Place): Promise<Uint8Array | null> => {
    const known = contents.get(digest);
    // Copies, because whoever is handed the bytes may change them.
    if (known !== undefined) return known.slice();
    const bytes = await contentAt(place);
    if (bytes !== null && bytes.length <= SMALL_CONTENT && sha256(bytes) === digest) {
      contents.put(digest, bytes.slice(), bytes.length);
    }
    return bytes;
  };

  return {
    select,
    selectKept,
    contentOf: (row) => {
      const place = places.get(row);
      if (place === undefined) return undefined;
      return row.sha256 === null ? contentAt(place) : keptContent(row.sha256, place);
    },
    readAll: async (file) => {
      const parquet = await open(file);
      const records = await readRecords(parquet, { start: 0, end: Number(parquet.metadata.num_rows) });
      return records.map((record) => ({
        row: decodeRow(parquet.path, record),
        content: decodeContent(parquet.path, record),
      }));
    },
    remember: (file, stored) => {
      let start = 0;
      for (const size of groupSizes(stored)) {
        keep(
          file,
          start,
          stored.slice(start, start + size).map(({ row }) => row),
        );
        start += size;
      }
    },
  };
};

const groupKey = (file: DataFile, start: number): string => `${file.path}#${start}`;

const fits =
  ({ partId, nodeId, txnSeq, after }: RowSelection) =>
  (row: NodeRow): boolean =>
    (partId === undefined || row.partId === partId) &&
    (nodeId === undefined || row.nodeId === nodeId) &&
    (txnSeq === undefined || row.txnSeq === txnSeq) &&
    (after === undefined || row.txnSeq > after);

/** The row groups of a file with the bounds that its footer gives. */
const groupsOf = ({ row_groups }: FileMetaData): readonly Group[] => {
  let start = 0;
  return row_groups.map(({ num_rows, columns }) => {
    const rows = Number(num_rows);
    const bound = (column: string, end: 'min_value' | 'max_value'): unknown =>
      columns.find(({ meta_data }) => meta_data?.path_in_schema[0] === column)?.meta_data?.statistics?.[end];
    const bounds = (end: 'min_value' | 'max_value'): RowBounds['min'] => ({
      ...text('part_id', bound('part_id', end)),
      ...text('node_id', bound('node_id', end)),
      ...long('txn_seq', bound('txn_seq', end)),
    });
    const group = {
      start,
      end: start + rows,
      bounds: { rows, min: bounds('min_value'), max: bounds('max_value') },
    };
    start += rows;
    return group;
  });
};

const text = (key: 'part_id' | 'node_id', value: unknown): RowBounds['min'] =>
  typeof value === 'string' ? { [key]: value } : {};

const long = (key: 'txn_seq', value: unknown): RowBounds['min'] =>
  typeof value === 'bigint' ? { [key]: Number(value) } : {};
