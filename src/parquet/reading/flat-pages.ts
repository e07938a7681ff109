import { NotSupported } from '../not-supported.js';
import { type PageHeader, pageHeader } from '../page-headers.js';
import type { Cursor } from '../thrift-walking.js';
import type { FlatChunk } from './flat-groups.js';
import type { FlatColumn } from './flat-schema.js';
import { type FlatValue, plainValues, viewOf } from './plain-values.js';
import { onlyRun, runsOf } from './run-decoding.js';
import { unsnapped } from './snappy.js';

/*
 * Pages of a column, and the values in them. What is read is looked at first: no page may say that it has more values than
 * its group has rows, or become more bytes than compression can have taken away.
 */

/** No snappy page shrinks further than to a twenty-second of its size. */
const MOST_COMPRESSION = 32;
const SMALL_PAGE = 4096;

const ENCODING = { plain: 0, plainDictionary: 2, rle: 3, rleDictionary: 8 } as const;

/** A page that is being read: bytes of the values, and of the numbers that say how many ancestors of each are there, or repeated. */
export interface Page {
  readonly header: PageHeader;
  readonly values: Uint8Array;
  readonly definitions: Uint8Array;
  readonly repetitions: Uint8Array;
}

/** The next page; `most`: the values that it may have. */
export const nextPage = (
  cursor: Cursor,
  most: number,
): { readonly header: PageHeader; readonly stored: Uint8Array } => {
  const header = pageHeader(cursor);
  const stored = cursor.bytes.subarray(cursor.at, cursor.at + header.compressed);
  if (stored.length !== header.compressed) throw new Error('a page that is cut off');
  if (header.values > most) throw new Error(`a page of ${header.values} values, of at most ${most}`);
  if (header.uncompressed > MOST_COMPRESSION * header.compressed + SMALL_PAGE)
    throw new Error(`a page of ${header.compressed} bytes that is to become ${header.uncompressed}`);
  cursor.at += header.compressed;
  return { header, stored };
};

/** Tells whether a page's values are places in the dictionary of its column. */
export const isFromDictionary = ({ encoding }: PageHeader): boolean =>
  encoding === ENCODING.rleDictionary || encoding === ENCODING.plainDictionary;

/** A page's parts, uncompressed. */
export const opened = (
  header: PageHeader,
  stored: Uint8Array,
  { isCompressed }: FlatChunk,
  column: FlatColumn,
): Page => {
  if (header.kind === 'dataV2') {
    const { definitionBytes, repetitionBytes, uncompressed } = header;
    const levels = definitionBytes + repetitionBytes;
    if (levels > stored.length || levels > uncompressed)
      throw new Error('a page with more levels than bytes');
    const rest = stored.subarray(levels);
    return {
      header,
      values: isCompressed && header.valuesAreCompressed ? unsnapped(rest, uncompressed - levels) : rest,
      repetitions: stored.subarray(0, repetitionBytes),
      definitions: stored.subarray(repetitionBytes, levels),
    };
  }
  const page = isCompressed ? unsnapped(stored, header.uncompressed) : stored;
  let values = page;
  const nextLevels = (most: number): Uint8Array => {
    if (most === 0) return NONE;
    const { content, end } = sized(values);
    values = values.subarray(end);
    return content;
  };
  const repetitions = nextLevels(column.maxRepetition);
  const definitions = nextLevels(column.maxDefinition);
  return { header, values, repetitions, definitions };
};

const NONE = new Uint8Array();

/** Levels of a page's values; null where there is only one. */
export const levelsOf = (bytes: Uint8Array, most: number, { values }: PageHeader): Int32Array | null =>
  most === 0 ? null : runsOf(bytes, 32 - Math.clz32(most), values);

/** Bytes after their length. */
const sized = (bytes: Uint8Array): { readonly content: Uint8Array; readonly end: number } => {
  if (bytes.length < 4) throw new Error('a page that is cut off');
  const end = 4 + viewOf(bytes).getUint32(0, true);
  if (end > bytes.length) throw new Error('a page that is cut off');
  return { content: bytes.subarray(4, end), end };
};

/** The values of a dictionary's page. */
export const dictionaryOf = (
  header: PageHeader,
  stored: Uint8Array,
  { isCompressed }: FlatChunk,
  column: FlatColumn,
): readonly FlatValue[] => {
  const values = isCompressed ? unsnapped(stored, header.uncompressed) : stored;
  return plainValues(values, column, 0, header.values, header.values);
};

/** The values of some rows of a page. */
export const valuesOfRows = (
  page: Page,
  column: FlatColumn,
  dictionary: readonly FlatValue[] | null,
  first: number,
  end: number,
): readonly FlatValue[] => {
  const { header, definitions } = page;
  // Most columns have a value in each row, or in none: nobody looks at one row after another then.
  const level = column.maxDefinition === 0 ? 1 : onlyRun(definitions, 1, header.values);
  if (level === 0) return repeated(null, end - first);
  if (level !== null) return valuesOf(page, column, dictionary, first, end, header.values);
  const isThere = runsOf(definitions, 1, header.values);
  let [before, here, all] = [0, 0, 0];
  for (let row = 0; row < isThere.length; row += 1) {
    if (isThere[row] === 0) continue;
    all += 1;
    if (row < first) before += 1;
    else if (row < end) here += 1;
  }
  const there = here === 0 ? [] : valuesOf(page, column, dictionary, before, before + here, all);
  const values: FlatValue[] = [];
  let next = 0;
  for (let row = first; row < end; row += 1) {
    if (isThere[row] === 0) values.push(null);
    else {
      values.push(there[next] ?? null);
      next += 1;
    }
  }
  return values;
};

const repeated = (value: FlatValue, count: number): readonly FlatValue[] =>
  new Array<FlatValue>(count).fill(value);

/** Values `first` to `end` of those that are there, `count` in all. */
export const valuesOf = (
  { header, values }: Page,
  column: FlatColumn,
  dictionary: readonly FlatValue[] | null,
  first: number,
  end: number,
  count: number,
): readonly FlatValue[] => {
  if (isFromDictionary(header)) {
    const valueAt = (place: number): FlatValue => {
      const value = dictionary?.[place];
      if (value === undefined) throw new Error('a value that is not in the dictionary');
      return value;
    };
    const width = values[0] ?? 0;
    const places = values.subarray(1);
    const only = onlyRun(places, width, end);
    return only === null
      ? Array.from(runsOf(places, width, end).subarray(first, end), valueAt)
      : repeated(valueAt(only), end - first);
  }
  if (header.encoding === ENCODING.rle && column.type === 'boolean') {
    const { content } = sized(values);
    const only = onlyRun(content, 1, end);
    if (only !== null) return repeated(only === 1, end - first);
    const flags = runsOf(content, 1, end);
    return Array.from(flags.subarray(first, end), (flag) => flag === 1);
  }
  if (header.encoding !== ENCODING.plain) throw new NotSupported(`a page in the encoding ${header.encoding}`);
  return plainValues(values, column, first, end, count);
};
