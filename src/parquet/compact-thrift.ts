/*
 * Writing Thrift's compact protocol, as far as Parquet's page headers and footers need it. A struct's fields are
 * written in ascending order, each with its distance from the field before, and closed with `endStruct`:
 * https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
 */

/** Bytes that are being written. They move to a larger buffer when they must: hold no part of it. */
export interface Output {
  bytes: Buffer;
  length: number;
}

/** Types of fields and of list items. */
export const THRIFT = { true: 1, false: 2, i32: 5, i64: 6, binary: 8, list: 9, struct: 12 } as const;

/** `capacity`: bytes that are expected. */
export const newOutput = (capacity: number): Output => ({ bytes: Buffer.allocUnsafe(capacity), length: 0 });

/** Bytes that were written; shares the output's memory. */
export const written = ({ bytes, length }: Output): Uint8Array => bytes.subarray(0, length);

/** Makes room for `count` bytes and returns where they begin; they count as written. */
export const reserve = (output: Output, count: number): number => {
  const start = output.length;
  output.length = start + count;
  if (output.length > output.bytes.length) {
    const larger = Buffer.allocUnsafe(Math.max(output.length, 2 * output.bytes.length));
    output.bytes.copy(larger, 0, 0, start);
    output.bytes = larger;
  }
  return start;
};

export const byte = (output: Output, value: number): void => {
  const at = reserve(output, 1);
  output.bytes[at] = value;
};

export const rawBytes = (output: Output, content: Uint8Array): void => {
  const at = reserve(output, content.length);
  output.bytes.set(content, at);
};

/** A whole number from 0 to 2^53, seven bits to a byte. */
export const varInt = (output: Output, value: number): void => {
  let rest = value;
  while (rest >= 0x80) {
    byte(output, (rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  byte(output, rest);
};

const fieldHead = (output: Output, distance: number, type: number): void =>
  byte(output, (distance << 4) | type);

/** A truth value is in the type itself. */
export const flag = (output: Output, distance: number, value: boolean): void =>
  fieldHead(output, distance, value ? THRIFT.true : THRIFT.false);

/** `value` is not negative, which no number in a footer is. */
export const i32 = (output: Output, distance: number, value: number): void => {
  fieldHead(output, distance, THRIFT.i32);
  varInt(output, 2 * value);
};

export const i64 = (output: Output, distance: number, value: number): void => {
  fieldHead(output, distance, THRIFT.i64);
  varInt(output, 2 * value);
};

export const binary = (output: Output, distance: number, value: string | Uint8Array): void => {
  fieldHead(output, distance, THRIFT.binary);
  binaryItem(output, value);
};

export const struct = (output: Output, distance: number): void => fieldHead(output, distance, THRIFT.struct);

export const endStruct = (output: Output): void => byte(output, 0);

/** The head of a list, whose items follow: `binaryItem`, `i32Item`, or the fields of a struct and its end. */
export const list = (output: Output, distance: number, type: number, size: number): void => {
  fieldHead(output, distance, THRIFT.list);
  if (size < 15) byte(output, (size << 4) | type);
  else {
    byte(output, 0xf0 | type);
    varInt(output, size);
  }
};

export const i32Item = (output: Output, value: number): void => varInt(output, 2 * value);

export const binaryItem = (output: Output, value: string | Uint8Array): void => {
  if (typeof value !== 'string') {
    varInt(output, value.length);
    rawBytes(output, value);
    return;
  }
  const length = Buffer.byteLength(value);
  varInt(output, length);
  text(output, value, length);
};

/** A text that takes `length` bytes. */
export const text = (output: Output, value: string, length: number): void => {
  const at = reserve(output, length);
  output.bytes.write(value, at, length);
};
