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

/**
 * Columns that stand side by side in one statement at most. What the engine makes of a statement grows faster than its columns: one for
 * 4,000 of them took more memory than a query has. Those of wider files come one below the other, which is slower for few.
 */
export const COLUMNS_SIDE_BY_SIDE = 250;

/** Kinds of what stands in each column, with those that were found before, and the number of rows. */
interface FoundSoFar {
  readonly kinds: readonly number[];
  readonly rows: number;
}

const kindsAfter = (
  { connection, csv }: Looking,
  head: CsvHead,
  files: readonly string[],
  limit: number | null,
  before: readonly number[],
): Promise<FoundSoFar> => {
  const rowsOf = (names: readonly string[]): string =>
    `(SELECT ${names.map((name) => inForm(name, csv) ?? identifier(name)).join(', ')} FROM ${readerOf(files, head)}${limit === null ? '' : ` LIMIT ${limit}`})`;
  const columns = head.columns.map((name, at) => ({ name, at, before: before[at] ?? 0 }));
  return columns.length > COLUMNS_SIDE_BY_SIDE
    ? kindsBelowEachOther(connection, columns, rowsOf)
    : kindsSideBySide(connection, columns, rowsOf);
};

interface LookedAt {
  readonly name: string;
  readonly at: number;
  readonly before: number;
}

type RowsOf = (names: readonly string[]) => string;

const kindsSideBySide = async (
  connection: DuckDBConnection,
  columns: readonly LookedAt[],
  rowsOf: RowsOf,
): Promise<FoundSoFar> => {
  const kinds = columns.map(({ name, before }) => `bit_or(${furtherKindOf(identifier(name), before)})`);
  const found = await connection.runAndReadAll(
    `SELECT count(*), ${kinds.join(', ')} FROM ${rowsOf(columns.map(({ name }) => name))}`,
  );
  const [count, ...each] = found.getRows()[0] ?? [];
  return {
    kinds: columns.map(({ before }, at) => before | Number(each[at] ?? 0)),
    rows: Number(count ?? 0),
  };
};

const kindsBelowEachOther = async (
  connection: DuckDBConnection,
  columns: readonly LookedAt[],
  rowsOf: RowsOf,
): Promise<FoundSoFar> => {
  const kinds = columns.map(({ before }) => before);
  let rows = 0;
  for (const before of new Set(kinds)) {
    const alike = columns.filter((column) => column.before === before);
    for (let from = 0; from < alike.length; from += COLUMNS_SIDE_BY_SIDE) {
      const some = alike.slice(from, from + COLUMNS_SIDE_BY_SIDE);
      const values = some.map(({ name }) => identifier(name)).join(', ');
      const each = `SELECT unnest([${values}]) AS "text", unnest(range(${some.length})) AS "at" FROM ${rowsOf(some.map(({ name }) => name))}`;
      const found = await connection.runAndReadAll(
        `SELECT "at", count(*), bit_or(${furtherKindOf('"text"', before)}) FROM (${each}) GROUP BY "at"`,
      );
      for (const [at, count, kind] of found.getRows()) {
        rows = Number(count);
        kinds[some[Number(at)]?.at ?? 0] = before | Number(kind ?? 0);
      }
    }
  }
  return { kinds, rows };
};

const areSmall = (files: readonly string[]): boolean => {
  let size = 0;
  for (const file of files) {
    size += statSync(file, { throwIfNoEntry: false })?.size ?? 0;
    if (size > LOOKED_THROUGH) return false;
  }
  return true;
};
