import { statSync } from 'node:fs';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { QueryFailed } from '../../ports/query-engine.js';
import { type CsvHead, csvHead } from './csv-head.js';
import { identifier, quoted } from './sql-text.js';
import { type TableFiles, viewOf, viewOfCall } from './table-view.js';

/** Bytes of CSV that are read at once: several files are read side by side, in little memory. */
const CSV_BUFFER = 4 * 1024 * 1024;

/**
 * Makes a table of files. Nothing about a file is guessed that a damaged line of it could contradict; a line that is
 * longer or shorter than the first is an error that names it.
 */
export const makeTable = async (
  connection: DuckDBConnection,
  table: TableFiles,
  of: 'query' | 'session',
): Promise<void> => {
  const { format, values, path, name, reader } = table.table;
  if (reader !== undefined) {
    await connection.run(viewOfCall(table, reader));
    return;
  }
  if (format !== 'csv') {
    const options =
      format === 'json' && (values === 'as-written' || areSmall(table)) ? ['sample_size = -1'] : [];
    await connection.run(await viewOf(connection, table, options));
    return;
  }
  const head = of === 'query' ? await likelyHead(table) : await headOf(table, path ?? name);
  if (head === null) {
    await connection.run(await viewOf(connection, table));
    return;
  }
  const notation = notationOf(table, head, of);
  if (values === 'as-written') {
    await connection.run(await viewOf(connection, table, [...notation, ...asText(head)]));
    return;
  }
  const { types = {}, strict = false } = table.table.csv ?? {};
  const known = Object.entries(types).map(([column, type]) => `${quoted(column)}: ${quoted(type)}`);
  const options = [
    ...notation,
    ...(known.length === 0 ? [] : [`types = {${known.join(', ')}}`]),
    ...(strict || areSmall(table) ? ['sample_size = -1'] : []),
  ];
  try {
    await connection.run(await viewOf(connection, table, options));
  } catch (thrown) {
    await findBadLine(connection, table, [...notation, ...asText(head)]);
    throw thrown;
  }
};

/** The first line of the files of a query, where all have it in common; null: it is for the engine to find out. */
const likelyHead = async ({ table, files }: TableFiles): Promise<CsvHead | null> => {
  let common: CsvHead | null = null;
  for (const file of files) {
    try {
      const head = await csvHead(file, table.path ?? table.name, table.csv ?? {});
      if (common !== null && head.delimiter !== common.delimiter) return null;
      common ??= head;
    } catch (thrown) {
      if (isQueryFailed(thrown)) return null;
      throw thrown;
    }
  }
  return common;
};

/**
 * Bytes of files that are looked through as a whole before types are guessed. Of more, the first 20,480 rows are: a later
 * value that can be read as a guessed type is, if only by rounding it.
 */
const LOOKED_THROUGH = 16 * 1024 * 1024;

const areSmall = ({ files }: TableFiles): boolean => {
  let size = 0;
  for (const file of files) {
    size += statSync(file, { throwIfNoEntry: false })?.size ?? 0;
    if (size > LOOKED_THROUGH) return false;
  }
  return true;
};

const isQueryFailed = (thrown: unknown): thrown is QueryFailed =>
  typeof thrown === 'object' && thrown !== null && '_tag' in thrown && thrown._tag === 'QueryFailed';

const headOf = async ({ table, files }: TableFiles, name: string): Promise<CsvHead> => {
  const head = await csvHead(files[0] ?? '', name, table.csv ?? {});
  if (table.csv?.strict === true && table.csv.header === undefined) {
    const row = head.columns.find((column) =>
      /^[-+]?(\d+([.,]\d+)?([eE][-+]?\d+)?|\d{4}-\d\d-\d\d.*)$/.test(column),
    );
    if (row !== undefined)
      throw {
        _tag: 'QueryFailed',
        message: `its first line may be a row and not the names of the columns: it has ${JSON.stringify(row)}`,
        remedy: 'say what it is: --csv-header no, or --csv-header yes',
      } satisfies QueryFailed;
  }
  return head;
};

const notationOf = (
  { table }: TableFiles,
  { delimiter }: CsvHead,
  of: 'query' | 'session',
): readonly string[] => [
  `delim = ${quoted(delimiter)}`,
  `quote = '"'`,
  `escape = '"'`,
  ...(of === 'session' || table.csv?.header !== undefined ? [`header = ${table.csv?.header ?? true}`] : []),
  'skip = 0',
  `buffer_size = ${CSV_BUFFER}`,
];

const asText = ({ columns }: CsvHead): readonly string[] => [
  'auto_detect = false',
  `columns = {${columns.map((column) => `${quoted(column)}: 'VARCHAR'`).join(', ')}}`,
];

/** Reads all lines as text: the first that does not fit is named by the error. */
const findBadLine = async (
  connection: DuckDBConnection,
  table: TableFiles,
  options: readonly string[],
): Promise<void> => {
  const name = `lines of ${table.table.name}`;
  await connection.run(await viewOf(connection, { ...table, table: { ...table.table, name } }, options));
  await connection.run(`SELECT bit_xor(hash(line)) FROM ${identifier(name)} line`);
};
