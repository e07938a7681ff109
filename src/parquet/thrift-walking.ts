/*
 * Walking over values in Thrift's compact protocol without making room for any of them: a few damaged or hostile bytes
 * may say that a list has billions of items. `compact-thrift.ts` is the other direction. A command that ends soon walks
 * over thousands of fields before V8 has compiled any of this: bytes are read where they are wanted, not by a call for each.
 */

/** A place in bytes. */
export interface Cursor {
  readonly bytes: Uint8Array;
  at: number;
}

/** Types of fields and of list items. */
const TYPE = {
  stop: 0,
  true: 1,
  false: 2,
  byte: 3,
  i16: 4,
  i32: 5,
  double: 7,
  binary: 8,
  list: 9,
  struct: 12,
};

/** Parquet's footers, the deepest of its structs, have fewer layers. */
const DEEPEST = 16;

const LONGEST_VARINT = 10;

/** Numbers of fields have 16 bits. */
const LAST_FIELD = 2 ** 15 - 1;

/**
 * Goes through the fields of a struct; `take` leaves the cursor behind the field's value. Throws an `Error` where the
 * bytes end before the struct, or a field comes twice or out of order, which no writer does.
 */
export const eachField = (cursor: Cursor, take: (field: number, type: number) => void): void => {
  for (let head = fieldAfter(cursor, NO_FIELD); head !== NO_FIELD; head = fieldAfter(cursor, head))
    take(head >> 4, head & 0x0f);
};

/** Mark that {@link fieldAfter} is given before the first field of a struct, and returns after the last one. */
export const NO_FIELD = 0;

/**
 * The field of a struct that follows the one before; leaves the cursor before its value. It is one number, since a footer
 * has thousands of them: the field's own, and in the four lowest bits its type. Throws as {@link eachField} does.
 */
export const fieldAfter = (cursor: Cursor, before: number): number => {
  const head = cursor.bytes[cursor.at];
  if (head === undefined) throw cutOff();
  cursor.at += 1;
  const type = head & 0x0f;
  if (type === TYPE.stop) return NO_FIELD;
  if (head > 0x0f) return (before & ~0x0f) + head;
  const field = zigZag(cursor);
  if (field <= before >> 4 || field > LAST_FIELD)
    throw new Error(`field ${field} after field ${before >> 4}`);
  return (field << 4) | type;
};

/** Goes through the items of a list; `take` leaves the cursor behind the item. */
export const eachItem = (cursor: Cursor, take: (type: number) => void): void => {
  const head = nextByte(cursor);
  const size = head >> 4 === 15 ? varInt(cursor) : head >> 4;
  const type = typeOfItems(head);
  for (let item = 0; item < size; item += 1) take(type);
};

/** Type of a list's items, in which a truth value takes a byte. */
const typeOfItems = (head: number): number => Math.max(head & 0x0f, TYPE.byte);

/** Passes over a value of this type. */
export const skipValue = (cursor: Cursor, type: number, depth = 0): void => {
  if (depth > DEEPEST) throw new Error('too many layers');
  if (type === TYPE.true || type === TYPE.false) return;
  if (type === TYPE.byte) cursor.at += 1;
  else if (type < TYPE.double) varInt(cursor);
  else if (type === TYPE.double) cursor.at += 8;
  else if (type === TYPE.binary) skipBytes(cursor, varInt(cursor));
  else if (type === TYPE.struct) skipStruct(cursor, depth);
  else if (type === TYPE.list) skipList(cursor, depth);
  else throw new Error(`a field of type ${type}`);
  if (cursor.at > cursor.bytes.length) throw cutOff();
};

const skipStruct = (cursor: Cursor, depth: number): void => {
  for (let head = fieldAfter(cursor, NO_FIELD); head !== NO_FIELD; head = fieldAfter(cursor, head))
    skipValue(cursor, head & 0x0f, depth + 1);
};

const skipList = (cursor: Cursor, depth: number): void => {
  const head = nextByte(cursor);
  const size = head >> 4 === 15 ? varInt(cursor) : head >> 4;
  const type = typeOfItems(head);
  if (type >= TYPE.i16 && type < TYPE.double) for (let item = 0; item < size; item += 1) varInt(cursor);
  else for (let item = 0; item < size; item += 1) skipValue(cursor, type, depth + 1);
};

/** A call of its own: in `at += varInt(cursor)` the place before the number would be added to. */
const skipBytes = (cursor: Cursor, count: number): void => {
  cursor.at += count;
};

/** A whole number that cannot be below 0. */
export const countAt = (cursor: Cursor, type: number): number => {
  if (type < TYPE.i16 || type >= TYPE.double) throw new Error(`a number of type ${type}`);
  const value = varInt(cursor);
  if (value % 2 !== 0) throw new Error(`a negative number, ${-(value + 1) / 2}`);
  return value / 2;
};

/** Tells whether a field is a truth value, and true. */
export const isTrue = (type: number): boolean => type === TYPE.true;

/** Tells whether a field is bytes, a list, or a struct. */
export const isBinary = (type: number): boolean => type === TYPE.binary;
export const isList = (type: number): boolean => type === TYPE.list;
export const isStruct = (type: number): boolean => type === TYPE.struct;

/** An unsigned number, LEB128. */
export const varInt = (cursor: Cursor): number => {
  const { bytes } = cursor;
  let result = 0;
  for (let place = 0; place < LONGEST_VARINT; place += 1) {
    const byte = bytes[cursor.at];
    if (byte === undefined) throw cutOff();
    cursor.at += 1;
    if (byte < 0x80) return result + byte * 2 ** (7 * place);
    result += (byte & 0x7f) * 2 ** (7 * place);
  }
  throw new Error('a number of too many bytes');
};

/** Places where a field's bytes begin and end; leaves the cursor behind them. */
export const binaryAt = (cursor: Cursor): readonly [number, number] => {
  const length = varInt(cursor);
  const from = cursor.at;
  cursor.at = from + length;
  if (cursor.at > cursor.bytes.length) throw cutOff();
  return [from, cursor.at];
};

const zigZag = (cursor: Cursor): number => {
  const value = varInt(cursor);
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
};

const nextByte = (cursor: Cursor): number => {
  const byte = cursor.bytes[cursor.at];
  if (byte === undefined) throw cutOff();
  cursor.at += 1;
  return byte;
};

const cutOff = (): Error => new Error('it is cut off');
