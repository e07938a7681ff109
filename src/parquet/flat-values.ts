import type { FlatFooter } from './flat-footer.js';
import { chunkOf, type FlatChunk, type FlatGroup } from './flat-groups.js';
import type { FlatColumn } from './flat-schema.js';
import { NotSupported } from './not-supported.js';
import { type PageHeader, pageHeader } from './page-headers.js';
import { pageLocations } from './page-locations.js';
import { type FlatValue, plainValues, viewOf } from './plain-values.js';
import { onlyRun, runsOf } from './run-decoding.js';
import { unsnapped } from './snappy.js';
import type { Cursor } from './thrift-walking.js';

/*
 * Values of a flat file's columns, page by page, without a general parser. What is read is looked at first: no page may
 * say that it has more values than its group has rows, or become more bytes than compression can have taken away.
 */

/** Bytes of a file, from `start` up to `end`. */
export type Slice = (start: number, end: number) => Uint8Array;

/** Rows of a file, counted from its first one. */
interface Rows {
  readonly start: number;
  readonly end: number;
}

/** No snappy page shrinks further than to a twenty-second of its size. */
const MOST_COMPRESSION = 32;
const SMALL_PAGE = 4096;

const ENCODING = { plain: 0, plainDictionary: 2, rle: 3, rleDictionary: 8 } as const;

/** Values of one column in some rows. Throws an `Error` where they cannot be read, `NotSupported` where another parser may. */
export const flatValues = (
  slice: Slice,
  footer: FlatFooter,
  name: string,
  { start, end }: Rows,
): readonly FlatValue[] => {
  const place = footer.places.get(name) ?? -1;
  const column = footer.columns[place];
  if (column === undefined) throw new Error(`no column ${name}`);
  const parts: (readonly FlatValue[])[] = [];
  for (const group of footer.groups) {
    const from = Math.max(start - group.start, 0);
    const to = Math.min(end - group.start, group.rows);
    if (from >= to) continue;
    const chunk = chunkOf(group, place);
    readChunk(
      { ...pagesFor(slice, chunk, group, { start: from, end: to }), chunk, column, group },
      from,
      to,
      parts,
    );
  }
  const [only = []] = parts;
  const values = parts.length > 1 ? parts.flat() : only;
  if (values.length !== end - start) throw new Error(`${end - start} rows expected, ${values.length} found`);
  return values;
};

/** Bytes of a column in a row group, or of some of its pages in a row and what comes before all pages. */
interface ChunkBytes {
  readonly bytes: Uint8Array;
  /** Rows before the first of these pages. */
  readonly skipped: number;
  readonly chunk: FlatChunk;
  readonly column: FlatColumn;
  readonly group: FlatGroup;
}

/** A page that is being read: bytes of the values, and of the numbers that say how many ancestors of each are there, or repeated. */
interface Page {
  readonly header: PageHeader;
  readonly values: Uint8Array;
  readonly definitions: Uint8Array;
  readonly repetitions: Uint8Array;
}

const readChunk = (
  { bytes, skipped, chunk, column, group }: ChunkBytes,
  from: number,
  to: number,
  parts: (readonly FlatValue[])[],
): void => {
  const cursor: Cursor = { bytes, at: 0 };
  let row = skipped;
  let dictionary: readonly FlatValue[] | null = null;
  let ofDictionary: { readonly header: PageHeader; readonly stored: Uint8Array } | null = null;
  while (row < to) {
    const { header, stored } = nextPage(cursor, group.rows);
    if (header.kind === 'dictionary') {
      ofDictionary = { header, stored };
      continue;
    }
    if (header.kind === 'index') continue;
    if (row + header.values > group.rows || header.values === 0)
      throw new Error(`pages of ${row + header.values} values in ${group.rows} rows`);
    if (row + header.values > from) {
      const page = opened(header, stored, chunk, column);
      if (isFromDictionary(header) && dictionary === null) {
        if (ofDictionary === null) throw new Error('a page without its dictionary');
        dictionary = dictionaryOf(ofDictionary.header, ofDictionary.stored, chunk, column);
      }
      const first = Math.max(from - row, 0);
      parts.push(valuesOfRows(page, column, dictionary, first, Math.min(to - row, header.values)));
    }
    row += header.values;
  }
};

/** A column of more bytes, of which few rows are wanted, is read page by page where its pages are listed. */
const WORTH_AN_INDEX = 256 * 1024;

const pagesFor = (
  slice: Slice,
  chunk: FlatChunk,
  group: FlatGroup,
  rows: Rows,
): Pick<ChunkBytes, 'bytes' | 'skipped'> => {
  const end = chunk.start + chunk.size;
  const whole = () => ({ bytes: slice(chunk.start, end), skipped: 0 });
  const isNarrow = 4 * (rows.end - rows.start) < group.rows;
  if (chunk.size <= WORTH_AN_INDEX || chunk.index.size === 0 || !isNarrow) return whole();
  const pages = pageLocations(slice(chunk.index.start, chunk.index.start + chunk.index.size));
  const first = pages.findLast((page) => page.row <= rows.start);
  const [beginning] = pages;
  if (first === undefined || beginning?.row !== 0) return whole();
  const last = pages.find((page) => page.row >= rows.end)?.offset ?? end;
  if (
    !(
      chunk.start <= beginning.offset &&
      beginning.offset <= first.offset &&
      first.offset < last &&
      last <= end
    )
  )
    throw new Error('pages that lie outside of their column');
  const dictionary = slice(chunk.start, beginning.offset);
  const wanted = slice(first.offset, last);
  return {
    bytes: dictionary.length === 0 ? wanted : Buffer.concat([dictionary, wanted]),
    skipped: first.row,
  };
};

/** Values of a column in a row group that are there, and the levels of all of them, one after another. */
export interface Entries {
  readonly values: readonly FlatValue[];
  /** Null: each value is there; nothing is repeated. */
  readonly definitions: readonly number[] | null;
  readonly repetitions: readonly number[] | null;
  readonly count: number;
}

/** Entries of a column that may lie within others, at most `most` of them. */
export const entriesOf = (slice: Slice, column: FlatColumn, chunk: FlatChunk, most: number): Entries => {
  const bytes = slice(chunk.start, chunk.start + chunk.size);
  const cursor: Cursor = { bytes, at: 0 };
  const found = {
    values: [] as FlatValue[],
    definitions: [] as number[],
    repetitions: [] as number[],
    count: 0,
  };
  let dictionary: readonly FlatValue[] | null = null;
  while (cursor.at < bytes.length) {
    const { header, stored } = nextPage(cursor, most);
    if (header.kind === 'index') continue;
    if (header.kind === 'dictionary') {
      dictionary = dictionaryOf(header, stored, chunk, column);
      continue;
    }
    found.count += header.values;
    if (found.count > most) throw new Error(`${found.count} values in a column of at most ${most}`);
    const page = opened(header, stored, chunk, column);
    let there = header.values;
    for (const definition of levelsOf(page.definitions, column.maxDefinition, header) ?? []) {
      found.definitions.push(definition);
      if (definition < column.maxDefinition) there -= 1;
    }
    for (const repetition of levelsOf(page.repetitions, column.maxRepetition, header) ?? [])
      found.repetitions.push(repetition);
    if (there > 0)
      for (const value of valuesOf(page, column, dictionary, 0, there, there)) found.values.push(value);
  }
  return {
    ...found,
    definitions: column.maxDefinition === 0 ? null : found.definitions,
    repetitions: column.maxRepetition === 0 ? null : found.repetitions,
  };
};

/** The next page; `most`: the values that it may have. */
const nextPage = (
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

const isFromDictionary = ({ encoding }: PageHeader): boolean =>
  encoding === ENCODING.rleDictionary || encoding === ENCODING.plainDictionary;

const opened = (
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
const levelsOf = (bytes: Uint8Array, most: number, { values }: PageHeader): Int32Array | null =>
  most === 0 ? null : runsOf(bytes, 32 - Math.clz32(most), values);

/** Bytes after their length. */
const sized = (bytes: Uint8Array): { readonly content: Uint8Array; readonly end: number } => {
  if (bytes.length < 4) throw new Error('a page that is cut off');
  const end = 4 + viewOf(bytes).getUint32(0, true);
  if (end > bytes.length) throw new Error('a page that is cut off');
  return { content: bytes.subarray(4, end), end };
};

const dictionaryOf = (
  header: PageHeader,
  stored: Uint8Array,
  { isCompressed }: FlatChunk,
  column: FlatColumn,
): readonly FlatValue[] => {
  const values = isCompressed ? unsnapped(stored, header.uncompressed) : stored;
  return plainValues(values, column, 0, header.values, header.values);
};

/** The values of some rows of a page. */
const valuesOfRows = (
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
const valuesOf = (
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
