import type { DuckDBConnection } from '@duckdb/node-api';
import type { QueryFailed, QueryTable } from '../../../ports/query-engine.js';
import type { TableFiles } from '../files/table-files.js';
import { identifier, quoted } from '../statements/sql-text.js';
import { type CsvHead, csvHead, type Group } from './csv-head.js';
import { kindOf, TEXT, typeOfKinds } from './csv-kinds.js';
import { lineOfNamesAgain } from './csv-misfit.js';
import { FILE, readerOf } from './csv-reader.js';
import { FIRST_ROWS_OF_MANY, type Kinds, kindsIn } from './found-kinds.js';

/**
 * Refuses files that were put one behind the other, each with its names, since all of their columns would become text. Of one column
 * a value may well be its name.
 */
export const refuseNamesAgain = async (
  connection: DuckDBConnection,
  groups: readonly Group[],
  { byName }: Kinds,
): Promise<void> => {
  for (const { head, files } of groups) {
    const { columns, hasNames } = head;
    const areText = columns.every((name) => typeOfKinds(byName.get(name.toLowerCase()) ?? 0) === TEXT);
    if (!hasNames || columns.length < 2 || !areText) continue;
    const isNames = columns.map((name) => `trim(${identifier(name)}) = ${quoted(name)}`).join(' AND ');
    const found = await connection.runAndReadAll(
      `SELECT ${FILE} FROM ${readerOf(files, head)} WHERE ${isNames} LIMIT 1`,
    );
    const [row] = found.getRows();
    if (row === undefined) continue;
    const line = await lineOfNamesAgain(String(row[0]), head);
    throw {
      _tag: 'QueryFailed',
      message: `a row has the names of the columns once more${line === null ? '' : ` (line ${line})`}`,
      remedy: 'take that line out; files that were put one behind the other are copied one by one',
    } satisfies QueryFailed;
  }
};

/** The files of a table by their first lines. Null: one begins in a way that the engine has to find out about. */
export const groupsOf = async (
  connection: DuckDBConnection,
  { table, files }: TableFiles,
  of: 'query' | 'session',
): Promise<readonly Group[] | null> => {
  const groups = new Map<string, { readonly head: CsvHead; readonly files: string[] }>();
  for (const file of files) {
    const found = await csvHead(file, table.path ?? table.name, table.csv ?? {}, of);
    if (found === null) return null;
    const head = await withNames(connection, table, file, found);
    const key = JSON.stringify(head);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { head, files: [file] });
    else group.files.push(file);
  }
  return groups.size === 0 ? null : [...groups.values()];
};

export const ROW = /^[-+]?(\d+([.,]\d+)?([eE][-+]?\d+)?|\d{4}-\d\d-\d\d.*)$/;

/**
 * The same, where nobody has said whether the first line has names: one in which a number or a day stands may be a row. What is
 * taken into the pond is refused then; a query takes it for one where each of its fields could be a value of its column.
 */
const withNames = async (
  connection: DuckDBConnection,
  { csv }: QueryTable,
  file: string,
  head: CsvHead,
): Promise<CsvHead> => {
  const { columns } = head;
  const row = columns.find((column) => ROW.test(column));
  if (csv?.header !== undefined || row === undefined) return head;
  if (csv?.strict === true)
    throw {
      _tag: 'QueryFailed',
      message: `its first line may be a row and not the names of the columns: it has ${JSON.stringify(row)}`,
      remedy: 'say what it is: --csv-header no, or --csv-header yes',
    } satisfies QueryFailed;
  const kinds = await kindsIn({ connection, csv }, head, [file], FIRST_ROWS_OF_MANY);
  const own = await connection.runAndReadAll(
    `SELECT ${kindOf('"text"')} FROM (SELECT unnest([${columns.map(quoted).join(', ')}]) AS "text")`,
  );
  const kindsOfNames = own.getRows().map(([kind]) => Number(kind));
  const couldBe = columns.every((_, index) => {
    const before = kinds[index] ?? 0;
    const type = typeOfKinds(before);
    return type === TEXT || typeOfKinds(before | (kindsOfNames[index] ?? 0)) !== TEXT;
  });
  return couldBe ? { ...head, hasNames: false, columns: columns.map((_, index) => `column${index}`) } : head;
};
