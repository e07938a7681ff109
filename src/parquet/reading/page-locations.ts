import { type Cursor, countAt, eachField, eachItem, isList, isStruct, skipValue } from '../thrift-walking.js';

/** A page of a column: where it begins in the file, and how many rows of the row group come before it. */
export interface PageLocation {
  readonly offset: number;
  readonly row: number;
}

/** Fields of `OffsetIndex` and of `PageLocation` in Parquet's Thrift definition. */
const FIELD = { locations: 1, offset: 1, row: 3 } as const;

/** The list of a column's pages, in their order. */
export const pageLocations = (index: Uint8Array): readonly PageLocation[] => {
  const cursor: Cursor = { bytes: index, at: 0 };
  const pages: PageLocation[] = [];
  eachField(cursor, (field, type) => {
    if (field === FIELD.locations && isList(type)) {
      eachItem(cursor, (item) => {
        if (isStruct(item)) pages.push(locationAt(cursor));
        else skipValue(cursor, item);
      });
    } else skipValue(cursor, type);
  });
  return pages;
};

const locationAt = (cursor: Cursor): PageLocation => {
  let [offset, row] = [0, 0];
  eachField(cursor, (field, type) => {
    if (field === FIELD.offset) offset = countAt(cursor, type);
    else if (field === FIELD.row) row = countAt(cursor, type);
    else skipValue(cursor, type);
  });
  return { offset, row };
};
