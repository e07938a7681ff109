import {
  type Cursor,
  countAt,
  eachField,
  eachItem,
  isBinary,
  isList,
  isStruct,
  skipValue,
  varInt,
} from './thrift-walking.js';

/*
 * The footer of a flat file, as far as reading it needs: where each column of each row group lies, and its least and
 * greatest value. The general parser makes some thousand objects of the same bytes, and its code takes long to load.
 */

/** A column of a flat file. `long`: 64 bits, times in microseconds included. */
export interface FlatColumn {
  readonly name: string;
  readonly type: 'boolean' | 'long' | 'text' | 'bytes';
  readonly isOptional: boolean;
}

/** A column in a row group: its pages one after another. */
export interface FlatChunk {
  readonly start: number;
  readonly size: number;
  readonly isCompressed: boolean;
  /** Place where its pages are listed; of no bytes where they are not. */
  readonly index: { readonly start: number; readonly size: number };
  /** Places of the least and the greatest value in the footer; -1 where it does not say. */
  readonly least: number;
  readonly leastEnd: number;
  readonly greatest: number;
  readonly greatestEnd: number;
}

export interface FlatGroup {
  /** Rows of the file before it, and its own. */
  readonly start: number;
  readonly rows: number;
  /** One for each column. */
  readonly chunks: readonly FlatChunk[];
}

export interface FlatFooter {
  readonly rows: number;
  readonly columns: readonly FlatColumn[];
  readonly groups: readonly FlatGroup[];
  /** The least or the greatest value of a column in a group; undefined where the footer does not say. */
  readonly bound: (
    group: FlatGroup,
    column: string,
    end: 'least' | 'greatest',
  ) => string | number | undefined;
}

/** Fields of the structs of a footer in Parquet's Thrift definition. */
const FILE = { schema: 2, rows: 3, groups: 4 } as const;
const ELEMENT = { type: 1, repetition: 3, name: 4, children: 5, converted: 6, logical: 10 } as const;
const GROUP = { columns: 1, rows: 3 } as const;
const CHUNK = { metaData: 3, indexOffset: 4, indexLength: 5 } as const;
const COLUMN = { codec: 4, size: 7, dataPage: 9, dictionaryPage: 11, statistics: 12 } as const;
const STATISTICS = { greatest: 5, least: 6 } as const;

const PHYSICAL: Readonly<Record<number, 'boolean' | 'long' | 'bytes'>> = {
  0: 'boolean',
  2: 'long',
  6: 'bytes',
};
const UTF8 = 0;
const TIMESTAMP_MICROS = 10;
const UNCOMPRESSED = 0;
const SNAPPY = 1;

/** Thrown inside this file only. */
class NotFlat extends Error {
  override readonly name = 'NotFlat';
}

/**
 * Reads a footer, the bytes between the pages and its length. Null: the file has what is not read here (columns within
 * columns, other types or compressions). Throws an `Error` where it cannot be a footer of a file of `fileSize` bytes.
 */
export const flatFooter = (bytes: Uint8Array, fileSize: number): FlatFooter | null => {
  try {
    return readFooter({ bytes, at: 0 }, fileSize);
  } catch (error) {
    if (error instanceof NotFlat) return null;
    throw error;
  }
};

const readFooter = (cursor: Cursor, fileSize: number): FlatFooter => {
  const columns: FlatColumn[] = [];
  const groups: FlatGroup[] = [];
  let rows = 0;
  let isRoot = true;
  let inGroups = 0;
  eachField(cursor, (field, type) => {
    if (field === FILE.rows) rows = countAt(cursor, type);
    else if (field === FILE.schema && isList(type)) {
      eachItem(cursor, (item) => {
        if (!isStruct(item)) throw new NotFlat();
        const column = readElement(cursor, isRoot);
        if (column !== null) columns.push(column);
        isRoot = false;
      });
    } else if (field === FILE.groups && isList(type)) {
      eachItem(cursor, (item) => {
        if (!isStruct(item)) throw new NotFlat();
        const group = readGroup(cursor, inGroups, columns.length, fileSize);
        groups.push(group);
        inGroups += group.rows;
      });
    } else skipValue(cursor, type);
  });
  if (inGroups !== rows) throw new Error(`${rows} rows, in groups ${inGroups}`);
  if (rows > fileSize) throw new Error(`${rows} rows in ${fileSize} bytes`);
  const { bytes } = cursor;
  return {
    rows,
    columns,
    groups,
    bound: (group, name, end) => {
      const index = columns.findIndex((column) => column.name === name);
      const chunk = group.chunks[index];
      const column = columns[index];
      if (chunk === undefined || column === undefined) return undefined;
      const [from, to] =
        end === 'least' ? [chunk.least, chunk.leastEnd] : [chunk.greatest, chunk.greatestEnd];
      return from < 0 ? undefined : boundOf(bytes.subarray(from, to), column);
    },
  };
};

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

const boundOf = (bytes: Uint8Array, { type }: FlatColumn): string | number | undefined => {
  if (type === 'text') return decoder.decode(bytes);
  if (type !== 'long' || bytes.length !== 8) return undefined;
  const value = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigInt64(0, true);
  return Number(value);
};

/** A column; null for the root. */
const readElement = (cursor: Cursor, isRoot: boolean): FlatColumn | null => {
  let physical: number | undefined;
  let [name, repetition, children] = ['', 0, 0];
  let converted: number | undefined;
  let isLogical = false;
  eachField(cursor, (field, type) => {
    if (field === ELEMENT.type) physical = countAt(cursor, type);
    else if (field === ELEMENT.repetition) repetition = countAt(cursor, type);
    else if (field === ELEMENT.children) children = countAt(cursor, type);
    else if (field === ELEMENT.converted) converted = countAt(cursor, type);
    else if (field === ELEMENT.name && isBinary(type)) {
      const [from, to] = binaryAt(cursor);
      name = decoder.decode(cursor.bytes.subarray(from, to));
    } else {
      if (field === ELEMENT.logical) isLogical = true;
      skipValue(cursor, type);
    }
  });
  if (isRoot) return null;
  const stored = physical === undefined ? undefined : PHYSICAL[physical];
  if (stored === undefined || children > 0 || repetition > 1) throw new NotFlat();
  const isOptional = repetition === 1;
  if (converted === undefined && !isLogical) return { name, type: stored, isOptional };
  if (stored === 'bytes' && converted === UTF8) return { name, type: 'text', isOptional };
  if (stored === 'long' && converted === TIMESTAMP_MICROS) return { name, type: 'long', isOptional };
  throw new NotFlat();
};

const readGroup = (cursor: Cursor, start: number, columns: number, fileSize: number): FlatGroup => {
  const chunks: FlatChunk[] = [];
  let rows = 0;
  eachField(cursor, (field, type) => {
    if (field === GROUP.rows) rows = countAt(cursor, type);
    else if (field === GROUP.columns && isList(type)) {
      eachItem(cursor, (item) => {
        if (!isStruct(item)) throw new NotFlat();
        chunks.push(readChunk(cursor, fileSize));
      });
    } else skipValue(cursor, type);
  });
  if (chunks.length !== columns)
    throw new Error(`${chunks.length} columns in a row group, ${columns} in the schema`);
  return { start, rows, chunks };
};

const readChunk = (cursor: Cursor, fileSize: number): FlatChunk => {
  let chunk: Omit<FlatChunk, 'index'> | undefined;
  const index = { start: 0, size: 0 };
  eachField(cursor, (field, type) => {
    if (field === CHUNK.metaData && isStruct(type)) chunk = readColumn(cursor);
    else if (field === CHUNK.indexOffset) index.start = countAt(cursor, type);
    else if (field === CHUNK.indexLength) index.size = countAt(cursor, type);
    else skipValue(cursor, type);
  });
  if (chunk === undefined) throw new NotFlat();
  if (chunk.start + chunk.size > fileSize)
    throw new Error(`a column of ${chunk.size} bytes at ${chunk.start} in ${fileSize} bytes`);
  return { ...chunk, index: index.start + index.size > fileSize ? { start: 0, size: 0 } : index };
};

const readColumn = (cursor: Cursor): Omit<FlatChunk, 'index'> => {
  let [codec, size, dataPage, dictionaryPage] = [UNCOMPRESSED, 0, 0, 0];
  let [least, leastEnd, greatest, greatestEnd] = [-1, -1, -1, -1];
  eachField(cursor, (field, type) => {
    if (field === COLUMN.codec) codec = countAt(cursor, type);
    else if (field === COLUMN.size) size = countAt(cursor, type);
    else if (field === COLUMN.dataPage) dataPage = countAt(cursor, type);
    else if (field === COLUMN.dictionaryPage) dictionaryPage = countAt(cursor, type);
    else if (field === COLUMN.statistics && isStruct(type)) {
      eachField(cursor, (statistic, inner) => {
        if (statistic === STATISTICS.least && isBinary(inner)) [least, leastEnd] = binaryAt(cursor);
        else if (statistic === STATISTICS.greatest && isBinary(inner))
          [greatest, greatestEnd] = binaryAt(cursor);
        else skipValue(cursor, inner);
      });
    } else skipValue(cursor, type);
  });
  if (codec !== UNCOMPRESSED && codec !== SNAPPY) throw new NotFlat();
  return {
    start: dictionaryPage > 0 ? dictionaryPage : dataPage,
    size,
    isCompressed: codec === SNAPPY,
    ...{ least, leastEnd, greatest, greatestEnd },
  };
};

/** Places where a field's bytes begin and end; leaves the cursor behind them. */
const binaryAt = (cursor: Cursor): readonly [number, number] => {
  const length = varInt(cursor);
  const from = cursor.at;
  cursor.at = from + length;
  if (cursor.at > cursor.bytes.length) throw new Error('it is cut off');
  return [from, cursor.at];
};
