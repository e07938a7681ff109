import {
  binaryAt,
  type Cursor,
  countAt,
  eachItem,
  fieldAfter,
  isBinary,
  isStruct,
  NO_FIELD,
  skipValue,
} from '../thrift-walking.js';
import { NotFlat } from './not-flat.js';

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

/** Fields of an element in Parquet's Thrift definition. */
const ELEMENT = { type: 1, repetition: 3, name: 4, children: 5, converted: 6, logical: 10 } as const;

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

/** Reads a schema, its root first, each element before its children. */
export const readElements = (cursor: Cursor): readonly SchemaElement[] => {
  const elements: SchemaElement[] = [];
  eachItem(cursor, (item) => {
    if (!isStruct(item) || elements.length > LARGEST_SCHEMA) throw new NotFlat();
    elements.push(readElement(cursor));
  });
  return elements;
};

/** The columns of a schema, whose elements come before their children, and how many of their ancestors may be missing or repeated. */
export const columnsOf = (elements: readonly SchemaElement[]): readonly FlatColumn[] => {
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

const readElement = (cursor: Cursor): SchemaElement => {
  let physical: number | undefined;
  let [name, repetition, children] = ['', REQUIRED, 0];
  let converted: number | undefined;
  let isLogical = false;
  for (let head = fieldAfter(cursor, NO_FIELD); head !== NO_FIELD; head = fieldAfter(cursor, head)) {
    const field = head >> 4;
    const type = head & 0x0f;
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
  }
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

/** Text of bytes in UTF-8. */
export const textOf = ({ buffer, byteOffset, length }: Uint8Array): string =>
  Buffer.from(buffer, byteOffset, length).toString();
