import { type Cursor, countAt, eachField, eachItem, isList, isStruct, skipValue } from '../thrift-walking.js';
import type { ByteRange } from './column-chunks.js';

/** Fields of `OffsetIndex` and of `PageLocation` in Parquet's Thrift definition. */
const INDEX_FIELD = { locations: 1, offset: 1, size: 2 } as const;

/** Throws an `Error` where the list of a column's pages names one that does not lie in the column. */
export const checkOffsetIndex = (index: Uint8Array, column: ByteRange): void => {
  const cursor: Cursor = { bytes: index, at: 0 };
  eachField(cursor, (field, type) => {
    if (field === INDEX_FIELD.locations && isList(type)) {
      eachItem(cursor, (item) => (isStruct(item) ? checkLocation(cursor, column) : skipValue(cursor, item)));
    } else skipValue(cursor, type);
  });
};

const checkLocation = (cursor: Cursor, { start, end }: ByteRange): void => {
  let [offset, size] = [0, 0];
  eachField(cursor, (field, type) => {
    if (field === INDEX_FIELD.offset) offset = countAt(cursor, type);
    else if (field === INDEX_FIELD.size) size = countAt(cursor, type);
    else skipValue(cursor, type);
  });
  if (offset < start || offset + size > end) {
    throw new Error(`a page from ${offset} to ${offset + size} in a column from ${start} to ${end}`);
  }
};
