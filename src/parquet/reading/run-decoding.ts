import { NotSupported } from '../not-supported.js';
import { type Cursor, varInt } from '../thrift-walking.js';

/** Bits of the widest number in runs: places in a dictionary of sixteen million values. */
const WIDEST = 24;

/**
 * Numbers in Parquet's mix of runs and bit-packed values ("RLE/Bit-packing Hybrid"): exactly `count` of them, from the
 * beginning of the bytes. Throws an `Error` where there are fewer.
 */
export const runsOf = (bytes: Uint8Array, width: number, count: number): Int32Array => {
  if (width > WIDEST) throw new NotSupported(`numbers of ${width} bits`);
  const numbers = new Int32Array(count);
  // Numbers of no bits are all 0, and some writers say nothing about them.
  if (width === 0) return numbers;
  const cursor: Cursor = { bytes, at: 0 };
  let seen = 0;
  while (seen < count) {
    const head = varInt(cursor);
    if (head % 2 === 0) {
      const end = Math.min(count, seen + head / 2);
      numbers.fill(plainNumber(cursor, Math.ceil(width / 8)), seen, end);
      if (end === seen) throw new Error('a run of nothing');
      seen = end;
    } else {
      const packed = 8 * Math.floor(head / 2);
      const end = Math.min(count, seen + packed);
      if (end === seen) throw new Error('a run of nothing');
      unpack(bytes, cursor.at, width, numbers, seen, end);
      cursor.at += (packed / 8) * width;
      seen = end;
    }
  }
  return numbers;
};

/** The number that all of the first `count` are, where they are one run; null where they need not be the same. Throws as {@link runsOf} does. */
export const onlyRun = (bytes: Uint8Array, width: number, count: number): number | null => {
  if (width > WIDEST) throw new NotSupported(`numbers of ${width} bits`);
  if (width === 0) return 0;
  const cursor: Cursor = { bytes, at: 0 };
  const head = varInt(cursor);
  return head % 2 === 0 && head / 2 >= count ? plainNumber(cursor, Math.ceil(width / 8)) : null;
};

const plainNumber = (cursor: Cursor, bytes: number): number => {
  let value = 0;
  for (let place = 0; place < bytes; place += 1) {
    const byte = cursor.bytes[cursor.at];
    if (byte === undefined) throw new Error('a run that is cut off');
    value += byte * 2 ** (8 * place);
    cursor.at += 1;
  }
  return value;
};

const unpack = (
  bytes: Uint8Array,
  start: number,
  width: number,
  numbers: Int32Array,
  first: number,
  end: number,
): void => {
  const mask = 2 ** width - 1;
  let at = start;
  let kept = 0;
  let bits = 0;
  for (let index = first; index < end; index += 1) {
    while (bits < width) {
      const byte = bytes[at];
      if (byte === undefined) throw new Error('packed values that are cut off');
      // At most 23 bits are kept, so that this fits 31.
      kept |= byte << bits;
      bits += 8;
      at += 1;
    }
    numbers[index] = kept & mask;
    kept >>>= width;
    bits -= width;
  }
};
