import { statSync } from 'node:fs';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { CsvNotation, QueryTable } from '../../../ports/query-engine.js';
import { ROW } from '../csv/csv-groups.js';
import { type CsvHead, csvHead } from '../csv/csv-head.js';
import { kindOf } from '../csv/csv-kinds.js';
import { FILE, inForm, readerOf } from '../csv/csv-reader.js';
import type { LookedThrough } from '../csv/csv-table.js';
import { COLUMNS_SIDE_BY_SIDE, type Kinds } from '../csv/found-kinds.js';
import { identifier } from '../statements/sql-text.js';

/** Bytes of a file that is small: of a larger one, what its first rows are like makes the look through the others shorter. */
const SMALL = 1024 * 1024;

/** A small CSV file of which the types are to be those of all rows. */
interface SmallFile {
  readonly file: string;
  readonly head: CsvHead;
  readonly csv: CsvNotation;
}

/**
 * Finds the kinds of what stands in the columns of many small CSV files: those with the same first line by one statement, since making
 * one takes longer than reading such a file. A file that is not among the result is one with which something is wrong, or that is
 * to be looked at by itself.
 */
export const lookThrough = async (
  connection: DuckDBConnection,
  tables: readonly QueryTable[],
): Promise<LookedThrough> => {
  const groups = new Map<string, SmallFile[]>();
  for (const table of tables) {
    const found = await smallFileOf(table);
    if (found === null) continue;
    const key = JSON.stringify([found.head, found.csv]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [found]);
    else group.push(found);
  }
  const found = new Map<string, { readonly head: CsvHead; readonly kinds: Kinds }>();
  for (const group of groups.values()) {
    const kinds = await kindsOfAll(connection, group);
    for (const { file, head } of group) {
      const byName = kinds.get(file);
      if (byName !== undefined) found.set(file, { head, kinds: { byName, isAll: true } });
    }
  }
  return found;
};

const smallFileOf = async ({
  format,
  contents,
  csv,
  values = 'guessed',
  path,
  name,
}: QueryTable): Promise<SmallFile | null> => {
  const [content, other] = contents;
  if (format !== 'csv' || csv?.strict !== true || values !== 'guessed') return null;
  if (content === undefined || other !== undefined || !('file' in content)) return null;
  const { file } = content;
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? SMALL) >= SMALL) return null;
  const head = await csvHead(file, path ?? name, csv).catch(() => null);
  if (head === null || head.columns.length > COLUMNS_SIDE_BY_SIDE) return null;
  // It may be a row.
  if (csv.header === undefined && head.columns.some((column) => ROW.test(column))) return null;
  return { file, head, csv };
};

type KindsOfFiles = ReadonlyMap<string, ReadonlyMap<string, number>>;

/** Kinds by column, by file. Where one of the files keeps the others from being read, one half is looked through and the other. */
const kindsOfAll = async (
  connection: DuckDBConnection,
  group: readonly SmallFile[],
): Promise<KindsOfFiles> => {
  const [first] = group;
  // One by itself is looked at when its table is made.
  if (first === undefined || group.length < 2) return new Map();
  try {
    return await kindsTogether(connection, first, group);
  } catch {
    const half = Math.ceil(group.length / 2);
    const [some, others] = [group.slice(0, half), group.slice(half)];
    return new Map([...(await kindsOfAll(connection, some)), ...(await kindsOfAll(connection, others))]);
  }
};

const kindsTogether = async (
  connection: DuckDBConnection,
  { head, csv }: SmallFile,
  group: readonly SmallFile[],
): Promise<KindsOfFiles> => {
  const { columns } = head;
  const forms = columns.map((column) => inForm(column, csv) ?? identifier(column));
  const rows = readerOf(
    group.map(({ file }) => file),
    head,
  );
  const kinds = columns.map((column) => `bit_or(${kindOf(identifier(column))})`);
  const answer = await connection.runAndReadAll(
    `SELECT ${FILE}, ${kinds.join(', ')} FROM (SELECT ${FILE}, ${forms.join(', ')} FROM ${rows}) GROUP BY ${FILE}`,
  );
  const found = new Map(answer.getRows().map(([file, ...each]) => [String(file), each]));
  return new Map(
    group.map(({ file }) => [
      file,
      // A file that has only its first line has no rows of any kind.
      new Map(columns.map((column, index) => [column.toLowerCase(), Number(found.get(file)?.[index] ?? 0)])),
    ]),
  );
};
