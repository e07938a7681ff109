import type { DuckDBConnection } from '@duckdb/node-api';
import type { QueryFailed } from '../../ports/query-engine.js';
import { identifier, quoted } from './sql-text.js';
import { type TableFiles, viewOf } from './table-view.js';

/** The statement that makes a table of JSON files, all of which are looked through for their keys and types. */
export const jsonView = async (connection: DuckDBConnection, table: TableFiles): Promise<string> => {
  const view = await viewOf(connection, table, ['sample_size = -1']);
  if (table.table.values !== 'exact') return view;
  const rows = view.slice(view.indexOf(' AS ') + 4);
  const described = await connection.runAndReadAll(`SELECT column_name, column_type FROM (DESCRIBE ${rows})`);
  const columns = described.getRows().map(([name, type]) => ({ name: String(name), type: String(type) }));
  const numbers = columns.filter(({ type }) => type === 'DOUBLE').map(({ name }) => name);
  if (numbers.length > 0) await refuseRounded(connection, table.files, numbers);
  // A Parquet file has no whole numbers of 128 bits but as decimals.
  const huge = columns
    .filter(({ type }) => /^U?HUGEINT$/.test(type))
    .map(({ name }) => `CAST(${identifier(name)} AS DECIMAL(38,0)) AS ${identifier(name)}`);
  if (huge.length === 0) return view;
  return `CREATE VIEW ${identifier(table.table.name)} AS SELECT * REPLACE (${huge.join(', ')}) FROM (${rows})`;
};

/** Refuses whole numbers that a column of numbers with fractions would round. */
const refuseRounded = async (
  connection: DuckDBConnection,
  files: readonly string[],
  columns: readonly string[],
): Promise<void> => {
  const strings = columns.map((name) => `${quoted(name)}: 'VARCHAR'`).join(', ');
  const source = `read_json([${files.map(quoted).join(', ')}], columns = {${strings}})`;
  for (const name of columns) {
    const text = identifier(name);
    const found = await connection.runAndReadAll(
      `SELECT ${text} FROM ${source} WHERE length(${text}) > 15 AND regexp_full_match(${text}, '-?[0-9]+')
       AND (TRY_CAST(${text} AS DOUBLE)::HUGEINT = TRY_CAST(${text} AS HUGEINT)) IS NOT TRUE LIMIT 1`,
    );
    const value = found.getRows()[0]?.[0];
    if (value !== undefined)
      throw {
        _tag: 'QueryFailed',
        message: `${String(value)} in ${name} is a whole number that has too many digits for the numbers of its column (DOUBLE)`,
        remedy: 'write it as a text, in quotes',
      } satisfies QueryFailed;
  }
};
