import type { DuckDBConnection } from '@duckdb/node-api';
import { csvView } from './csv-table.js';
import { jsonView } from './json-table.js';
import { type TableFiles, viewOf, viewOfCall } from './table-view.js';

/**
 * Makes a table of files. Nothing about a file is guessed that a damaged line of it could contradict; a line that is
 * longer or shorter than the first is an error that names it. JSON is looked through as a whole.
 */
export const makeTable = async (
  connection: DuckDBConnection,
  table: TableFiles,
  of: 'query' | 'session',
): Promise<void> => {
  const { format, reader } = table.table;
  if (reader !== undefined) {
    await connection.run(viewOfCall(table, reader));
    return;
  }
  const ofCsv = format === 'csv' ? await csvView(connection, table, of) : null;
  const other = format === 'json' ? jsonView : viewOf;
  await connection.run(ofCsv ?? (await other(connection, table)));
};
