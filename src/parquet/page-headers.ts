import { type Cursor, countAt, fieldAfter, isStruct, isTrue, NO_FIELD, skipValue } from './thrift-walking.js';

/** Facts that the header of a page in a Parquet file has about it (Parquet, "Data Pages"). */
export interface PageHeader {
  /** `data` is version 1. */
  readonly kind: 'data' | 'index' | 'dictionary' | 'dataV2';
  /** Values, nulls included. */
  readonly values: number;
  /** A number of Parquet's `Encoding`. */
  readonly encoding: number;
  /** Bytes in the file after the header, and what they become. */
  readonly compressed: number;
  readonly uncompressed: number;
  /** Levels of version 2: bytes of the levels, which come first and are never compressed; whether the values are. */
  readonly definitionBytes: number;
  readonly repetitionBytes: number;
  readonly valuesAreCompressed: boolean;
}

/** Numbers in the part of a header that only pages of its kind have. */
type Numbers = {
  -readonly [key in keyof Omit<PageHeader, 'kind' | 'compressed' | 'uncompressed'>]: PageHeader[key];
};

const KINDS: readonly PageHeader['kind'][] = ['data', 'index', 'dictionary', 'dataV2'];

/** Fields of `PageHeader` in Parquet's Thrift definition. */
const FIELD = { kind: 1, uncompressed: 2, compressed: 3, data: 5, dictionary: 7, dataV2: 8 } as const;

/** Leaves the cursor behind the header. Throws an `Error` where it is none. */
export const pageHeader = (cursor: Cursor): PageHeader => {
  let kind: PageHeader['kind'] | undefined;
  let uncompressed = 0;
  let compressed = 0;
  const ofKind: Partial<Record<PageHeader['kind'], Numbers>> = {};
  for (let head = fieldAfter(cursor, NO_FIELD); head !== NO_FIELD; head = fieldAfter(cursor, head)) {
    const field = head >> 4;
    const type = head & 0x0f;
    if (field === FIELD.kind) kind = KINDS[countAt(cursor, type)];
    else if (field === FIELD.uncompressed) uncompressed = countAt(cursor, type);
    else if (field === FIELD.compressed) compressed = countAt(cursor, type);
    else if (field === FIELD.data && isStruct(type)) ofKind.data = numbersOf(cursor, OF_DATA);
    else if (field === FIELD.dictionary && isStruct(type)) ofKind.dictionary = numbersOf(cursor, OF_DATA);
    else if (field === FIELD.dataV2 && isStruct(type)) ofKind.dataV2 = numbersOf(cursor, OF_DATA_V2);
    else skipValue(cursor, type);
  }
  const numbers = kind === undefined ? undefined : ofKind[kind];
  if (kind === undefined || numbers === undefined) throw new Error('a page of no kind that is read');
  return { kind, uncompressed, compressed, ...numbers };
};

type Counted = Exclude<keyof Numbers, 'valuesAreCompressed'>;

/** Fields by their number; of the other counts nothing depends. */
const OF_DATA: Readonly<Record<number, Counted>> = { 1: 'values', 2: 'encoding' };
const OF_DATA_V2: Readonly<Record<number, Counted>> = {
  1: 'values',
  4: 'encoding',
  5: 'definitionBytes',
  6: 'repetitionBytes',
};
const IS_COMPRESSED = 7;

const numbersOf = (cursor: Cursor, fields: Readonly<Record<number, Counted>>): Numbers => {
  const numbers: Numbers = {
    values: 0,
    encoding: 0,
    definitionBytes: 0,
    repetitionBytes: 0,
    valuesAreCompressed: true,
  };
  for (let head = fieldAfter(cursor, NO_FIELD); head !== NO_FIELD; head = fieldAfter(cursor, head)) {
    const field = head >> 4;
    const type = head & 0x0f;
    const name = fields[field];
    if (name !== undefined) numbers[name] = countAt(cursor, type);
    else {
      if (fields === OF_DATA_V2 && field === IS_COMPRESSED) numbers.valuesAreCompressed = isTrue(type);
      skipValue(cursor, type);
    }
  }
  return numbers;
};
