import type * as DuckDb from '@duckdb/node-api';
import type { DuckDBConnection, DuckDBType } from '@duckdb/node-api';
import type { QueryParams } from '../../../ports/query-engine.js';
import { identifier, quoted } from '../statements/sql-text.js';

/** A query whose rows the engine writes. */
interface Written {
  readonly sql: string;
  readonly params: Record<string, QueryParams[string]> | undefined;
}

/** The query that has the rows of another one in the form in which they are written. */
export type ExactRows = (
  connection: DuckDBConnection,
  written: Written,
  format: 'parquet' | 'json',
) => Promise<string>;

/**
 * The query with what the engine does not write as it is made to: whole numbers of 128 bits are decimals in Parquet, which has only
 * those (the engine rounds them), and in JSON, where every number begins with a digit, what is none is a text.
 */
export const exactRows: ExactRows = async (connection, { sql, params }, format) => {
  const duckdb = await import('@duckdb/node-api');
  const change = format === 'parquet' ? inParquet : inJson(duckdb);
  const looking = connection.runAndReadAll(`SELECT * FROM (\n${sql}\n) LIMIT 0`, params);
  // What is wrong with the query is said where its rows are written, in the words for that.
  const described = await looking.catch(() => null);
  if (described === null) return sql;
  const types = described.columnTypes();
  const names = described.deduplicatedColumnNames();
  const columns = types.map((type, index) => change(`c${index}`, type, 0));
  if (columns.every((column) => column === null)) return sql;
  const all = columns.map((column, index) => `${column ?? `c${index}`} AS ${identifier(names[index] ?? '')}`);
  return `SELECT ${all.join(', ')} FROM (\n${sql}\n) AS rows(${types.map((_, index) => `c${index}`).join(', ')})`;
};

/** An expression for a value of a type as it is to be written; null: it stays as it is. */
type Change = (value: string, type: DuckDBType, depth: number) => string | null;

const HUGE = /"(?:[^"]|"")*"|'(?:[^']|'')*'|\bU?HUGEINT\b/g;

const inParquet: Change = (value, type) => {
  const text = type.toString();
  const exact = text.replace(HUGE, (found) => (/^["']/.test(found) ? found : 'DECIMAL(38,0)'));
  return exact === text ? null : `CAST(${value} AS ${exact})`;
};

const inJson = (duckdb: typeof DuckDb): Change => {
  const { DuckDBTypeId: Id } = duckdb;
  const change: Change = (value, type, depth) => {
    const item = `e${depth}`;
    switch (type.typeId) {
      case Id.FLOAT:
      case Id.DOUBLE:
        return `CASE WHEN ${value} IS NULL OR isfinite(${value}) THEN to_json(${value})
          WHEN isnan(${value}) THEN to_json('NaN') WHEN ${value} > 0 THEN to_json('Infinity') ELSE to_json('-Infinity') END`;
      case Id.DECIMAL: {
        const { width, scale } = type as DuckDb.DuckDBDecimalType;
        if (width > scale) return null;
        // With one digit more there is one before the point; 38 are all that there are.
        return width < 38
          ? `CAST(${value} AS DECIMAL(${width + 1}, ${scale}))`
          : `CASE WHEN ${value} < 0 THEN '-0' || substr(${value}::VARCHAR, 2) ELSE '0' || ${value}::VARCHAR END`;
      }
      case Id.LIST:
      case Id.ARRAY: {
        const inside = change(item, (type as DuckDb.DuckDBListType).valueType, depth + 1);
        return inside === null ? null : `list_transform(${value}, lambda ${item}: ${inside})`;
      }
      case Id.STRUCT: {
        const { entryNames, entryTypes } = type as DuckDb.DuckDBStructType;
        // Of fields without names JSON makes none.
        if (entryNames.includes('')) return null;
        const fields = entryNames.map((name) => `struct_extract(${value}, ${quoted(name)})`);
        const changed = fields.map((field, index) => change(field, entryTypes[index] as DuckDBType, depth));
        if (changed.every((field) => field === null)) return null;
        const all = entryNames.map(
          (name, index) => `${identifier(name)} := ${changed[index] ?? fields[index] ?? ''}`,
        );
        return `CASE WHEN ${value} IS NOT NULL THEN struct_pack(${all.join(', ')}) END`;
      }
      case Id.MAP: {
        const inside = change(`${item}.value`, (type as DuckDb.DuckDBMapType).valueType, depth + 1);
        return inside === null
          ? null
          : `map_from_entries(list_transform(map_entries(${value}), lambda ${item}: struct_pack(key := ${item}.key, value := ${inside})))`;
      }
      default:
        return null;
    }
  };
  return change;
};
