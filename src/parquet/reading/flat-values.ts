import type { PageHeader } from '../page-headers.js';
import type { Cursor } from '../thrift-walking.js';
import type { FlatFooter } from './flat-footer.js';
import { chunkOf, type FlatChunk, type FlatGroup } from './flat-groups.js';
import { dictionaryOf, isFromDictionary, nextPage, opened, valuesOfRows } from './flat-pages.js';
import type { FlatColumn } from './flat-schema.js';
import { pageLocations } from './page-locations.js';
import type { FlatValue } from './plain-values.js';

/*
 * Values of a flat file's columns without a general parser: which pages are read for which rows.
 */

/** Bytes of a file, from `start` up to `end`. */
export type Slice = (start: number, end: number) => Uint8Array;

/** Rows of a file, counted from its first one. */
interface Rows {
  readonly start: number;
  readonly end: number;
}

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
