import { type FileMetaData, parquetRead, type SchemaElement } from 'hyparquet';
import { checkedFooter } from '../../../parquet/checks/checked-footer.js';
import { checkedPages, type RangedFile } from '../../../parquet/checks/checked-pages.js';
import { MOST_VALUES, pageChecks } from '../../../parquet/checks/page-checks.js';
import { codecsFor } from '../../../parquet/codecs.js';

/** Columns of a Parquet file that is known to be small enough to be held in memory. */
export interface ParquetColumns {
  readonly rows: number;
  readonly columns: ReadonlyMap<
    string,
    { readonly element: SchemaElement; readonly values: readonly unknown[] }
  >;
}

/** Times as whole microseconds since the epoch. */
const MICROSECONDS = {
  timestampFromMilliseconds: (millis: bigint) => BigInt(millis) * 1000n,
  timestampFromMicroseconds: (micros: bigint) => BigInt(micros),
  timestampFromNanoseconds: (nanos: bigint) => BigInt(nanos) / 1000n,
  dateFromDays: (days: number) => BigInt(days) * 86_400_000_000n,
};

/**
 * Reads these columns, or all of them. The file may come from anywhere: nothing is made room for before it was looked at. Throws an
 * `Error` that says what is not as in Parquet.
 */
export const parquetColumns = async (
  bytes: Uint8Array,
  only: readonly string[] | null = null,
): Promise<ParquetColumns> => {
  const file = fileOf(bytes);
  const metadata = checkedFooter(file, MICROSECONDS);
  const rows = Number(metadata.num_rows);
  if (!(rows >= 0 && rows <= MOST_VALUES * file.byteLength))
    throw new Error(`${rows} rows in ${file.byteLength} bytes`);
  const elements = leavesOf(metadata).filter(({ name }) => only === null || only.includes(name));
  const names = elements.map(({ name }) => name);
  const checks = pageChecks(metadata, file.byteLength, names, await codecsFor(metadata));
  const columns = new Map(
    elements.map((element) => [element.name, { element, values: new Array<unknown>(rows).fill(null) }]),
  );
  await parquetRead({
    file: checkedPages(file, checks),
    metadata,
    compressors: checks.compressors,
    parsers: MICROSECONDS,
    columns: names,
    onChunk: ({ columnName, columnData, rowStart }) => {
      const column = columns.get(columnName);
      if (column === undefined) return;
      for (let at = 0; at < columnData.length; at += 1) column.values[rowStart + at] = columnData[at] ?? null;
    },
  });
  return { rows, columns };
};

const fileOf = (bytes: Uint8Array): RangedFile => ({
  byteLength: bytes.length,
  slice: (start, end = bytes.length) => new Uint8Array(bytes.subarray(start, end)).buffer,
});

const leavesOf = ({ schema }: FileMetaData): readonly SchemaElement[] =>
  schema.slice(1).filter(({ num_children }) => (num_children ?? 0) === 0);

/**
 * Whole microseconds of a value of a time column. A plain integer is in seconds, milliseconds, microseconds or nanoseconds by its
 * size: Parquet has no seconds, so that what other programs write in them has no unit.
 */
export const microsOf = ({ logical_type, converted_type }: SchemaElement, value: unknown): number | null => {
  if (value instanceof Date) return value.getTime() * 1000;
  if (typeof value !== 'bigint' && typeof value !== 'number') return null;
  const amount = Number(value);
  if (logical_type?.type === 'TIMESTAMP' || logical_type?.type === 'DATE') return amount;
  if (converted_type?.startsWith('TIMESTAMP') === true || converted_type === 'DATE') return amount;
  const size = Math.abs(amount);
  if (size < 1e11) return amount * 1e6;
  if (size < 1e14) return amount * 1e3;
  return size < 1e17 ? amount : Math.floor(amount / 1e3);
};
