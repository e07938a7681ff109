import { isAscii } from 'node:buffer';
import type { FlatColumn } from './flat-schema.js';

/** A value; a 64-bit number that a JavaScript number does not hold exactly is a bigint. */
export type FlatValue = string | number | bigint | boolean | Uint8Array | null;

/** Values `first` to `end` of the `count` that lie one after another, each written plainly. */
export const plainValues = (
  bytes: Uint8Array,
  { type }: FlatColumn,
  first: number,
  end: number,
  count: number,
): readonly FlatValue[] => {
  switch (type) {
    case 'boolean':
      if (bytes.length * 8 < end) throw new Error('a page that is cut off');
      return Array.from({ length: end - first }, (_, index) => {
        const at = first + index;
        return ((bytes[at >> 3] ?? 0) & (1 << (at & 7))) !== 0;
      });
    case 'integer':
      return integers(bytes, first, end);
    case 'long':
      return longs(bytes, first, end);
    case 'text':
      return texts(bytes, first, end, count);
    case 'bytes':
      return pieces(bytes, first, end, (from, to) => bytes.slice(from, to));
  }
};

/** Numbers in bytes. */
export const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

const integers = (bytes: Uint8Array, first: number, end: number): readonly number[] => {
  if (bytes.length < 4 * end) throw new Error('a page that is cut off');
  const view = viewOf(bytes);
  return Array.from({ length: end - first }, (_, index) => view.getInt32(4 * (first + index), true));
};

const LIMIT = 2 ** 21;

const longs = (bytes: Uint8Array, first: number, end: number): readonly (number | bigint)[] => {
  if (bytes.length < 8 * end) throw new Error('a page that is cut off');
  const view = viewOf(bytes);
  const values: (number | bigint)[] = [];
  for (let at = 8 * first; at < 8 * end; at += 8) {
    const high = view.getInt32(at + 4, true);
    values.push(
      high >= -LIMIT && high < LIMIT ? high * 2 ** 32 + view.getUint32(at, true) : view.getBigInt64(at, true),
    );
  }
  return values;
};

/** Strings of so large a part of a page are cut out of one string: they keep all of it in memory. */
const MOST_OF_A_PAGE = 4;

const texts = (bytes: Uint8Array, first: number, end: number, count: number): readonly string[] => {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if ((end - first) * MOST_OF_A_PAGE >= count && isAscii(bytes)) {
    const page = buffer.toString('latin1');
    return pieces(bytes, first, end, (from, to) => page.slice(from, to));
  }
  return pieces(bytes, first, end, (from, to) => buffer.toString('utf8', from, to));
};

/** Goes over values that have their length before them. */
const pieces = <A>(
  bytes: Uint8Array,
  first: number,
  end: number,
  piece: (from: number, to: number) => A,
): readonly A[] => {
  const view = viewOf(bytes);
  const values: A[] = [];
  let at = 0;
  for (let index = 0; index < end; index += 1) {
    if (at + 4 > bytes.length) throw new Error('a page that is cut off');
    const to = at + 4 + view.getUint32(at, true);
    if (to > bytes.length) throw new Error('a page that is cut off');
    if (index >= first) values.push(piece(at + 4, to));
    at = to;
  }
  return values;
};
