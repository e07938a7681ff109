import { statSync } from 'node:fs';
import type { DuckDBConnection } from '@duckdb/node-api';
import { sqlTokens } from '../../../domain/text/sql-tokens.js';
import type { QueryReader } from '../../../ports/query-engine.js';
import type { TableFiles } from '../files/table-files.js';
import { identifier } from '../statements/sql-text.js';
import { rowsOfCall } from './table-view.js';

/** Bytes of files whose rows are taken in at once, at most. */
const TAKEN_IN = 64 * 1024 * 1024;

/**
 * Makes a table of what a call of a reader reads: a view, or its rows where the engine looks into each of many files to find its columns.
 * That takes longer than reading them, and of a view it is done at each of three steps: when it is made, when a query is prepared, when it runs.
 */
export const makeTableOfCall = async (
  connection: DuckDBConnection,
  table: TableFiles,
  reader: QueryReader,
  of: 'rows' | 'plan',
): Promise<void> => {
  const name = identifier(table.table.name);
  const rows = rowsOfCall(table, reader);
  if (of === 'rows' && isLookedInto(table, reader)) {
    try {
      await connection.run(`CREATE TABLE ${name} AS ${rows}`);
      return;
    } catch {
      // What is wrong with a row matters only to a query that asks for it, and to that one the view says it.
    }
  }
  await connection.run(`CREATE VIEW ${name} AS ${rows}`);
};

/** Tells whether the columns are those of all files, of which there are many small ones. */
const isLookedInto = ({ table, files }: TableFiles, { options }: QueryReader): boolean =>
  table.format !== 'parquet' &&
  files.length > 1 &&
  sqlTokens(options).some(({ value }) => LOOKING.has(value.toLowerCase())) &&
  files.reduce((size, file) => size + (statSync(file, { throwIfNoEntry: false })?.size ?? TAKEN_IN), 0) <
    TAKEN_IN;

const LOOKING: ReadonlySet<string> = new Set(['union_by_name', 'files_to_sniff']);
