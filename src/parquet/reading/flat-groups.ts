import {
  binaryAt,
  type Cursor,
  countAt,
  eachField,
  eachItem,
  fieldAfter,
  isBinary,
  isList,
  isStruct,
  NO_FIELD,
  skipValue,
} from '../thrift-walking.js';
import { NotFlat } from './not-flat.js';

/** A column in a row group: its pages one after another. */
export interface FlatChunk {
  readonly start: number;
  readonly size: number;
  readonly isCompressed: boolean;
  /** Place where its pages are listed; of no bytes where they are not. */
  readonly index: { readonly start: number; readonly size: number };
}

export interface FlatGroup {
  /** Rows of the file before it, and its own. */
  readonly start: number;
  readonly rows: number;
  /** Numbers of each column one after another, as {@link chunkOf} reads them: an object for each would be thousands. */
  readonly facts: Float64Array;
}

/** Places of a column's numbers in the facts of a group. */
const FACT = {
  start: 0,
  size: 1,
  isCompressed: 2,
  least: 3,
  leastEnd: 4,
  greatest: 5,
  greatestEnd: 6,
  index: 7,
  indexSize: 8,
} as const;
const FACTS = 9;

/** A column of a group, by its place in the schema. */
export const chunkOf = ({ facts }: FlatGroup, column: number): FlatChunk => {
  const at = column * FACTS;
  return {
    start: facts[at + FACT.start] ?? 0,
    size: facts[at + FACT.size] ?? 0,
    isCompressed: facts[at + FACT.isCompressed] === SNAPPY,
    index: { start: facts[at + FACT.index] ?? 0, size: facts[at + FACT.indexSize] ?? 0 },
  };
};

/** Fields of the structs of a row group in Parquet's Thrift definition. */
const GROUP = { columns: 1, rows: 3 } as const;
const CHUNK = { metaData: 3, indexOffset: 4, indexLength: 5 } as const;
const COLUMN = { codec: 4, size: 7, dataPage: 9, dictionaryPage: 11, statistics: 12 } as const;
const STATISTICS = { greatest: 5, least: 6 } as const;

const UNCOMPRESSED = 0;
const SNAPPY = 1;

/** Bytes of the least or the greatest value of a column in a group; null where the footer does not say. */
export const boundBytes = (
  bytes: Uint8Array,
  { facts }: FlatGroup,
  column: number,
  end: 'least' | 'greatest',
): Uint8Array | null => {
  const place = column * FACTS + FACT[end];
  const from = facts[place] ?? -1;
  return from < 0 ? null : bytes.subarray(from, facts[place + 1]);
};

/** Reads a row group that begins at row `start` of a file of `fileSize` bytes and so many columns. */
export const readGroup = (
  cursor: Cursor,
  {
    start,
    columns,
    fileSize,
  }: { readonly start: number; readonly columns: number; readonly fileSize: number },
): FlatGroup => {
  const facts = new Float64Array(columns * FACTS);
  let column = 0;
  let rows = 0;
  eachField(cursor, (field, type) => {
    if (field === GROUP.rows) rows = countAt(cursor, type);
    else if (field === GROUP.columns && isList(type)) {
      eachItem(cursor, (item) => {
        if (!isStruct(item)) throw new NotFlat();
        if (column === columns) throw new Error(`more than ${columns} columns in a row group`);
        readChunk(cursor, facts, column * FACTS, fileSize);
        column += 1;
      });
    } else skipValue(cursor, type);
  });
  if (column !== columns) throw new Error(`${column} columns in a row group, ${columns} in the schema`);
  return { start, rows, facts };
};

const readChunk = (cursor: Cursor, facts: Float64Array, at: number, fileSize: number): void => {
  let hasMetaData = false;
  for (let head = fieldAfter(cursor, NO_FIELD); head !== NO_FIELD; head = fieldAfter(cursor, head)) {
    const field = head >> 4;
    const type = head & 0x0f;
    if (field === CHUNK.metaData && isStruct(type)) {
      hasMetaData = true;
      readColumn(cursor, facts, at);
    } else if (field === CHUNK.indexOffset) facts[at + FACT.index] = countAt(cursor, type);
    else if (field === CHUNK.indexLength) facts[at + FACT.indexSize] = countAt(cursor, type);
    else skipValue(cursor, type);
  }
  if (!hasMetaData) throw new NotFlat();
  const start = facts[at + FACT.start] ?? 0;
  const size = facts[at + FACT.size] ?? 0;
  if (start + size > fileSize) throw new Error(`a column of ${size} bytes at ${start} in ${fileSize} bytes`);
  const index = facts[at + FACT.index] ?? 0;
  if (index + (facts[at + FACT.indexSize] ?? 0) > fileSize) facts[at + FACT.indexSize] = 0;
};

const readColumn = (cursor: Cursor, facts: Float64Array, at: number): void => {
  let codec = UNCOMPRESSED;
  facts[at + FACT.least] = -1;
  facts[at + FACT.greatest] = -1;
  for (let head = fieldAfter(cursor, NO_FIELD); head !== NO_FIELD; head = fieldAfter(cursor, head)) {
    const field = head >> 4;
    const type = head & 0x0f;
    if (field === COLUMN.codec) codec = countAt(cursor, type);
    else if (field === COLUMN.size) facts[at + FACT.size] = countAt(cursor, type);
    else if (field === COLUMN.dataPage) facts[at + FACT.start] = countAt(cursor, type);
    else if (field === COLUMN.dictionaryPage) {
      // It comes before the others; nought is none.
      facts[at + FACT.start] = countAt(cursor, type) || (facts[at + FACT.start] ?? 0);
    } else if (field === COLUMN.statistics && isStruct(type)) readStatistics(cursor, facts, at);
    else skipValue(cursor, type);
  }
  if (codec !== UNCOMPRESSED && codec !== SNAPPY) throw new NotFlat();
  facts[at + FACT.isCompressed] = codec;
};

const readStatistics = (cursor: Cursor, facts: Float64Array, at: number): void => {
  for (let head = fieldAfter(cursor, NO_FIELD); head !== NO_FIELD; head = fieldAfter(cursor, head)) {
    const field = head >> 4;
    const type = head & 0x0f;
    if (isBinary(type) && (field === STATISTICS.least || field === STATISTICS.greatest)) {
      const [from, to] = binaryAt(cursor);
      const place = at + (field === STATISTICS.least ? FACT.least : FACT.greatest);
      facts[place] = from;
      facts[place + 1] = to;
    } else skipValue(cursor, type);
  }
};
