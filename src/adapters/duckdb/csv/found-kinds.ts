import { statSync } from 'node:fs';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { CsvNotation } from '../../../ports/query-engine.js';
import type { TableFiles } from '../files/table-files.js';
import { identifier } from '../statements/sql-text.js';
import type { CsvHead, Group } from './csv-head.js';
import { furtherKindOf } from './csv-kinds.js';
import { inForm, readerOf } from './csv-reader.js';

/**
 * Bytes of the files of a table that are looked through as a whole before types are chosen. Of more, the first rows of each are, and
 * a later value that does not fit is an error.
 */
const LOOKED_THROUGH = 16 * 1024 * 1024;

/** Rows of a large file that are looked at, and of each of many. */
const FIRST_ROWS = 20_480;
export const FIRST_ROWS_OF_MANY = 2_048;
const FEW_FILES = 8;

/** Kinds that were found in columns, by their names in lower case. `isAll`: in all of their rows. */
export interface Kinds {
  readonly byName: ReadonlyMap<string, number>;
  readonly isAll: boolean;
}

/** Finds the kinds of what stands in the columns of a table, by their names. */
export const kindsOf = async (
  connection: DuckDBConnection,
  { table, files }: TableFiles,
  groups: readonly Group[],
): Promise<Kinds> => {
  const isAll = table.csv?.strict === true || areSmall(files);
  const limit = isAll ? null : files.length <= FEW_FILES ? FIRST_ROWS : FIRST_ROWS_OF_MANY;
  const byName = new Map<string, number>();
  for (const { head, files: same } of groups)
    for (const some of isAll ? [same] : same.map((file) => [file])) {
      const kinds = await kindsIn({ connection, csv: table.csv }, head, some, limit);
      for (const [index, column] of head.columns.entries()) {
        const name = column.toLowerCase();
        byName.set(name, (byName.get(name) ?? 0) | (kinds[index] ?? 0));
      }
    }
  return { byName, isAll };
};

/** An engine, and the form in which values are written. */
interface Looking {
  readonly connection: DuckDBConnection;
  readonly csv: CsvNotation | undefined;
}

/**
 * Kinds of what stands in each column, in all rows or in the first ones. What the very first rows have says how the rest is told
 * quickly.
 */
export const kindsIn = async (
  looking: Looking,
  head: CsvHead,
  files: readonly string[],
  limit: number | null,
): Promise<readonly number[]> => {
  const first = await kindsAfter(looking, head, files, FIRST_ROWS_OF_MANY, []);
  return first.rows < FIRST_ROWS_OF_MANY || limit === FIRST_ROWS_OF_MANY
    ? first.kinds
    : (await kindsAfter(looking, head, files, limit, first.kinds)).kinds;
};

/** Kinds of what stands in each column, with those that were found before, and the number of rows. */
const kindsAfter = async (
  { connection, csv }: Looking,
  head: CsvHead,
  files: readonly string[],
  limit: number | null,
  before: readonly number[],
): Promise<{ readonly kinds: readonly number[]; readonly rows: number }> => {
  const columns = head.columns.map((name) => inForm(name, csv) ?? identifier(name));
  const rows = `SELECT ${columns.join(', ')} FROM ${readerOf(files, head)}${limit === null ? '' : ` LIMIT ${limit}`}`;
  const kinds = head.columns.map((name, index) => furtherKindOf(identifier(name), before[index] ?? 0));
  const found = await connection.runAndReadAll(
    `SELECT count(*), ${kinds.map((kind) => `bit_or(${kind})`).join(', ')} FROM (${rows})`,
  );
  const [count, ...each] = found.getRows()[0] ?? [];
  return {
    kinds: head.columns.map((_, index) => (before[index] ?? 0) | Number(each[index] ?? 0)),
    rows: Number(count ?? 0),
  };
};

const areSmall = (files: readonly string[]): boolean => {
  let size = 0;
  for (const file of files) {
    size += statSync(file, { throwIfNoEntry: false })?.size ?? 0;
    if (size > LOOKED_THROUGH) return false;
  }
  return true;
};
