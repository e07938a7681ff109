import { type FileMetaData, parquetSchema } from 'hyparquet';
import type { Codecs, Decompress } from '../codecs.js';
import { NotSupported } from '../not-supported.js';
import { type PageHeader, pageHeader } from '../page-headers.js';
import { type Cursor, countAt, eachField, eachItem, isList, isStruct, skipValue } from '../thrift-walking.js';
import {
  type ColumnShape,
  checkDataPage,
  checkLevels,
  checkValues,
  isDictionaryEncoded,
} from './page-contents.js';

/* Pages and lists of pages, before the parser is given them; see `footer-checks.ts`. */

interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** A column in a row group: its pages one after another. */
interface Chunk extends ByteRange {
  /** The column, or what it is part of. */
  readonly name: string;
  readonly column: ColumnShape;
  /** Compression of its pages. */
  readonly codec: string;
  /** Tells whether its values become strings. */
  readonly isText: boolean;
  /** Place where its pages are listed. */
  readonly offsetIndex: ByteRange | null;
}

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

/** Other compressions make next to nothing of what repeats: their pages are bounded by themselves and in all. */
const LARGEST_PAGE = 64 * 1024 * 1024;
const MOST_IN_ALL = 1024;
const SMALL_IN_ALL = 256 * 1024 * 1024;

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
  let bytesInAll = 0;
  const known: { readonly compressed: Uint8Array; readonly page: Uint8Array }[] = [];

  const remembering =
    (decompress: Decompress): Decompress =>
    (compressed, size) =>
      known.find((one) => one.page.length === size && isSame(one.compressed, compressed))?.page ??
      decompress(compressed, size);
  const compressors = Object.fromEntries(
    Object.entries(codecs).flatMap(([codec, decompress]) =>
      decompress === undefined ? [] : [[codec, remembering(decompress)]],
    ),
  );

  /** The values' own bytes; remembered, since the parser will ask for the same. */
  const opened = (stored: Uint8Array, size: number, codec: string): Uint8Array => {
    if (codec === 'UNCOMPRESSED') return stored;
    const decompress = compressors[codec];
    if (decompress === undefined) throw new NotSupported(`compressed by ${codec}`);
    bytesInAll += size;
    if (bytesInAll > MOST_IN_ALL * fileSize + SMALL_IN_ALL) {
      throw new Error(`pages of more than ${bytesInAll} bytes in ${fileSize} bytes`);
    }
    const page = decompress(stored, size);
    known.push({ compressed: stored, page });
    return page;
  };

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

  /** Bytes of the longest value in a dictionary of strings. */
  const longestIn = (stored: Uint8Array, header: PageHeader, { codec }: Chunk): number =>
    longestText(opened(stored, header.uncompressed, codec), header.values);

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
      if (header.kind === 'dictionary') longest = longestIn(stored, header, chunk);
      else if (isDictionaryEncoded(header)) checkExpansion(longest, header.values, fileSize);
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

const isSame = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && Buffer.compare(a, b) === 0;

/** Bound on one text that may be the value of many rows: each of them is taken to be as long as the longest. */
const checkExpansion = (longest: number, values: number, fileSize: number): void => {
  if (longest * values > MOST_EXPANSION * fileSize + SMALL_EXPANSION) {
    throw new Error(`${values} strings of up to ${longest} bytes in ${fileSize} bytes`);
  }
};

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

/** Fields of `OffsetIndex` and of `PageLocation` in Parquet's Thrift definition. */
const INDEX_FIELD = { locations: 1, offset: 1, size: 2 } as const;

/** The pages of a column lie in the column. */
const checkOffsetIndex = (index: Uint8Array, chunk: ByteRange): void => {
  const cursor: Cursor = { bytes: index, at: 0 };
  eachField(cursor, (field, type) => {
    if (field === INDEX_FIELD.locations && isList(type)) {
      eachItem(cursor, (item) => (isStruct(item) ? checkLocation(cursor, chunk) : skipValue(cursor, item)));
    } else skipValue(cursor, type);
  });
};

const checkLocation = (cursor: Cursor, { start, end }: ByteRange): void => {
  let [offset, size] = [0, 0];
  eachField(cursor, (field, type) => {
    if (field === INDEX_FIELD.offset) offset = countAt(cursor, type);
    else if (field === INDEX_FIELD.size) size = countAt(cursor, type);
    else skipValue(cursor, type);
  });
  if (offset < start || offset + size > end) {
    throw new Error(`a page from ${offset} to ${offset + size} in a column from ${start} to ${end}`);
  }
};

const chunks = new WeakMap<FileMetaData, readonly Chunk[]>();

const chunksOf = (metadata: FileMetaData): readonly Chunk[] => {
  const found = chunks.get(metadata);
  if (found !== undefined) return found;
  const tree = parquetSchema(metadata);
  const made = metadata.row_groups.flatMap(({ columns }) =>
    columns.flatMap((chunk): readonly Chunk[] => {
      const { meta_data: column } = chunk;
      if (column === undefined) return [];
      const start = Number(column.dictionary_page_offset || column.data_page_offset);
      const { shape, isText } = shapeOf(tree, column.path_in_schema, column.type);
      return [
        {
          start,
          end: start + Number(column.total_compressed_size),
          name: column.path_in_schema[0] ?? '',
          column: shape,
          isText,
          codec: column.codec,
          offsetIndex: offsetIndexOf(chunk),
        },
      ];
    }),
  );
  chunks.set(metadata, made);
  return made;
};

const offsetIndexOf = ({
  offset_index_offset: offset,
  offset_index_length: length,
}: FileMetaData['row_groups'][number]['columns'][number]): ByteRange | null =>
  offset && length ? { start: Number(offset), end: Number(offset) + length } : null;

/** Contents stay what they are, however many rows have the same one. */
const CONTENT = 'content';

const shapeOf = (
  root: ReturnType<typeof parquetSchema>,
  path: readonly string[],
  type: string,
): { readonly shape: ColumnShape; readonly isText: boolean } => {
  const way = [root];
  for (const name of path) {
    const next = way.at(-1)?.children.find(({ element }) => element.name === name);
    if (next === undefined) throw new Error(`no column ${path.join('.')} in the schema`);
    way.push(next);
  }
  const levels = way.map(({ element }) => element.repetition_type);
  return {
    shape: {
      isBoolean: type === 'BOOLEAN',
      maxDefinitionLevel: levels.slice(1).filter((level) => level !== 'REQUIRED').length,
      maxRepetitionLevel: levels.filter((level) => level === 'REPEATED').length,
    },
    isText: type === 'BYTE_ARRAY' && path[0] !== CONTENT,
  };
};
