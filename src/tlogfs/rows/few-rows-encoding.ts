import { compareUtf8 } from '../../domain/text/bytes-order.js';
import {
  binary,
  byte,
  endStruct,
  i32,
  i64,
  list,
  newOutput,
  type Output,
  rawBytes,
  reserve,
  struct,
  THRIFT,
  text,
  varInt,
  written,
} from '../../parquet/compact-thrift.js';
import { type Column, OP_LOG_COLUMNS, type OpLogRow, type StoredValue } from './op-log-columns.js';
import { fixedParts } from './parquet-parts.js';

/*
 * The Parquet file of a commit, which has a row or two, takes a general writer longer than its fsync takes the disk:
 * such a writer finds out for each file what is the same for all of ours. Here each column is one page of plain
 * values, nothing is compressed, and what is the same in all footers is kept (`parquet-parts.ts`).
 */

const MAGIC = 'PAR1';
const DATA_PAGE = 0;

/** A page header, a footer's chunk, the statistics of two ids: less than this for each column. */
const BYTES_PER_COLUMN = 256;

/** Place of a column in the file, and its values. */
interface Chunk {
  readonly column: Column;
  readonly start: number;
  readonly size: number;
  readonly values: readonly StoredValue[];
}

/** Rows, sorted already, as a Parquet file of one row group. For some few rows with little content. */
export const encodeFewRows = (rows: readonly OpLogRow[], pondId: string): Uint8Array => {
  const contents = rows.reduce((sum, { content }) => sum + (content?.length ?? 0), 0);
  const output = newOutput(OP_LOG_COLUMNS.length * BYTES_PER_COLUMN * (1 + rows.length) + contents);
  text(output, MAGIC, MAGIC.length);
  const chunks = OP_LOG_COLUMNS.map((column): Chunk => {
    const values = rows.map((row) => column.read(row, pondId));
    const start = output.length;
    writePage(output, column, values);
    return { column, start, size: output.length - start, values };
  });
  const footer = output.length;
  writeFooter(output, chunks, rows.length);
  uint32(output, output.length - footer);
  text(output, MAGIC, MAGIC.length);
  return written(output);
};

const writePage = (output: Output, column: Column, values: readonly StoredValue[]): void => {
  const { type, nullable } = column;
  const bits = Math.ceil(values.length / 8);
  let size = (nullable ? 4 + 1 + bits : 0) + (type === 'boolean' ? bits : 0);
  if (type !== 'boolean') for (const value of values) size += plainSize(value);
  i32(output, 1, DATA_PAGE);
  i32(output, 1, size);
  i32(output, 1, size);
  struct(output, 2);
  i32(output, 1, values.length);
  rawBytes(output, fixedParts().encodings);
  if (nullable) {
    // Which values are there: one run of bits, in groups of eight.
    uint32(output, 1 + bits);
    varInt(output, (bits << 1) | 1);
    writeBits(output, values, (value) => value !== null);
  }
  if (type === 'boolean') writeBits(output, values, (value) => value === true);
  else for (const value of values) writeValue(output, value);
};

const writeBits = (
  output: Output,
  values: readonly StoredValue[],
  isSet: (value: StoredValue) => boolean,
): void => {
  for (let start = 0; start < values.length; start += 8) {
    let bits = 0;
    for (let bit = 0; bit < 8 && start + bit < values.length; bit += 1) {
      if (isSet(values[start + bit] ?? null)) bits |= 1 << bit;
    }
    byte(output, bits);
  }
};

const plainSize = (value: StoredValue): number => {
  if (value === null) return 0;
  if (typeof value === 'string') return 4 + Buffer.byteLength(value);
  return value instanceof Uint8Array ? 4 + value.length : 8;
};

const writeValue = (output: Output, value: StoredValue): void => {
  if (value === null) return;
  if (typeof value === 'string') {
    const length = Buffer.byteLength(value);
    uint32(output, length);
    text(output, value, length);
  } else if (value instanceof Uint8Array) {
    uint32(output, value.length);
    rawBytes(output, value);
  } else rawBytes(output, int64(value));
};

const int64 = (value: bigint | boolean): Uint8Array => {
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeBigInt64LE(BigInt(value));
  return bytes;
};

const uint32 = (output: Output, value: number): void => {
  const at = reserve(output, 4);
  output.bytes.writeUInt32LE(value, at);
};

const writeFooter = (output: Output, chunks: readonly Chunk[], rows: number): void => {
  const { schema, descriptions, end } = fixedParts();
  let size = 0;
  for (const chunk of chunks) size += chunk.size;
  rawBytes(output, schema);
  i64(output, 1, rows);
  list(output, 1, THRIFT.struct, 1);
  list(output, 1, THRIFT.struct, chunks.length);
  for (const chunk of chunks) writeChunk(output, chunk, descriptions);
  i64(output, 1, size);
  i64(output, 1, rows);
  i64(output, 3, size);
  endStruct(output);
  rawBytes(output, end);
};

const writeChunk = (
  output: Output,
  { column, start, size, values }: Chunk,
  descriptions: ReadonlyMap<Column, Uint8Array>,
): void => {
  i64(output, 2, start);
  const description = descriptions.get(column);
  if (description === undefined) throw new Error(`no column of the op log: ${column.name}`);
  rawBytes(output, description);
  i64(output, 1, values.length);
  i64(output, 1, size);
  i64(output, 1, size);
  i64(output, 2, start);
  if (column.statistics) writeStatistics(output, values);
  endStruct(output);
  endStruct(output);
};

const writeStatistics = (output: Output, values: readonly StoredValue[]): void => {
  let nulls = 0;
  let least: StoredValue = null;
  let greatest: StoredValue = null;
  for (const value of values) {
    if (value === null) nulls += 1;
    else {
      if (least === null || compare(value, least) < 0) least = value;
      if (greatest === null || compare(value, greatest) > 0) greatest = value;
    }
  }
  struct(output, 3);
  i64(output, 3, nulls);
  if (least !== null && greatest !== null) {
    binary(output, 2, plainBound(greatest));
    binary(output, 1, plainBound(least));
  }
  endStruct(output);
};

/** A value as statistics have it: plain, a string without its length. */
const plainBound = (value: Exclude<StoredValue, null>): string | Uint8Array =>
  typeof value === 'string' || value instanceof Uint8Array ? value : int64(value);

const compare = (a: StoredValue, b: StoredValue): number => {
  if (typeof a === 'string' && typeof b === 'string') return compareUtf8(a, b);
  if (typeof a === 'bigint' && typeof b === 'bigint') return a < b ? -1 : a > b ? 1 : 0;
  throw new Error('only strings and numbers have bounds');
};
