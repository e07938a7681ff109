import type * as DuckDb from '@duckdb/node-api';
import type { DuckDBConnection, DuckDBType } from '@duckdb/node-api';
import type { QueryFailed, QueryTable } from '../../../ports/query-engine.js';
import { kindOf, timeOfKinds, valueAs } from '../csv/csv-kinds.js';
import type { TableFiles } from '../files/table-files.js';
import { identifier, quoted } from '../statements/sql-text.js';
import { asText, jsonColumns, leavesIn, textsOf } from './json-columns.js';
import { viewOf } from './table-view.js';

/** The statement that makes a table of JSON files, all of which are looked through for their keys and types. */
export const jsonView = async (connection: DuckDBConnection, table: TableFiles): Promise<string> => {
  const view = await viewOfColumns(connection, table);
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
    const numbers = leavesIn(identifier(name), type, [duckdb.DuckDBTypeId.DOUBLE]);
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

const viewOfColumns = async (connection: DuckDBConnection, table: TableFiles): Promise<string> => {
  const columns = table.table.columns === undefined ? await jsonColumns(connection, table) : null;
  if (columns === null) return viewOf(connection, table, ['sample_size = -1']);
  const read = Object.fromEntries(columns.map((column) => [column.name, column.read]));
  const view = await viewOf(connection, { ...table, table: { ...table.table, columns: read } });
  const casts = columns
    .filter((column) => column.read !== column.type)
    .map(({ name, type }) => `CAST(${identifier(name)} AS ${type}) AS ${identifier(name)}`);
  const at = view.indexOf(' AS ') + 4;
  return casts.length === 0
    ? view
    : `${view.slice(0, at)}SELECT * REPLACE (${casts.join(', ')}) FROM (${view.slice(at)})`;
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

/** Refuses whole numbers that a column of numbers with fractions, or with such numbers inside, would round. */
const refuseRounded = async (
  connection: DuckDBConnection,
  files: readonly string[],
  { name, type, numbers }: Rounding,
): Promise<void> => {
  const source = textsOf(files, name, asText(type, ['DOUBLE']));
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
