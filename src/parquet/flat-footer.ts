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
  readonly type: 'boolean' | 'integer' | 'long' | 'text' | 'bytes';
  /** Ancestors that may be missing, itself included, and those that are repeated: in a flat file at most one and none. */
  readonly maxDefinition: number;
  readonly maxRepetition: number;
}

/** An element of the schema: a column, or what has columns. */
export interface SchemaElement {
  readonly name: string;
  /** Null for what has columns. */
  readonly type: FlatColumn['type'] | null;
  /** A number of Parquet: required is 0, optional 1, repeated 2. */
  readonly repetition: number;
  readonly children: number;
}

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

export interface FlatFooter {
  readonly rows: number;
  readonly columns: readonly FlatColumn[];
  readonly groups: readonly FlatGroup[];
  /** The schema, its root first, each element before its children. */
  readonly elements: readonly SchemaElement[];
  /** Tells whether no column lies within another element than the root. */
  readonly isFlat: boolean;
  /** The least or the greatest value of a column in a group; undefined where the footer does not say. */
  readonly bound: (
    group: FlatGroup,
    column: string,
    end: 'least' | 'greatest',
  ) => string | number | undefined;
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
  const fact = (name: keyof typeof FACT): number => facts[column * FACTS + FACT[name]] ?? 0;
  return {
    start: fact('start'),
    size: fact('size'),
    isCompressed: fact('isCompressed') === 1,
    index: { start: fact('index'), size: fact('indexSize') },
  };
};

/** Fields of the structs of a footer in Parquet's Thrift definition. */
const FILE = { schema: 2, rows: 3, groups: 4 } as const;
const ELEMENT = { type: 1, repetition: 3, name: 4, children: 5, converted: 6, logical: 10 } as const;
const GROUP = { columns: 1, rows: 3 } as const;
const CHUNK = { metaData: 3, indexOffset: 4, indexLength: 5 } as const;
const COLUMN = { codec: 4, size: 7, dataPage: 9, dictionaryPage: 11, statistics: 12 } as const;
const STATISTICS = { greatest: 5, least: 6 } as const;

const PHYSICAL: Readonly<Record<number, 'boolean' | 'integer' | 'long' | 'bytes'>> = {
  0: 'boolean',
  1: 'integer',
  2: 'long',
  6: 'bytes',
};
const REQUIRED = 0;
const REPEATED = 2;
const LARGEST_SCHEMA = 4096;
const DEEPEST_SCHEMA = 32;
const UTF8 = 0;
const TIMESTAMP_MICROS = 10;
const UNCOMPRESSED = 0;
const SNAPPY = 1;

/** Thrown inside this file only. */
class NotFlat extends Error {
  override readonly name = 'NotFlat';
}

/**
 * Reads a footer, the bytes between the pages and its length. Null: the file has what is not read here (other types or
 * compressions). Throws an `Error` where it cannot be a footer of a file of `fileSize` bytes.
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
  const elements: SchemaElement[] = [];
  const groups: FlatGroup[] = [];
  let columns: readonly FlatColumn[] = [];
  let rows = 0;
  let inGroups = 0;
  eachField(cursor, (field, type) => {
    if (field === FILE.rows) rows = countAt(cursor, type);
    else if (field === FILE.schema && isList(type)) {
      eachItem(cursor, (item) => {
        if (!isStruct(item) || elements.length > LARGEST_SCHEMA) throw new NotFlat();
        elements.push(readElement(cursor));
      });
      columns = columnsOf(elements);
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
    elements,
    isFlat: columns.length === elements.length - 1 && columns.every((column) => column.maxRepetition === 0),
    bound: (group, name, end) => {
      const index = columns.findIndex((column) => column.name === name);
      const column = columns[index];
      const least = index * FACTS + FACT[end];
      const from = group.facts[least] ?? -1;
      return column === undefined || from < 0
        ? undefined
        : boundOf(bytes.subarray(from, group.facts[least + 1]), column);
    },
  };
};

/** The columns of a schema, whose elements come before their children, and how many of their ancestors may be missing or repeated. */
const columnsOf = (elements: readonly SchemaElement[]): readonly FlatColumn[] => {
  const columns: FlatColumn[] = [];
  const open = [{ left: elements[0]?.children ?? 0, maxDefinition: 0, maxRepetition: 0 }];
  for (const { name, type, repetition, children } of elements.slice(1)) {
    while (open.at(-1)?.left === 0) open.pop();
    const parent = open.at(-1);
    if (parent === undefined || open.length > DEEPEST_SCHEMA) throw new NotFlat();
    parent.left -= 1;
    const maxDefinition = parent.maxDefinition + (repetition === REQUIRED ? 0 : 1);
    const maxRepetition = parent.maxRepetition + (repetition === REPEATED ? 1 : 0);
    if (children > 0) open.push({ left: children, maxDefinition, maxRepetition });
    else if (type === null) throw new NotFlat();
    else columns.push({ name, type, maxDefinition, maxRepetition });
  }
  if (open.some(({ left }) => left > 0)) throw new Error('a schema that is cut off');
  return columns;
};

const textOf = ({ buffer, byteOffset, length }: Uint8Array): string =>
  Buffer.from(buffer, byteOffset, length).toString();

const boundOf = (bytes: Uint8Array, { type }: FlatColumn): string | number | undefined => {
  if (type === 'text') return textOf(bytes);
  if (type !== 'long' || bytes.length !== 8) return undefined;
  const value = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigInt64(0, true);
  return Number(value);
};

const readElement = (cursor: Cursor): SchemaElement => {
  let physical: number | undefined;
  let [name, repetition, children] = ['', REQUIRED, 0];
  let converted: number | undefined;
  let isLogical = false;
  eachField(cursor, (field, type) => {
    if (field === ELEMENT.type) physical = countAt(cursor, type);
    else if (field === ELEMENT.repetition) repetition = countAt(cursor, type);
    else if (field === ELEMENT.children) children = countAt(cursor, type);
    else if (field === ELEMENT.converted) converted = countAt(cursor, type);
    else if (field === ELEMENT.name && isBinary(type)) {
      const [from, to] = binaryAt(cursor);
      name = textOf(cursor.bytes.subarray(from, to));
    } else {
      if (field === ELEMENT.logical) isLogical = true;
      skipValue(cursor, type);
    }
  });
  if (repetition > REPEATED) throw new NotFlat();
  const type = children > 0 || physical === undefined ? null : typeOf(physical, converted, isLogical);
  return { name, type, repetition, children };
};

const typeOf = (physical: number, converted: number | undefined, isLogical: boolean): FlatColumn['type'] => {
  const stored = PHYSICAL[physical];
  if (stored === undefined) throw new NotFlat();
  if (converted === undefined && !isLogical) return stored;
  if (stored === 'bytes' && converted === UTF8) return 'text';
  if (stored === 'long' && converted === TIMESTAMP_MICROS) return 'long';
  throw new NotFlat();
};

const readGroup = (cursor: Cursor, start: number, columns: number, fileSize: number): FlatGroup => {
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

/*
 * From here on fields are walked over in loops of their own: a footer has thousands of them, and in a command that ends
 * soon none of this code gets compiled.
 */

const readChunk = (cursor: Cursor, facts: Float64Array, at: number, fileSize: number): void => {
  let hasMetaData = false;
  let field = 0;
  for (;;) {
    const head = byteAt(cursor);
    const type = head & 0x0f;
    if (type === STOP) break;
    field = nextField(head, field);
    if (field === CHUNK.metaData && isStruct(type)) {
      hasMetaData = true;
      readColumn(cursor, facts, at);
    } else if (field === CHUNK.indexOffset) facts[at + FACT.index] = countAt(cursor, type);
    else if (field === CHUNK.indexLength) facts[at + FACT.indexSize] = countAt(cursor, type);
    else skipValue(cursor, type);
  }
  if (!hasMetaData) throw new NotFlat();
  const [start = 0, size = 0] = facts.subarray(at);
  if (start + size > fileSize) throw new Error(`a column of ${size} bytes at ${start} in ${fileSize} bytes`);
  const index = facts[at + FACT.index] ?? 0;
  if (index + (facts[at + FACT.indexSize] ?? 0) > fileSize) facts[at + FACT.indexSize] = 0;
};

const readColumn = (cursor: Cursor, facts: Float64Array, at: number): void => {
  let codec = UNCOMPRESSED;
  let field = 0;
  facts[at + FACT.least] = -1;
  facts[at + FACT.greatest] = -1;
  for (;;) {
    const head = byteAt(cursor);
    const type = head & 0x0f;
    if (type === STOP) break;
    field = nextField(head, field);
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
  let field = 0;
  for (;;) {
    const head = byteAt(cursor);
    const type = head & 0x0f;
    if (type === STOP) return;
    field = nextField(head, field);
    if (isBinary(type) && (field === STATISTICS.least || field === STATISTICS.greatest)) {
      const [from, to] = binaryAt(cursor);
      const place = at + (field === STATISTICS.least ? FACT.least : FACT.greatest);
      facts[place] = from;
      facts[place + 1] = to;
    } else skipValue(cursor, type);
  }
};

const STOP = 0;

const byteAt = (cursor: Cursor): number => {
  const byte = cursor.bytes[cursor.at];
  if (byte === undefined) throw new Error('it is cut off');
  cursor.at += 1;
  return byte;
};

/** The number of a field, after its head. Fields that are far from each other, or out of order, are not in our files. */
const nextField = (head: number, before: number): number => {
  if (head >> 4 === 0) throw new NotFlat();
  return before + (head >> 4);
};

/** Places where a field's bytes begin and end; leaves the cursor behind them. */
const binaryAt = (cursor: Cursor): readonly [number, number] => {
  const length = varInt(cursor);
  const from = cursor.at;
  cursor.at = from + length;
  if (cursor.at > cursor.bytes.length) throw new Error('it is cut off');
  return [from, cursor.at];
};
