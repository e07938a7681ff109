import type * as DuckDb from '@duckdb/node-api';
import type { DuckDBConnection, DuckDBType } from '@duckdb/node-api';
import type { QueryFailed, QueryTable } from '../../ports/query-engine.js';
import { kindOf, timeOfKinds, valueAs } from './csv-kinds.js';
import { identifier, quoted } from './statements/sql-text.js';
import { type TableFiles, viewOf } from './table-view.js';

/** The statement that makes a table of JSON files, all of which are looked through for their keys and types. */
export const jsonView = async (connection: DuckDBConnection, table: TableFiles): Promise<string> => {
  const view = await viewOf(connection, table, ['sample_size = -1']);
  if (table.table.values !== 'exact') return view;
  const at = view.indexOf(' AS ') + 4;
  const rows = view.slice(at);
  const described = await connection.runAndReadAll(`SELECT * FROM (${rows}) LIMIT 1`);
  const duckdb = await import('@duckdb/node-api');
  const names = described.columnNames();
  const columns = described.columnTypes().map((type, index) => ({ name: names[index] ?? '', type }));
  if (described.currentRowCount === 0 && columns.length === 1)
    return `${view.slice(0, at)}${rowsOfNothing(table.table)}`;
  for (const { name, type } of columns) {
    const numbers = numbersIn(duckdb, identifier(name), type, 0);
    if (numbers !== null)
      await refuseRounded(connection, table.files, { name, type: type.toString(), numbers });
  }
  const replaced = [
    ...(await typesOfNothing(connection, table, rows, columns)),
    ...(await timesIn(duckdb, connection, table, columns)),
  ].map(({ name, type, of }) => {
    const value = identifier(name);
    const isText = of.typeId === duckdb.DuckDBTypeId.VARCHAR;
    return `${isText ? valueAs(value, type) : `CAST(${value} AS ${type})`} AS ${value}`;
  });
  return replaced.length === 0
    ? view
    : `${view.slice(0, at)}SELECT * REPLACE (${replaced.join(', ')}) FROM (${rows})`;
};

/** A column, by the type that the engine has found for it. */
interface FoundColumn {
  readonly name: string;
  readonly type: DuckDBType;
}

/** A column that gets another type. */
interface Retyped {
  readonly name: string;
  readonly type: string;
  /** The one that the engine has found. */
  readonly of: DuckDBType;
}

/** JSON without rows: its columns are those that it would have had, where these are known. */
const rowsOfNothing = ({ withoutValues = {} }: QueryTable): string => {
  const columns = Object.entries(withoutValues);
  if (columns.length === 0)
    throw {
      _tag: 'QueryFailed',
      message: 'it has no rows, and JSON says its columns in its rows',
      remedy: 'leave it out until it has some; without --as it is copied as it is',
    } satisfies QueryFailed;
  return `SELECT ${columns.map(([name, type]) => `CAST(NULL AS ${type}) AS ${identifier(name)}`).join(', ')} WHERE false`;
};

/** The engine's type of columns in which nothing but null stands. */
const isOfNothing = ({ type }: FoundColumn): boolean => type.alias === 'JSON';

const typesOfNothing = async (
  connection: DuckDBConnection,
  { table: { withoutValues = {} } }: TableFiles,
  rows: string,
  columns: readonly FoundColumn[],
): Promise<readonly Retyped[]> => {
  const known = new Map(Object.entries(withoutValues).map(([name, type]) => [name.toLowerCase(), type]));
  const asked = columns.flatMap((column) => {
    const type = known.get(column.name.toLowerCase());
    return type === undefined || !isOfNothing(column) ? [] : [{ name: column.name, type, of: column.type }];
  });
  if (asked.length === 0) return [];
  const counts = asked.map(({ name }) => `count(${identifier(name)})`).join(', ');
  const [found = []] = (await connection.runAndReadAll(`SELECT ${counts} FROM (${rows})`)).getRows();
  return asked.filter((_, index) => found[index] === 0n);
};

/** Rows that are looked at before it is worth looking at all. */
const FIRST_ROWS = 2_048;

/**
 * Columns of times that the engine leaves text, because they are not all written in the same way, or takes for wall clocks' although each
 * says its zone.
 */
const timesIn = async (
  duckdb: typeof DuckDb,
  connection: DuckDBConnection,
  { files }: TableFiles,
  columns: readonly FoundColumn[],
): Promise<readonly Retyped[]> => {
  const { DuckDBTypeId: Id } = duckdb;
  let asked = columns.filter(
    ({ type }) => type.typeId === Id.TIMESTAMP || (type.typeId === Id.VARCHAR && type.alias === undefined),
  );
  for (const limit of [` LIMIT ${FIRST_ROWS}`, '']) {
    if (asked.length === 0) return [];
    const texts = asked.map(({ name }) => `${quoted(name)}: 'VARCHAR'`).join(', ');
    const kinds = asked.map(({ name }) => `bit_or(${kindOf(identifier(name))})`).join(', ');
    const source = `read_json([${files.map(quoted).join(', ')}], columns = {${texts}})`;
    const [found = []] = (
      await connection.runAndReadAll(`SELECT ${kinds} FROM (SELECT * FROM ${source}${limit})`)
    ).getRows();
    const types = asked.map((_, index) => timeOfKinds(Number(found[index] ?? 0)));
    if (limit === '')
      return asked.flatMap(({ name, type }, index) => {
        const wanted = types[index] ?? null;
        return wanted === null || wanted === type.toString() ? [] : [{ name, type: wanted, of: type }];
      });
    asked = asked.filter((_, index) => Number(found[index] ?? 0) === 0 || types[index] !== null);
  }
  return [];
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
