import {
  byte,
  endStruct,
  i64,
  newOutput,
  type Output,
  rawBytes,
  reserve,
  THRIFT,
  list as thriftList,
  varInt as writeVarInt,
  written,
} from './compact-thrift.js';
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
 * Several Parquet files of one schema as one: the pages of each stand behind those of the one before, as they are, and
 * the footer has the row groups of all, moved by as much. No page is opened. Indexes of pages, which name places, are left
 * out of the footer; readers do without them. A file may come from anywhere: what is not understood, or lies outside of its
 * own file, is not stitched.
 */

/** A Parquet file that others of its kind can follow. */
export interface StitchablePart {
  /** The whole file. */
  readonly bytes: Uint8Array;
  /** The place where its pages end. */
  readonly end: number;
  /** Fields of its footer that are the same in all files of its kind. */
  readonly kind: Buffer;
  readonly rows: number;
  readonly groups: RowGroups;
}

/** Row groups of a footer, one after another. */
interface RowGroups {
  readonly count: number;
  readonly bytes: Uint8Array;
  /** Numbers in threes: where a place in the file is written, where that ends, and the place, or {@link LEFT_OUT}. */
  readonly places: readonly number[];
}

const LEFT_OUT = -1;
const MAGIC = Buffer.from('PAR1');
const TAIL = 8;

/** Fields of structs in Parquet's Thrift definition. */
const FILE = { version: 1, schema: 2, rows: 3, groups: 4, metadata: 5, createdBy: 6, orders: 7 } as const;
const KEY = 1;
const GROUP = { columns: 1, offset: 5 } as const;
const CHUNK = { offset: 2, metaData: 3, firstOfIndexes: 4, lastOfIndexes: 7 } as const;
const COLUMN = { size: 7, data: 9, index: 10, dictionary: 11, bloomFilter: 14 } as const;

/** Thrown inside this file only. */
class NotStitchable extends Error {
  override readonly name = 'NotStitchable';
}

/** A file as a part of a larger one; null where it is not one that can be. */
export const stitchablePart = (bytes: Uint8Array): StitchablePart | null => {
  const size = bytes.length;
  if (size < MAGIC.length + TAIL || !isMagic(bytes, 0) || !isMagic(bytes, size - MAGIC.length)) return null;
  const length = new DataView(bytes.buffer, bytes.byteOffset + size - TAIL, TAIL).getUint32(0, true);
  const end = size - TAIL - length;
  if (end < MAGIC.length) return null;
  try {
    return { bytes, end, ...footerFacts(bytes.subarray(end, size - TAIL), end) };
  } catch {
    // Whatever is wrong with it, a reader of the file says it in its own words.
    return null;
  }
};

const isMagic = (bytes: Uint8Array, at: number): boolean =>
  MAGIC.equals(bytes.subarray(at, at + MAGIC.length));

const footerFacts = (footer: Uint8Array, end: number): Pick<StitchablePart, 'kind' | 'rows' | 'groups'> => {
  const cursor: Cursor = { bytes: footer, at: 0 };
  const kind: Uint8Array[] = [];
  let groups: RowGroups = { count: 0, bytes: new Uint8Array(0), places: [] };
  let rows = 0;
  eachField(cursor, (field, type) => {
    const from = cursor.at;
    if (field === FILE.rows) rows = countAt(cursor, type);
    else if (field === FILE.groups && isList(type)) groups = rowGroups(cursor, end);
    else if (field === FILE.metadata && isList(type)) eachItem(cursor, () => refuseMeaning(cursor));
    else if (field < FILE.rows || field === FILE.createdBy || field === FILE.orders) {
      skipValue(cursor, type);
      kind.push(Uint8Array.of(field, type), footer.subarray(from, cursor.at));
    } else throw new NotStitchable(`field ${field}`);
  });
  return { kind: Buffer.concat(kind), rows, groups };
};

/** Keys of a footer are notes of those that wrote the file, but for what geographic columns mean. */
const refuseMeaning = (cursor: Cursor): void =>
  eachField(cursor, (field, type) => {
    if (field !== KEY || !isBinary(type)) {
      skipValue(cursor, type);
      return;
    }
    const length = varInt(cursor);
    const key = Buffer.from(cursor.bytes.subarray(cursor.at, cursor.at + length)).toString('latin1');
    cursor.at += length;
    if (key.toLowerCase().startsWith('geo')) throw new NotStitchable(key);
  });

const rowGroups = (cursor: Cursor, end: number): RowGroups => {
  const places: number[] = [];
  let [from, count] = [0, 0];
  eachItem(cursor, (item) => {
    if (!isStruct(item)) throw new NotStitchable('a row group that is not a struct');
    if (count === 0) from = cursor.at;
    count += 1;
    eachField(cursor, (field, type) => {
      if (field === GROUP.columns && isList(type)) eachItem(cursor, () => chunkPlaces(cursor, places, end));
      else if (field === GROUP.offset) placeAt(cursor, type, places);
      else skipValue(cursor, type);
    });
  });
  for (let at = 0; at < places.length; at += 3) {
    if ((places[at + 2] ?? 0) > end) throw new NotStitchable('a place outside of the file');
    places[at] = (places[at] ?? 0) - from;
    places[at + 1] = (places[at + 1] ?? 0) - from;
  }
  return { count, bytes: count === 0 ? new Uint8Array(0) : cursor.bytes.subarray(from, cursor.at), places };
};

/** Takes down the place that the cursor is at, and passes over it. */
const placeAt = (cursor: Cursor, type: number, places: number[]): number => {
  const from = cursor.at;
  const place = countAt(cursor, type);
  places.push(from, cursor.at, place);
  return place;
};

const chunkPlaces = (cursor: Cursor, places: number[], end: number): void => {
  let beginning = cursor.at;
  eachField(cursor, (field, type) => {
    if (field === CHUNK.metaData && isStruct(type)) columnPlaces(cursor, places, end);
    else if (field === CHUNK.offset) placeAt(cursor, type, places);
    else if (field >= CHUNK.firstOfIndexes && field <= CHUNK.lastOfIndexes) {
      // The fields of a struct that come last: none after them counts from them.
      skipValue(cursor, type);
      places.push(beginning, cursor.at, LEFT_OUT);
    }
    // A path to another file, or encryption.
    else throw new NotStitchable(`field ${field} of a column`);
    beginning = cursor.at;
  });
};

const columnPlaces = (cursor: Cursor, places: number[], end: number): void => {
  let size = 0;
  let start = Number.POSITIVE_INFINITY;
  eachField(cursor, (field, type) => {
    if (field === COLUMN.size) size = countAt(cursor, type);
    else if (field === COLUMN.data || field === COLUMN.index || field === COLUMN.dictionary) {
      const place = placeAt(cursor, type, places);
      if (place >= MAGIC.length) start = Math.min(start, place);
    } else if (field === COLUMN.bloomFilter) placeAt(cursor, type, places);
    else skipValue(cursor, type);
  });
  if (size > 0 && start + size > end) throw new NotStitchable('pages outside of the file');
};

/** Several parts of one kind as one file, in pieces: the pages of each, then the footer. */
export const stitchedFile = (parts: readonly StitchablePart[]): readonly Uint8Array[] => {
  const pieces: Uint8Array[] = [MAGIC];
  const groups = newOutput(256 * 1024);
  let [at, count, rows] = [MAGIC.length, 0, 0];
  for (const part of parts) {
    moveGroups(groups, part.groups, at - MAGIC.length);
    pieces.push(part.bytes.subarray(MAGIC.length, part.end));
    at += part.end - MAGIC.length;
    count += part.groups.count;
    rows += part.rows;
  }
  const footer = footerOf(parts[0]?.kind ?? Buffer.alloc(0), { rows, count, groups: written(groups) });
  const tail = Buffer.alloc(TAIL);
  tail.writeUInt32LE(footer.length, 0);
  MAGIC.copy(tail, TAIL - MAGIC.length);
  return [...pieces, footer, tail];
};

/** Writes row groups whose pages lie further behind by so much. */
const moveGroups = (output: Output, { bytes, places }: RowGroups, by: number): void => {
  let copied = 0;
  for (let at = 0; at < places.length; at += 3) {
    const [from = 0, to = 0, place = 0] = [places[at], places[at + 1], places[at + 2]];
    copyPart(output, bytes, copied, from);
    // A place before the first page says that there is none.
    if (place !== LEFT_OUT) writeVarInt(output, 2 * (place < MAGIC.length ? place : place + by));
    copied = to;
  }
  copyPart(output, bytes, copied, bytes.length);
};

/** Copies some bytes: few, for which a view would cost more than they do. */
const copyPart = (output: Output, bytes: Uint8Array, from: number, to: number): void => {
  let place = reserve(output, to - from);
  for (let at = from; at < to; at += 1) {
    output.bytes[place] = bytes[at] ?? 0;
    place += 1;
  }
};

const footerOf = (
  kind: Uint8Array,
  { rows, count, groups }: { readonly rows: number; readonly count: number; readonly groups: Uint8Array },
): Uint8Array => {
  const output = newOutput(groups.length + kind.length + 64);
  const cursor: Cursor = { bytes: kind, at: 0 };
  let last = 0;
  const copyUpTo = (bound: number): void => {
    while (cursor.at < kind.length && (kind[cursor.at] ?? 0) < bound) {
      const [field = 0, type = 0] = kind.subarray(cursor.at, cursor.at + 2);
      cursor.at += 2;
      const from = cursor.at;
      skipValue(cursor, type);
      byte(output, ((field - last) << 4) | type);
      rawBytes(output, kind.subarray(from, cursor.at));
      last = field;
    }
  };
  copyUpTo(FILE.rows);
  i64(output, FILE.rows - last, rows);
  thriftList(output, FILE.groups - FILE.rows, THRIFT.struct, count);
  rawBytes(output, groups);
  last = FILE.groups;
  copyUpTo(FILE.orders + 1);
  endStruct(output);
  return written(output);
};
