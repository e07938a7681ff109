import {
  binary,
  binaryItem,
  endStruct,
  flag,
  i32,
  i32Item,
  list,
  newOutput,
  type Output,
  struct,
  THRIFT,
  written,
} from '../../parquet/compact-thrift.js';
import { ENGINE } from '../table-layout.js';
import { type Column, OP_LOG_COLUMNS } from './op-log-columns.js';

/*
 * What the Parquet files of all commits have in common, written once. The numbers are those of
 * https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift
 */

const FORMAT_VERSION = 2;
const PLAIN = 0;
/** Encoding of which values are there. */
const RLE = 3;
const UNCOMPRESSED = 0;
const PHYSICAL = { string: 6, binary: 6, long: 2, timestamp: 2, boolean: 0 } as const;
const OPTIONAL = 1;
const REQUIRED = 0;
const CONVERTED = { UTF8: 0, TIMESTAMP_MICROS: 10 } as const;
/** Fields of the union `LogicalType`. */
const LOGICAL = { STRING: 1, TIMESTAMP: 8 } as const;

/** Parts that are the same in all files. */
export interface FixedParts {
  /** Encoding of a page's values, and of which of them are there; and the end of its header. */
  readonly encodings: Uint8Array;
  /** Fields 1 and 2 of a footer: the version of the format and the schema. */
  readonly schema: Uint8Array;
  /** Facts that a footer has about a column before it comes to numbers. */
  readonly descriptions: ReadonlyMap<Column, Uint8Array>;
  /** Fields 6 and 7 of a footer, and its end: the writer, and that bounds are in the order of the type. */
  readonly end: Uint8Array;
}

export const fixedParts = (): FixedParts => {
  known ??= {
    encodings: made((output) => {
      i32(output, 1, PLAIN);
      i32(output, 1, RLE);
      i32(output, 1, RLE);
      endStruct(output);
      endStruct(output);
    }),
    schema: made((output) => {
      i32(output, 1, FORMAT_VERSION);
      list(output, 1, THRIFT.struct, 1 + OP_LOG_COLUMNS.length);
      binary(output, 4, 'schema');
      i32(output, 1, OP_LOG_COLUMNS.length);
      endStruct(output);
      for (const column of OP_LOG_COLUMNS) writeSchemaElement(output, column);
    }),
    descriptions: new Map(OP_LOG_COLUMNS.map((column) => [column, describe(column)])),
    end: made((output) => {
      binary(output, 2, ENGINE);
      list(output, 1, THRIFT.struct, OP_LOG_COLUMNS.length);
      for (const _ of OP_LOG_COLUMNS) {
        struct(output, 1);
        endStruct(output);
        endStruct(output);
      }
      endStruct(output);
    }),
  };
  return known;
};
let known: FixedParts | null = null;

const SOME_BYTES = 1024;

const made = (write: (output: Output) => void): Uint8Array => {
  const output = newOutput(SOME_BYTES);
  write(output);
  return written(output);
};

const describe = ({ name, type }: Column): Uint8Array =>
  made((output) => {
    struct(output, 1);
    i32(output, 1, PHYSICAL[type]);
    list(output, 1, THRIFT.i32, 2);
    i32Item(output, PLAIN);
    i32Item(output, RLE);
    list(output, 1, THRIFT.binary, 1);
    binaryItem(output, name);
    i32(output, 1, UNCOMPRESSED);
  });

const writeSchemaElement = (output: Output, { name, type, nullable }: Column): void => {
  i32(output, 1, PHYSICAL[type]);
  i32(output, 2, nullable ? OPTIONAL : REQUIRED);
  binary(output, 1, name);
  if (type === 'string') {
    i32(output, 2, CONVERTED.UTF8);
    struct(output, 4);
    struct(output, LOGICAL.STRING);
    endStruct(output);
    endStruct(output);
  } else if (type === 'timestamp') {
    i32(output, 2, CONVERTED.TIMESTAMP_MICROS);
    struct(output, 4);
    struct(output, LOGICAL.TIMESTAMP);
    flag(output, 1, true);
    // The union of units, whose second is the microsecond.
    struct(output, 1);
    struct(output, 2);
    endStruct(output);
    endStruct(output);
    endStruct(output);
    endStruct(output);
  }
  endStruct(output);
};
