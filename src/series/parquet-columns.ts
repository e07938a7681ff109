import type { FileMetaData, SchemaElement } from 'hyparquet';
import type { SeriesColumn } from '../domain/series/series-contract.js';
import { NAIVE_TIMESTAMP, UTC_TIMESTAMP } from '../domain/series/series-types.js';

/** Columns of a Parquet file with their types in the words of SQL, as the query engine reads them. */
export const columnsOf = ({ schema }: FileMetaData): readonly SeriesColumn[] => {
  const columns: SeriesColumn[] = [];
  for (let at = 1; at < schema.length; at = afterSubtree(schema, at)) {
    const element = schema[at];
    if (element !== undefined) columns.push({ name: element.name, type: typeAt(schema, at) });
  }
  return columns;
};

/** The root comes first, then every element before its children. */
const afterSubtree = (schema: readonly SchemaElement[], at: number): number => {
  let next = at + 1;
  for (let child = 0; child < (schema[at]?.num_children ?? 0); child += 1) next = afterSubtree(schema, next);
  return next;
};

const childrenAt = (schema: readonly SchemaElement[], at: number): readonly number[] => {
  const children: number[] = [];
  let next = at + 1;
  for (let child = 0; child < (schema[at]?.num_children ?? 0); child += 1) {
    children.push(next);
    next = afterSubtree(schema, next);
  }
  return children;
};

const typeAt = (schema: readonly SchemaElement[], at: number): string => {
  const element = schema[at];
  if (element === undefined) return 'NULL';
  const type = (element.num_children ?? 0) > 0 ? nestedType(schema, at, element) : plainType(element);
  const isBareList = element.repetition_type === 'REPEATED';
  return isBareList ? `${type}[]` : type;
};

const nestedType = (schema: readonly SchemaElement[], at: number, element: SchemaElement): string => {
  const children = childrenAt(schema, at);
  const [only] = children;
  const kind = element.logical_type?.type ?? element.converted_type;
  if (kind === 'LIST' && only !== undefined && children.length === 1) {
    const inner = childrenAt(schema, only);
    const value = inner.length === 1 ? (inner[0] ?? only) : only;
    return `${typeAt(schema, value).replace(value === only ? /\[\]$/ : /$^/, '')}[]`;
  }
  if ((kind === 'MAP' || kind === 'MAP_KEY_VALUE') && only !== undefined) {
    const [key, value] = childrenAt(schema, only);
    return `MAP(${key === undefined ? 'NULL' : typeAt(schema, key)}, ${value === undefined ? 'NULL' : typeAt(schema, value)})`;
  }
  const fields = children.map((child) => `${JSON.stringify(schema[child]?.name)} ${typeAt(schema, child)}`);
  return `STRUCT(${fields.join(', ')})`;
};

const plainType = (element: SchemaElement): string => {
  const { type, converted_type: converted, logical_type: logical } = element;
  switch (logical?.type) {
    case 'TIMESTAMP':
      return logical.isAdjustedToUTC ? UTC_TIMESTAMP : NAIVE_TIMESTAMP;
    case 'INTEGER':
      return `${logical.isSigned ? '' : 'U'}${BY_WIDTH[logical.bitWidth] ?? 'BIGINT'}`;
    case 'NULL':
      return 'NULL';
    case 'UUID':
    case 'DATE':
      return logical.type;
    case 'FLOAT16':
      return 'FLOAT';
    case 'DECIMAL':
      return `DECIMAL(${logical.precision},${logical.scale})`;
  }
  switch (converted) {
    // Without a word about UTC: what everybody reads as a wall clock's time.
    case 'TIMESTAMP_MILLIS':
    case 'TIMESTAMP_MICROS':
      return NAIVE_TIMESTAMP;
    case 'DATE':
    case 'INTERVAL':
      return converted;
    case 'TIME_MILLIS':
    case 'TIME_MICROS':
      return 'TIME';
    case 'UTF8':
    case 'ENUM':
    case 'JSON':
      return 'VARCHAR';
    case 'DECIMAL':
      return `DECIMAL(${element.precision ?? 38},${element.scale ?? 0})`;
  }
  const width = /^(U?)INT_(8|16|32|64)$/.exec(converted ?? '');
  if (width !== null) return `${width[1]}${BY_WIDTH[Number(width[2])]}`;
  switch (logical?.type) {
    case 'STRING':
    case 'ENUM':
    case 'JSON':
      return 'VARCHAR';
    case 'TIME':
      return 'TIME';
  }
  return PHYSICAL[type ?? ''] ?? 'BLOB';
};

const BY_WIDTH: Readonly<Record<number, string>> = {
  8: 'TINYINT',
  16: 'SMALLINT',
  32: 'INTEGER',
  64: 'BIGINT',
};

const PHYSICAL: Readonly<Record<string, string>> = {
  BOOLEAN: 'BOOLEAN',
  INT32: 'INTEGER',
  INT64: 'BIGINT',
  INT96: NAIVE_TIMESTAMP,
  FLOAT: 'FLOAT',
  DOUBLE: 'DOUBLE',
};
