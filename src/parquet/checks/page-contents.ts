import { NotSupported } from '../not-supported.js';
import type { PageHeader } from '../page-headers.js';
import { type Cursor, varInt } from '../thrift-walking.js';

/*
 * The parser writes as many values as a run says it has, whatever room there is, and reads some encodings in ways that
 * a few bytes can make endless. So runs are walked over before the parser sees them, in the same steps as it will, and
 * other encodings than a table's own are refused.
 */

/** Storage of a column, as far as its pages depend on it. */
export interface ColumnShape {
  readonly isBoolean: boolean;
  readonly maxDefinitionLevel: number;
  readonly maxRepetitionLevel: number;
}

/** Numbers of Parquet's `Encoding`. */
const ENCODING = { plain: 0, plainDictionary: 2, rle: 3, rleDictionary: 8 } as const;

/** Tells whether a page's values are places in the dictionary. */
export const isDictionaryEncoded = ({ encoding }: PageHeader): boolean =>
  encoding === ENCODING.plainDictionary || encoding === ENCODING.rleDictionary;

/** Throws an `Error` where the runs of a data page, version 1, have more values than it. `page` is not compressed. */
export const checkDataPage = (page: Uint8Array, header: PageHeader, column: ColumnShape): void => {
  let at = 0;
  if (column.maxRepetitionLevel > 0) {
    at = checkSized(page, at, widthOf(column.maxRepetitionLevel), header.values);
  }
  if (column.maxDefinitionLevel > 0) {
    at = checkSized(page, at, widthOf(column.maxDefinitionLevel), header.values);
  }
  checkValues(page.subarray(at), header, column.isBoolean);
};

/** The same of the levels of a data page of version 2; returns the rest of it, which may be compressed. */
export const checkLevels = (page: Uint8Array, header: PageHeader, column: ColumnShape): Uint8Array => {
  const { definitionBytes, repetitionBytes, values } = header;
  if (definitionBytes + repetitionBytes > page.length) throw new Error('a page with more levels than bytes');
  if (column.maxRepetitionLevel > 0) checkRuns(page, widthOf(column.maxRepetitionLevel), values);
  const definitions = page.subarray(repetitionBytes);
  if (column.maxDefinitionLevel === 0) return definitions;
  checkRuns(definitions, widthOf(column.maxDefinitionLevel), values);
  return definitions.subarray(definitionBytes);
};

/** The same of what comes after the levels; not compressed. */
export const checkValues = (bytes: Uint8Array, header: PageHeader, isBoolean: boolean): void => {
  const { encoding, values } = header;
  if (encoding === ENCODING.plain) return;
  if (encoding === ENCODING.rle && (isBoolean || header.kind === 'dataV2')) checkSized(bytes, 0, 1, values);
  else if (isDictionaryEncoded(header) && !isBoolean) checkRuns(bytes.subarray(1), bytes[0] ?? 0, values);
  else throw new NotSupported(`a page in the encoding ${encoding}`);
};

/** Runs after their length; returns where they end. */
const checkSized = (bytes: Uint8Array, at: number, width: number, values: number): number => {
  if (at + 4 > bytes.length) throw new Error('a page that is cut off');
  const length = new DataView(bytes.buffer, bytes.byteOffset + at).getUint32(0, true);
  checkRuns(bytes.subarray(at + 4), width, values);
  return at + 4 + length;
};

/** Bit-packed values come in eights, and writers fill up to so many of these. */
const PADDING = 8 * 64;

/**
 * The parser goes on until it has as many values as it wants, at most `values`, past the end of the runs if it must, and
 * stops with an error at the end of the bytes.
 */
const checkRuns = (bytes: Uint8Array, width: number, values: number): void => {
  const cursor: Cursor = { bytes, at: 0 };
  for (let seen = 0; seen < values && cursor.at < bytes.length; ) {
    const head = varInt(cursor);
    const isPacked = head % 2 === 1;
    const count = isPacked ? 8 * Math.floor(head / 2) : head / 2;
    if (count > values - seen + (isPacked ? PADDING : 0)) {
      throw new Error(`a run of ${count} values in a page of ${values}`);
    }
    // The parser takes one byte for bits even where there are none.
    cursor.at += isPacked ? Math.max(1, (count / 8) * width) : Math.ceil(width / 8);
    seen += count;
  }
};

/** Bits of a level. */
const widthOf = (maxLevel: number): number => 32 - Math.clz32(maxLevel);
