import type { FileMetaData } from 'hyparquet';
import type { Codecs, Decompress } from '../codecs.js';
import { type PageHeader, pageHeader } from '../page-headers.js';
import type { Cursor } from '../thrift-walking.js';
import { type Chunk, chunksOf } from './column-chunks.js';
import { checkOffsetIndex } from './offset-index.js';
import { openedPages } from './opened-pages.js';
import { checkDataPage, checkLevels, checkValues, isDictionaryEncoded } from './page-contents.js';

/* Pages and lists of pages, before the parser is given them; see `footer-checks.ts`. */

/** Checks of the pages that one reading sees. */
export interface PageChecks {
  /** Looks at bytes that the parser will be given; they begin at `offset` of the file. */
  readonly check: (bytes: Uint8Array, offset: number) => void;
  /** The parser's decompression: what was looked at is not decompressed again. */
  readonly compressors: Readonly<Record<string, Decompress>>;
}

/** No snappy page shrinks further than to a twenty-second of its size. */
const MOST_COMPRESSION = 32;
const SMALL_PAGE = 4096;

/** Other compressions make next to nothing of what repeats: their pages are bounded by themselves, and in all. */
const LARGEST_PAGE = 64 * 1024 * 1024;

/** Values in all that is read, for each byte of the file: of few bytes runs make many. */
export const MOST_VALUES = 64;

/** Bound on what a dictionary may make of a file: so many times its size, and something for small files. */
const MOST_EXPANSION = 64;
const SMALL_EXPANSION = 64 * 1024 * 1024;

/** Checks for reading some columns, all if null. */
export const pageChecks = (
  metadata: FileMetaData,
  fileSize: number,
  columns: readonly string[] | null,
  codecs: Codecs,
): PageChecks => {
  const chunks = chunksOf(metadata).filter(({ name }) => columns === null || columns.includes(name));
  let values = 0;
  const { compressors, opened } = openedPages(codecs, fileSize);

  const checkPage = (stored: Uint8Array, header: PageHeader, { column, codec }: Chunk): void => {
    values += header.values;
    if (values > MOST_VALUES * fileSize) throw new Error(`${values} values in ${fileSize} bytes`);
    if (header.kind === 'dataV2') {
      const rest = checkLevels(stored, header, column);
      const size = header.uncompressed - header.definitionBytes - header.repetitionBytes;
      if (size < 0) throw new Error('a page with more levels than bytes');
      const codecOfRest = header.valuesAreCompressed ? codec : 'UNCOMPRESSED';
      checkValues(opened(rest, size, codecOfRest), header, column.isBoolean);
    } else if (header.kind === 'data') {
      checkDataPage(opened(stored, header.uncompressed, codec), header, column);
    }
  };

  const checkChunk = (chunk: Chunk, bytes: Uint8Array, offset: number): void => {
    const last = Math.min(chunk.end - offset, bytes.length);
    const cursor: Cursor = { bytes, at: Math.max(chunk.start - offset, 0) };
    let longest = 0;
    // As the parser does, which takes a last byte for padding.
    while (cursor.at < last - 1) {
      const header = pageHeader(cursor);
      checkSizes(header, chunk.codec, fileSize);
      const stored = bytes.subarray(cursor.at, cursor.at + header.compressed);
      cursor.at += header.compressed;
      if (cursor.at > last)
        throw new Error(`a page of ${header.compressed} bytes, of which ${stored.length} are there`);
      checkPage(stored, header, chunk);
      if (!chunk.isText) continue;
      if (header.kind === 'dictionary') {
        longest = longestText(opened(stored, header.uncompressed, chunk.codec), header.values);
      } else if (isDictionaryEncoded(header)) checkExpansion(longest, header.values, fileSize);
    }
    if (cursor.at < last && last !== chunk.end - offset) throw new Error('a page that is cut off');
  };

  return {
    check: (bytes, offset) => {
      const end = offset + bytes.length;
      for (const chunk of chunks) {
        const { offsetIndex } = chunk;
        if (offsetIndex !== null && offset <= offsetIndex.start && offsetIndex.end <= end) {
          checkOffsetIndex(bytes.subarray(offsetIndex.start - offset, offsetIndex.end - offset), chunk);
        }
        if (chunk.end > offset && chunk.start < end) checkChunk(chunk, bytes, offset);
      }
    },
    compressors,
  };
};

/** Bound on one text that may be the value of many rows: each of them is taken to be as long as the longest. */
const checkExpansion = (longest: number, values: number, fileSize: number): void => {
  if (longest * values > MOST_EXPANSION * fileSize + SMALL_EXPANSION) {
    throw new Error(`${values} strings of up to ${longest} bytes in ${fileSize} bytes`);
  }
};

/** Bytes of the longest value in a dictionary of strings. */
const longestText = (page: Uint8Array, values: number): number => {
  const view = new DataView(page.buffer, page.byteOffset, page.byteLength);
  let longest = 0;
  for (let value = 0, at = 0; value < values && at + 4 <= page.length; value += 1) {
    const length = view.getUint32(at, true);
    longest = Math.max(longest, length);
    at += 4 + length;
  }
  return longest;
};

const checkSizes = (
  { values, compressed, uncompressed }: PageHeader,
  codec: string,
  fileSize: number,
): void => {
  if (values > fileSize) throw new Error(`a page of ${values} values in ${fileSize} bytes`);
  const most =
    codec === 'SNAPPY' || codec === 'UNCOMPRESSED'
      ? MOST_COMPRESSION * compressed + SMALL_PAGE
      : LARGEST_PAGE;
  if (uncompressed > most) {
    throw new Error(`a page of ${compressed} bytes that is to become ${uncompressed}`);
  }
};
