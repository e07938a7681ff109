import type * as DuckDb from '@duckdb/node-api';
import type { DuckDBConnection, DuckDBType } from '@duckdb/node-api';
import type { QueryFailed } from '../../ports/query-engine.js';
import { identifier, quoted } from './sql-text.js';
import { type TableFiles, viewOf } from './table-view.js';

/** The statement that makes a table of JSON files, all of which are looked through for their keys and types. */
export const jsonView = async (connection: DuckDBConnection, table: TableFiles): Promise<string> => {
  const view = await viewOf(connection, table, ['sample_size = -1']);
  if (table.table.values !== 'exact') return view;
  const rows = view.slice(view.indexOf(' AS ') + 4);
  const described = await connection.runAndReadAll(`SELECT * FROM (${rows}) LIMIT 0`);
  const duckdb = await import('@duckdb/node-api');
  const names = described.columnNames();
  for (const [index, type] of described.columnTypes().entries()) {
    const name = names[index] ?? '';
    const numbers = numbersIn(duckdb, identifier(name), type, 0);
    if (numbers !== null)
      await refuseRounded(connection, table.files, { name, type: type.toString(), numbers });
  }
  return view;
};

/** A column with numbers that may be rounded. */
interface Rounding {
  readonly name: string;
  readonly type: string;
  /** An expression for a list of them, as they are written. */
  readonly numbers: string;
}

/** An expression for a list of the numbers with fractions that are in a value, where these are read as strings; null: its type has none. */
const numbersIn = (duckdb: typeof DuckDb, value: string, type: DuckDBType, depth: number): string | null => {
  const { DuckDBTypeId: Id } = duckdb;
  const each = (list: string, item: DuckDBType): string | null => {
    const name = `e${depth}`;
    const inside = numbersIn(duckdb, name, item, depth + 1);
    return inside === null ? null : `flatten(list_transform(${list}, lambda ${name}: ${inside}))`;
  };
  switch (type.typeId) {
    case Id.DOUBLE:
      return `[${value}]`;
    case Id.LIST:
      return each(value, (type as DuckDb.DuckDBListType).valueType);
    case Id.MAP:
      return each(`map_values(${value})`, (type as DuckDb.DuckDBMapType).valueType);
    case Id.STRUCT: {
      const { entryNames, entryTypes } = type as DuckDb.DuckDBStructType;
      const fields = entryNames.flatMap((name, index) => {
        const field = `struct_extract(${value}, ${quoted(name)})`;
        return numbersIn(duckdb, field, entryTypes[index] as DuckDBType, depth) ?? [];
      });
      return fields.length === 0 ? null : `flatten([${fields.join(', ')}])`;
    }
    default:
      return null;
  }
};

/** Words of a type, and what stands in quotes in it. */
const DOUBLE = /"(?:[^"]|"")*"|\bDOUBLE\b/g;

/** Refuses whole numbers that a column of numbers with fractions, or with such numbers inside, would round. */
const refuseRounded = async (
  connection: DuckDBConnection,
  files: readonly string[],
  { name, type, numbers }: Rounding,
): Promise<void> => {
  const read = type.replace(DOUBLE, (found) => (found === 'DOUBLE' ? 'VARCHAR' : found));
  const source = `read_json([${files.map(quoted).join(', ')}], columns = {${quoted(name)}: ${quoted(read)}})`;
  const found = await connection.runAndReadAll(
    `SELECT n FROM (SELECT unnest(${numbers}) AS n FROM ${source}) WHERE length(n) > 15 AND regexp_full_match(n, '-?[0-9]+')
     AND (TRY_CAST(n AS DOUBLE)::HUGEINT = TRY_CAST(n AS HUGEINT)) IS NOT TRUE LIMIT 1`,
  );
  const value = found.getRows()[0]?.[0];
  if (value !== undefined)
    throw {
      _tag: 'QueryFailed',
      message: `${String(value)} in ${name} is a whole number that has too many digits for the numbers of its column (DOUBLE)`,
      remedy: 'write it as a text, in quotes',
    } satisfies QueryFailed;
};
