import type { DuckDBConnection } from '@duckdb/node-api';
import { csvView, type LookedThrough, type TextColumn } from '../csv/csv-table.js';
import type { TableFiles } from '../files/table-files.js';
import { quoted } from '../statements/sql-text.js';
import { jsonView } from './json-table.js';
import { makeTableOfCall } from './table-of-call.js';
import { viewOf } from './table-view.js';
import { refuseWideDecimals } from './wide-decimals.js';

/** A table that queries can ask for. */
export interface MadeTable {
  /** Tables of the same shape have the same columns and types; null: that is not known. */
  readonly shape: string | null;
  readonly textByWords: readonly TextColumn[];
  readonly misfits: readonly TextColumn[];
}

const UNKNOWN: MadeTable = { shape: null, textByWords: [], misfits: [] };

/**
 * Makes a table of files. Nothing about a file is guessed that a damaged line of it could contradict; a line that is
 * longer or shorter than the first is an error that names it. JSON is looked through as a whole.
 */
export const makeTable = async (
  connection: DuckDBConnection,
  table: TableFiles,
  of: 'query' | 'plan' | 'session',
  lookedThrough?: LookedThrough,
): Promise<MadeTable> => {
  const { format, reader, series } = table.table;
  // What a series takes in has been looked at.
  if (format === 'parquet' && series === undefined) await refuseWideDecimals(connection, table);
  if (reader !== undefined) {
    await makeTableOfCall(connection, table, reader, of === 'plan' ? 'plan' : 'rows');
    return UNKNOWN;
  }
  const ofCsv =
    format === 'csv' ? await csvView(connection, table, of === 'plan' ? 'query' : of, lookedThrough) : null;
  const other = format === 'json' ? jsonView : viewOf;
  await connection.run(ofCsv?.sql ?? (await other(connection, table)));
  // Of CSV the statement says all columns and types.
  return ofCsv === null
    ? UNKNOWN
    : {
        shape: table.files.reduce((shape, file) => shape.replaceAll(quoted(file), '?'), ofCsv.sql),
        textByWords: ofCsv.textByWords,
        misfits: ofCsv.misfits,
      };
};
