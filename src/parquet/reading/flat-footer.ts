import { type Cursor, countAt, eachField, eachItem, isList, isStruct, skipValue } from '../thrift-walking.js';
import { boundBytes, type FlatGroup, readGroup } from './flat-groups.js';
import { columnsOf, type FlatColumn, readElements, type SchemaElement, textOf } from './flat-schema.js';
import { NotFlat } from './not-flat.js';

/*
 * The footer of a flat file, as far as reading it needs: where each column of each row group lies, and its least and
 * greatest value. The general parser makes some thousand objects of the same bytes, and its code takes long to load.
 */

export interface FlatFooter {
  readonly rows: number;
  readonly columns: readonly FlatColumn[];
  /** Places of the columns by their names; of several with the same one the first. */
  readonly places: ReadonlyMap<string, number>;
  readonly groups: readonly FlatGroup[];
  /** The schema, its root first, each element before its children. */
  readonly elements: readonly SchemaElement[];
  /** Tells whether no column lies within another element than the root. */
  readonly isFlat: boolean;
  /** The least or the greatest value of a column in a group; undefined where the footer does not say. */
  readonly bound: (
    group: FlatGroup,
    column: string,
    end: 'least' | 'greatest',
  ) => string | number | undefined;
}

/** Fields of a file's footer in Parquet's Thrift definition. */
const FILE = { schema: 2, rows: 3, groups: 4 } as const;

/**
 * Reads a footer, the bytes between the pages and its length. Null: the file has what is not read here (other types or
 * compressions). Throws an `Error` where it cannot be a footer of a file of `fileSize` bytes.
 */
export const flatFooter = (bytes: Uint8Array, fileSize: number): FlatFooter | null => {
  try {
    return readFooter({ bytes, at: 0 }, fileSize);
  } catch (error) {
    if (error instanceof NotFlat) return null;
    throw error;
  }
};

const readFooter = (cursor: Cursor, fileSize: number): FlatFooter => {
  let elements: readonly SchemaElement[] = [];
  const groups: FlatGroup[] = [];
  let columns: readonly FlatColumn[] = [];
  let rows = 0;
  let inGroups = 0;
  eachField(cursor, (field, type) => {
    if (field === FILE.rows) rows = countAt(cursor, type);
    else if (field === FILE.schema && isList(type)) {
      elements = readElements(cursor);
      columns = columnsOf(elements);
    } else if (field === FILE.groups && isList(type)) {
      eachItem(cursor, (item) => {
        if (!isStruct(item)) throw new NotFlat();
        const group = readGroup(cursor, { start: inGroups, columns: columns.length, fileSize });
        groups.push(group);
        inGroups += group.rows;
      });
    } else skipValue(cursor, type);
  });
  if (inGroups !== rows) throw new Error(`${rows} rows, in groups ${inGroups}`);
  if (rows > fileSize) throw new Error(`${rows} rows in ${fileSize} bytes`);
  const { bytes } = cursor;
  const places = placesOf(columns);
  return {
    rows,
    columns,
    places,
    groups,
    elements,
    isFlat: columns.length === elements.length - 1 && columns.every((column) => column.maxRepetition === 0),
    bound: (group, name, end) => {
      const place = places.get(name) ?? -1;
      const column = columns[place];
      const bound = column === undefined ? null : boundBytes(bytes, group, place, end);
      return column === undefined || bound === null ? undefined : boundOf(bound, column);
    },
  };
};

const placesOf = (columns: readonly FlatColumn[]): ReadonlyMap<string, number> => {
  const places = new Map<string, number>();
  for (const [place, { name }] of columns.entries()) if (!places.has(name)) places.set(name, place);
  return places;
};

const boundOf = (bytes: Uint8Array, { type }: FlatColumn): string | number | undefined => {
  if (type === 'text') return textOf(bytes);
  if (type !== 'long' || bytes.length !== 8) return undefined;
  const value = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigInt64(0, true);
  return Number(value);
};
