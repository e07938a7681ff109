import type { FileMetaData } from 'hyparquet';
import { NotSupported } from '../../parquet/not-supported.js';
import { type FlatFooter, flatFooter } from '../../parquet/reading/flat-footer.js';
import { chunkOf, type FlatGroup } from '../../parquet/reading/flat-groups.js';
import { flatValues, type Slice } from '../../parquet/reading/flat-values.js';
import type { FileSystem } from '../../ports/file-system.js';
import {
  type FileBytes,
  fileBytes,
  footerBytes,
  markedFooter,
  type ParquetFile,
  parquetOf,
  parsing,
  readRecords,
} from './parquet-reading.js';

/** Rows of a file, counted from its first one. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** Values of some columns in the same rows, by the columns' names. */
export type Columns = Readonly<Record<string, readonly unknown[]>>;

/** A row group, and the least and greatest value of a column in it, where they are known. */
export interface ColumnGroup extends Range {
  readonly bound: (column: string, end: 'least' | 'greatest') => unknown;
}

/** Facts of a file's footer: known once, they need not be read again. */
export interface ColumnFooter {
  readonly rows: number;
  readonly groups: readonly ColumnGroup[];
  /** Null: the file is not flat, and a general parser reads it. */
  readonly flat: FlatFooter | null;
  readonly metadata: FileMetaData | null;
}

/** A Parquet file that is read column by column. */
export interface ColumnFile {
  readonly path: string;
  readonly bytes: FileBytes;
  readonly footer: ColumnFooter;
  /** Throws `CorruptData` or `UnsupportedData` naming the file. */
  readonly read: (range: Range, columns: readonly string[]) => Promise<Columns>;
}

/**
 * Opens a Parquet file, a flat one (those that this program writes are) without a general parser. `size` is what the log
 * says. Throws `CorruptData` naming the file, or the `FileSystemError` (`ENOENT` where it is missing).
 */
export const openColumns = async (
  files: FileSystem,
  path: string,
  size: number,
  known?: ColumnFooter,
): Promise<ColumnFile> => {
  const bytes = fileBytes(files, path, size);
  const footer = known ?? (await parsing(path, () => readFooter(path, bytes)));
  const general = async (): Promise<ParquetFile> => parquetOf(path, bytes, footer.metadata ?? undefined);
  return {
    path,
    bytes,
    footer,
    read: async (range, columns) => {
      const { flat } = footer;
      if (flat === null) return readGeneral(await general(), range, columns);
      try {
        return await parsing(path, async () => readFlat(bytes, flat, range, columns));
      } catch (error) {
        if (!isNotSupported(error)) throw error;
        return readGeneral(await general(), range, columns);
      }
    },
  };
};

/** Tells whether a thrown value says that a file has what this program's own reader does not read. */
export const isNotSupported = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && '_tag' in error && error._tag === 'UnsupportedData';

const readFooter = async (path: string, bytes: FileBytes): Promise<ColumnFooter> => {
  const whole = markedFooter(footerBytes(path, bytes));
  const flat = whole === null ? null : flatFooter(whole, bytes.byteLength);
  if (flat?.isFlat === true) {
    const groups = flat.groups.map(
      (group): ColumnGroup => ({
        start: group.start,
        end: group.start + group.rows,
        bound: (column, end) => flat.bound(group, column, end),
      }),
    );
    return { rows: flat.rows, groups, flat, metadata: null };
  }
  const { metadata } = await parquetOf(path, bytes);
  return { rows: Number(metadata.num_rows), groups: groupsOf(metadata), flat: null, metadata };
};

const groupsOf = ({ row_groups }: FileMetaData): readonly ColumnGroup[] => {
  let start = 0;
  return row_groups.map(({ num_rows, columns }) => {
    const end = start + Number(num_rows);
    const group: ColumnGroup = {
      start,
      end,
      bound: (column, which) => {
        const found = columns.find(({ meta_data }) => meta_data?.path_in_schema[0] === column);
        const value = found?.meta_data?.statistics?.[which === 'least' ? 'min_value' : 'max_value'];
        return typeof value === 'bigint' ? Number(value) : value;
      },
    };
    start = end;
    return group;
  });
};

const readFlat = (
  bytes: FileBytes,
  footer: FlatFooter,
  range: Range,
  columns: readonly string[],
): Columns => {
  const missing = columns.find((name) => !footer.places.has(name));
  if (missing !== undefined) throw new NotSupported(`a table without the column ${missing}`);
  const slice = sliceOf(bytes, footer, range, columns);
  return Object.fromEntries(columns.map((name) => [name, flatValues(slice, footer, name, range)]));
};

/** Times the bytes that are wanted which are read at most, so that they are read by one call. */
const NEIGHBOURS = 2;

/** Access to a file's bytes in which what is wanted of a row group is read at once, where it lies together. */
const sliceOf = (
  { part, byteLength }: FileBytes,
  footer: FlatFooter,
  range: Range,
  columns: readonly string[],
): Slice => {
  const spans = footer.groups
    .filter((group) => group.start < range.end && range.start < group.start + group.rows)
    .map((group) => spanOf(group, footer, columns))
    .filter((span) => span !== null);
  let kept: { readonly start: number; readonly bytes: Uint8Array } | null = null;
  return (start, end) => {
    if (!(start >= 0 && start <= end && end <= byteLength)) throw new Error(`no bytes ${start} to ${end}`);
    if (kept === null || start < kept.start || end > kept.start + kept.bytes.length) {
      const span = spans.find((one) => one.start <= start && end <= one.end);
      if (span === undefined) return part(start, end);
      kept = { start: span.start, bytes: part(span.start, span.end) };
    }
    return kept.bytes.subarray(start - kept.start, end - kept.start);
  };
};

const spanOf = (group: FlatGroup, footer: FlatFooter, columns: readonly string[]): Range | null => {
  if (columns.length < 2) return null;
  let [first, last, wanted] = [Number.POSITIVE_INFINITY, 0, 0];
  for (const name of columns) {
    const { start, size } = chunkOf(group, footer.places.get(name) ?? 0);
    first = Math.min(first, start);
    last = Math.max(last, start + size);
    wanted += size;
  }
  return last - first <= NEIGHBOURS * wanted ? { start: first, end: last } : null;
};

const FEW_OF = 16;

/** Reads each column by itself where rows are few: of one column the parser opens no more pages than it needs. */
const readGeneral = async (
  parquet: ParquetFile,
  range: Range,
  columns: readonly string[],
): Promise<Columns> => {
  const isFew = (range.end - range.start) * FEW_OF <= Number(parquet.metadata.num_rows);
  const read: Record<string, readonly unknown[]> = {};
  for (const some of isFew ? columns.map((name) => [name]) : [columns]) {
    const records = await readRecords(parquet, range, some);
    Object.assign(read, columnsOf(records, some));
  }
  return read;
};

/** Records as columns. */
export const columnsOf = (
  records: readonly Readonly<Record<string, unknown>>[],
  columns: readonly string[],
): Columns =>
  Object.fromEntries(columns.map((name) => [name, records.map((record) => record[name] ?? null)]));
