import type { DuckDBValue } from '@duckdb/node-api';
import type * as Arrow from 'apache-arrow';

/** The library, once it is loaded. */
export type ArrowLibrary = typeof Arrow;

/** Values of a column that are gathered for a batch. */
export interface ArrowColumn {
  readonly type: Arrow.DataType;
  readonly append: (value: DuckDBValue) => void;
  /** Bytes that have been gathered, about. */
  readonly size: () => number;
  /** Returns what has been gathered, and begins again. */
  readonly take: () => Arrow.Data;
}

type Numbers =
  | Int8Array<ArrayBuffer>
  | Int16Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | Uint8Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | Float32Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>;
type Integers = BigInt64Array<ArrayBuffer> | BigUint64Array<ArrayBuffer>;

/** A kind of typed array. */
interface ArrayKind<V extends Numbers | Integers> {
  new (length: number): V;
  new (buffer: ArrayBuffer): V;
}

/** Bytes that a buffer begins with, and grows from by doubling. */
const FIRST = 4096;

/** Bytes that grow, one value behind the other. */
const growing = () => {
  let bytes = new Uint8Array(FIRST);
  let used = 0;
  return {
    used: () => used,
    /** Makes room, and returns where it begins. */
    room: (size: number): number => {
      const at = used;
      if (at + size > bytes.length) {
        const larger = new Uint8Array(Math.max(bytes.length * 2, at + size));
        larger.set(bytes);
        bytes = larger;
      }
      used += size;
      return at;
    },
    bytes: () => bytes,
    /** Gives room back that was not needed. */
    unused: (size: number) => {
      used -= size;
    },
    take: (): Uint8Array<ArrayBuffer> => {
      const taken = bytes.subarray(0, used);
      bytes = new Uint8Array(FIRST);
      used = 0;
      return taken;
    },
  };
};

/** Tells of each value whether it is there, bit by bit. */
export const presence = () => {
  const bits = growing();
  let length = 0;
  let missing = 0;
  return {
    length: () => length,
    add: (isThere: boolean): void => {
      if ((length & 7) === 0) bits.room(1);
      const at = length >> 3;
      const bytes = bits.bytes();
      if (isThere) bytes[at] = (bytes[at] ?? 0) | (1 << (length & 7));
      else missing += 1;
      length += 1;
    },
    take: () => {
      const taken = { length, missing, bits: bits.take() };
      length = 0;
      missing = 0;
      return { ...taken, ...(taken.missing === 0 ? { bits: undefined } : {}) };
    },
  };
};

/** Values of one width, each of `stride` numbers; where one is not there, these are zeros. */
const fixed = <V extends Numbers | Integers>(
  { Data }: ArrowLibrary,
  type: Arrow.DataType,
  Kind: ArrayKind<V> & { readonly BYTES_PER_ELEMENT: number },
  put: (values: V, at: number, value: DuckDBValue) => void,
  stride = 1,
): ArrowColumn => {
  const present = presence();
  const width = stride * Kind.BYTES_PER_ELEMENT;
  let values = new Kind(FIRST);
  const used = () => present.length() * stride;
  return {
    type,
    append: (value) => {
      const at = used();
      if (at + stride > values.length) {
        const larger = new Kind(values.length * 2);
        new Uint8Array(larger.buffer).set(new Uint8Array(values.buffer));
        values = larger;
      }
      present.add(value !== null);
      if (value !== null) put(values, at, value);
    },
    size: () => present.length() * width,
    take: () => {
      const { length, missing, bits } = present.take();
      const { buffer } = values;
      values = new Kind(FIRST);
      return new Data(type, 0, length, missing, [
        undefined,
        new Kind(buffer.slice(0, length * width)),
        bits,
      ] as never);
    },
  };
};

export const numbers = <V extends Numbers>(
  library: ArrowLibrary,
  type: Arrow.DataType,
  Kind: ArrayKind<V> & { readonly BYTES_PER_ELEMENT: number },
  numberOf: (value: DuckDBValue) => number = Number,
): ArrowColumn =>
  fixed<V>(library, type, Kind, (values, at, value) => {
    values[at] = numberOf(value);
  });

export const integers = (
  library: ArrowLibrary,
  type: Arrow.DataType,
  integerOf: (value: DuckDBValue) => bigint,
): ArrowColumn =>
  fixed<BigInt64Array<ArrayBuffer>>(library, type, BigInt64Array, (values, at, value) => {
    values[at] = integerOf(value);
  });

/** Integers of 128 bits, the lower half first. */
export const decimals = (
  library: ArrowLibrary,
  type: Arrow.DataType,
  integerOf: (value: DuckDBValue) => bigint,
): ArrowColumn => {
  const column = fixed<BigInt64Array<ArrayBuffer>>(
    library,
    type,
    BigInt64Array,
    (values, at, value) => {
      const whole = integerOf(value);
      values[at] = BigInt.asIntN(64, whole);
      values[at + 1] = whole >> 64n;
    },
    2,
  );
  return {
    ...column,
    take: () => {
      const { length, nullCount, values, nullBitmap } = column.take();
      const words = new Uint32Array((values as BigInt64Array).buffer);
      return new library.Data(type, 0, length, nullCount, [undefined, words, nullBitmap] as never);
    },
  };
};

/** Values of any length: text, or bytes. */
export const strings = (
  { Data }: ArrowLibrary,
  type: Arrow.DataType,
  bytesOf: (value: DuckDBValue) => string | Uint8Array,
): ArrowColumn => {
  const present = presence();
  const contents = growing();
  let offsets: number[] = [0];
  return {
    type,
    append: (value) => {
      present.add(value !== null);
      if (value !== null) {
        const found = bytesOf(value);
        // A unit of UTF-16 is at most three bytes of UTF-8.
        const most = typeof found === 'string' ? found.length * 3 : found.length;
        const at = contents.room(most);
        if (typeof found === 'string') {
          const room = contents.bytes().subarray(at, at + most);
          contents.unused(most - UTF8.encodeInto(found, room).written);
        } else contents.bytes().set(found, at);
      }
      offsets.push(contents.used());
    },
    size: () => contents.used() + offsets.length * 4,
    take: () => {
      const { length, missing, bits } = present.take();
      const buffers = [Int32Array.from(offsets), contents.take(), bits];
      offsets = [0];
      return new Data(type, 0, length, missing, buffers as never);
    },
  };
};

const UTF8 = new TextEncoder();

export const booleans = ({ Bool, Data }: ArrowLibrary): ArrowColumn => {
  const type = new Bool();
  const present = presence();
  const values = presence();
  return {
    type,
    append: (value) => {
      present.add(value !== null);
      values.add(value === true);
    },
    size: () => present.length() >> 2,
    take: () => {
      const { length, missing, bits } = present.take();
      const { bits: all = new Uint8Array((length + 7) >> 3).fill(255) } = values.take();
      return new Data(type, 0, length, missing, [undefined, all, bits] as never);
    },
  };
};

export const nulls = ({ Data, Null }: ArrowLibrary): ArrowColumn => {
  const type = new Null();
  const present = presence();
  return {
    type,
    append: () => present.add(false),
    size: () => 0,
    take: () => {
      const { length } = present.take();
      return new Data(type, 0, length, length);
    },
  };
};
