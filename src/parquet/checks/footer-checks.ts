import type { FileMetaData } from 'hyparquet';
import { NotSupported } from '../not-supported.js';
import { type Cursor, countAt, eachField, eachItem, isList, isStruct, skipValue } from '../thrift-walking.js';

/*
 * The parser makes room for what a file says it has before it has seen any of it: a few damaged or hostile bytes could
 * ask for more memory than there is, or keep it busy for hours. So everything is looked at before the parser is given
 * it. All of these throw an `Error` where something cannot be what it says.
 */

/** Parquet's schemas are trees; no table here has so many layers, or so many elements. */
const DEEPEST_SCHEMA = 32;
const LARGEST_SCHEMA = 4096;
/** Layers of files of others: what reads them calls itself for each, and counts them in a byte. */
const DEEPEST_OF_OTHERS = 255;

/** Fields of `FileMetaData` and of `SchemaElement` in Parquet's Thrift definition. */
const FOOTER_FIELD = {
  schema: 2,
  type: 1,
  children: 5,
  convertedType: 6,
  logicalType: 10,
  rowGroups: 4,
  columns: 1,
  columnMetadata: 3,
  statistics: 12,
} as const;

const CONVERTED_DECIMAL = 5;
const TYPES = 8;

/** The parser makes one number of all the bytes of a decimal's statistics; no decimal has so many. */
const LONGEST_DECIMAL = 1024;

/**
 * `DECIMAL`, `JSON`, `BSON`, `INTERVAL`, and `VARIANT`, `GEOMETRY`, `GEOGRAPHY`: what the parser makes of a value of these
 * types can take it very long, statistics included, and no table here has them.
 */
const REFUSED_CONVERTED: ReadonlySet<number> = new Set([5, 19, 20, 21]);
const REFUSED_LOGICAL: ReadonlySet<number> = new Set([5, 12, 13, 16, 17, 18]);

/**
 * Looks at the bytes of a footer: a list of so many items must have as many bytes, and the statistics of a decimal must be as
 * short as a decimal's. `types` says whether those that a pond's own tables do not have are refused.
 */
export const checkFooterBytes = (footer: Uint8Array, types: 'own' | 'any' = 'own'): void => {
  const cursor: Cursor = { bytes: footer, at: 0 };
  // One for each column. The schema comes before the row groups: fields have an order.
  const isDecimal: boolean[] = [];
  const layers = countLayers(DEEPEST_OF_OTHERS);
  eachField(cursor, (field, type) => {
    if (field === FOOTER_FIELD.schema && isList(type)) {
      eachItem(cursor, (item) => {
        if (!isStruct(item)) {
          skipValue(cursor, item);
          return;
        }
        const { children, column } = checkElement(cursor, types);
        layers.add(children);
        if (column !== null) isDecimal.push(column.isDecimal);
      });
    } else if (field === FOOTER_FIELD.rowGroups && isList(type) && isDecimal.includes(true)) {
      eachItem(cursor, (item) => (isStruct(item) ? checkGroup(cursor, isDecimal) : skipValue(cursor, item)));
    } else skipValue(cursor, type);
  });
};

interface SchemaElement {
  readonly children: number;
  /** Null: it is a group. */
  readonly column: { readonly isDecimal: boolean } | null;
}

const checkElement = (cursor: Cursor, types: 'own' | 'any'): SchemaElement => {
  let [isColumn, isDecimal, children] = [false, false, 0];
  eachField(cursor, (field, type) => {
    if (field === FOOTER_FIELD.type) isColumn = countAt(cursor, type) < TYPES;
    else if (field === FOOTER_FIELD.children) children = countAt(cursor, type);
    else if (field === FOOTER_FIELD.convertedType) {
      const converted = countAt(cursor, type);
      if (types === 'own') refuseType(REFUSED_CONVERTED, converted);
      isDecimal = converted === CONVERTED_DECIMAL;
    } else if (field === FOOTER_FIELD.logicalType && isStruct(type) && types === 'own') {
      eachField(cursor, (logical, inner) => {
        refuseType(REFUSED_LOGICAL, logical);
        skipValue(cursor, inner);
      });
    } else skipValue(cursor, type);
  });
  return { children, column: isColumn ? { isDecimal } : null };
};

/** Counts the layers of a schema, whose elements come with the number of their children. Throws an `Error` for one too many. */
const countLayers = (most: number) => {
  /** Children that are still to come, of each element on the way to this one. */
  const open: number[] = [];
  return {
    add: (children: number): void => {
      while (open.at(-1) === 0) open.pop();
      const left = open.pop();
      if (left !== undefined) open.push(left - 1);
      if (children > 0) open.push(children);
      if (open.length > most) throw new Error(`a schema of more than ${most} layers`);
    },
    isCutOff: () => open.some((left) => left > 0),
  };
};

type Into = (type: number) => void;

/** Goes into one field of a struct, where the value is one, and past all else. */
const within =
  (cursor: Cursor, wanted: number, into: Into): Into =>
  (type) => {
    if (!isStruct(type)) skipValue(cursor, type);
    else eachField(cursor, (field, inner) => (field === wanted ? into(inner) : skipValue(cursor, inner)));
  };

const checkGroup = (cursor: Cursor, isDecimal: readonly boolean[]): void => {
  const { columns, columnMetadata, statistics } = FOOTER_FIELD;
  const checkColumn = within(
    cursor,
    columnMetadata,
    within(cursor, statistics, (type) => checkStatistics(cursor, type)),
  );
  const checkColumns: Into = (type) => {
    let column = 0;
    if (!isList(type)) skipValue(cursor, type);
    else
      eachItem(cursor, (item) => {
        if (isDecimal[column] === true) checkColumn(item);
        else skipValue(cursor, item);
        column += 1;
      });
  };
  eachField(cursor, (field, type) => (field === columns ? checkColumns(type) : skipValue(cursor, type)));
};

/** Statistics are a few numbers, and values of the column. */
const checkStatistics = (cursor: Cursor, type: number): void => {
  if (!isStruct(type)) skipValue(cursor, type);
  else
    eachField(cursor, (_, value) => {
      const start = cursor.at;
      skipValue(cursor, value);
      if (cursor.at - start > LONGEST_DECIMAL)
        throw new Error(`statistics of a decimal with ${cursor.at - start} bytes`);
    });
};

const refuseType = (refused: ReadonlySet<number>, type: number): void => {
  if (refused.has(type)) throw new NotSupported(`a column of the type ${type}`);
};

/** Looks at a footer of the pond's own; it may promise no more rows than the file has bytes. */
export const checkFooter = (metadata: FileMetaData, fileSize: number): void => {
  checkSchema(metadata.schema);
  const rows = checkCounts(metadata, fileSize);
  if (rows > fileSize) throw new Error(`${rows} rows in ${fileSize} bytes`);
};

/** A page has a header of at least eight bytes, and at most 2^31 values. */
const MOST_ROWS_PER_BYTE = 2 ** 28;

/** Looks at what any footer says of rows and bytes; returns the rows. Few bytes may be many rows, where all have the same values. */
export const checkCounts = (metadata: FileMetaData, fileSize: number): number => {
  let [rows, bytes] = [0, 0];
  for (const group of metadata.row_groups) {
    const inGroup = Number(group.num_rows);
    if (!(inGroup >= 0)) throw new Error(`a row group of ${inGroup} rows`);
    rows += inGroup;
    for (const { meta_data: column } of group.columns) {
      const inColumn = Number(column?.total_compressed_size ?? 0);
      if (!(inColumn >= 0)) throw new Error(`a column of ${inColumn} bytes`);
      bytes += inColumn;
    }
  }
  if (rows !== Number(metadata.num_rows)) throw new Error(`${metadata.num_rows} rows, in groups ${rows}`);
  if (rows > fileSize * MOST_ROWS_PER_BYTE) throw new Error(`${rows} rows in ${fileSize} bytes`);
  if (bytes > fileSize) throw new Error(`columns of ${bytes} bytes in ${fileSize} bytes`);
  return rows;
};

const checkSchema = (schema: FileMetaData['schema']): void => {
  if (schema.length > LARGEST_SCHEMA) throw new Error(`a schema of ${schema.length} elements`);
  const layers = countLayers(DEEPEST_SCHEMA);
  for (const { num_children = 0 } of schema) layers.add(num_children);
  if (layers.isCutOff()) throw new Error('a schema that is cut off');
};
