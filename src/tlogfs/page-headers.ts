import type { FileMetaData } from 'hyparquet';

/*
 * The parser makes room for as many values as a page says it has, before it has seen any of them: a few damaged bytes
 * could ask for more memory than there is. So page headers are looked at before the parser is: this reads of them
 * what says how large something is, and passes over the rest (Parquet, "Data Pages"; Thrift compact protocol).
 */

/** Bytes of a column in a row group, its pages one after another. */
interface ChunkRange {
  readonly start: number;
  readonly end: number;
}

/** No snappy page shrinks further than to a twenty-second of its size. */
const MOST_COMPRESSION = 32;
const SMALL_PAGE = 4096;

/** Throws an `Error` where a footer promises more rows than the file has bytes. */
export const checkFooter = (metadata: FileMetaData, fileSize: number): void => {
  let rows = 0;
  for (const group of metadata.row_groups) {
    const inGroup = Number(group.num_rows);
    if (!(inGroup >= 0)) throw new Error(`a row group of ${inGroup} rows`);
    rows += inGroup;
  }
  if (rows !== Number(metadata.num_rows)) throw new Error(`${metadata.num_rows} rows, in groups ${rows}`);
  if (rows > fileSize) throw new Error(`${rows} rows in ${fileSize} bytes`);
};

/** Throws an `Error` where a page in these bytes, which begin at `offset` of the file, is said to be too large. */
export const checkPages = (
  metadata: FileMetaData,
  fileSize: number,
  bytes: Uint8Array,
  offset: number,
): void => {
  for (const { start, end } of chunksOf(metadata)) {
    if (end <= offset || start >= offset + bytes.length) continue;
    const last = Math.min(end - offset, bytes.length);
    let at = Math.max(start - offset, 0);
    // As the parser does, which takes a last byte for padding.
    while (at < last - 1) {
      const cursor: Cursor = { bytes, at };
      const page = pageHeader(cursor);
      if (page.values > fileSize) throw new Error(`a page of ${page.values} values in ${fileSize} bytes`);
      if (page.compressed < 0) throw new Error(`a page of ${page.compressed} bytes`);
      if (page.uncompressed > MOST_COMPRESSION * page.compressed + SMALL_PAGE) {
        throw new Error(`a page of ${page.compressed} bytes that is to become ${page.uncompressed}`);
      }
      at = cursor.at + page.compressed;
    }
  }
};

const known = new WeakMap<FileMetaData, readonly ChunkRange[]>();

const chunksOf = (metadata: FileMetaData): readonly ChunkRange[] => {
  const found = known.get(metadata);
  if (found !== undefined) return found;
  const chunks = metadata.row_groups.flatMap(({ columns }) =>
    columns.flatMap(({ meta_data: column }): readonly ChunkRange[] => {
      if (column === undefined) return [];
      const start = Number(column.dictionary_page_offset || column.data_page_offset);
      return [{ start, end: start + Number(column.total_compressed_size) }];
    }),
  );
  known.set(metadata, chunks);
  return chunks;
};

interface Cursor {
  readonly bytes: Uint8Array;
  at: number;
}

interface PageSizes {
  values: number;
  compressed: number;
  uncompressed: number;
}

/** Types of the Thrift compact protocol. */
const TYPE = { stop: 0, true: 1, false: 2, byte: 3, double: 7, binary: 8, list: 9, struct: 12 } as const;

/** Field numbers of `PageHeader` in Parquet's Thrift definition. */
const FIELD = { uncompressed: 2, compressed: 3, data: 5, dictionary: 7, dataV2: 8 } as const;

/** Structs of page headers lie three deep. */
const DEEPEST = 8;

/** Leaves the cursor behind the header. */
const pageHeader = (cursor: Cursor): PageSizes => {
  const sizes: PageSizes = { values: 0, compressed: 0, uncompressed: 0 };
  eachField(cursor, (field, type) => {
    if (field === FIELD.uncompressed) sizes.uncompressed = zigZag(cursor);
    else if (field === FIELD.compressed) sizes.compressed = zigZag(cursor);
    else if (field === FIELD.data || field === FIELD.dictionary || field === FIELD.dataV2) {
      eachField(cursor, (inner, innerType) => {
        // Numbers of values, of nulls and of rows; of other headers an encoding, which is small.
        if (inner <= 3 && innerType > TYPE.byte && innerType < TYPE.double) {
          const count = zigZag(cursor);
          if (count < 0) throw new Error(`a page of ${count} values`);
          sizes.values = Math.max(sizes.values, count);
        } else skip(cursor, innerType, 2);
      });
    } else skip(cursor, type, 1);
  });
  return sizes;
};

const eachField = (cursor: Cursor, take: (field: number, type: number) => void): void => {
  let field = 0;
  for (;;) {
    const head = nextByte(cursor);
    const type = head & 0x0f;
    if (type === TYPE.stop) return;
    field = head >> 4 === 0 ? zigZag(cursor) : field + (head >> 4);
    take(field, type);
  }
};

const skip = (cursor: Cursor, type: number, depth: number): void => {
  if (depth > DEEPEST) throw new Error('a page header of too many layers');
  if (type === TYPE.true || type === TYPE.false) return;
  if (type === TYPE.byte) cursor.at += 1;
  else if (type < TYPE.double) varInt(cursor);
  else if (type === TYPE.double) cursor.at += 8;
  else if (type === TYPE.binary) cursor.at += varInt(cursor);
  else if (type === TYPE.struct) eachField(cursor, (_, inner) => skip(cursor, inner, depth + 1));
  else if (type === TYPE.list) skipList(cursor, depth);
  else throw new Error(`a page header with a field of type ${type}`);
};

const skipList = (cursor: Cursor, depth: number): void => {
  const head = nextByte(cursor);
  const size = head >> 4 === 15 ? varInt(cursor) : head >> 4;
  // In a list a truth value takes a byte.
  const type = Math.max(head & 0x0f, TYPE.byte);
  for (let item = 0; item < size; item += 1) skip(cursor, type, depth + 1);
};

const nextByte = (cursor: Cursor): number => {
  const byte = cursor.bytes[cursor.at];
  if (byte === undefined) throw new Error('a page header that is cut off');
  cursor.at += 1;
  return byte;
};

const LONGEST_VARINT = 10;

const varInt = (cursor: Cursor): number => {
  let result = 0;
  for (let place = 0; place < LONGEST_VARINT; place += 1) {
    const byte = nextByte(cursor);
    result += (byte & 0x7f) * 2 ** (7 * place);
    if (byte < 0x80) return result;
  }
  throw new Error('a page header with a number of too many bytes');
};

const zigZag = (cursor: Cursor): number => {
  const value = varInt(cursor);
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
};
