import type { DuckDBConnection } from '@duckdb/node-api';
import type { ContentFormat, QueryReader, QueryTable, SeriesReading } from '../../../ports/query-engine.js';
import { nameOfFile, type TableFiles } from '../files/table-files.js';
import { identifier, quoted } from '../statements/sql-text.js';

const READERS: Readonly<Record<ContentFormat, string>> = {
  csv: 'read_csv_auto',
  json: 'read_json_auto',
  parquet: 'read_parquet',
};

/** The statement that makes a table of files; `options` are those of its reader. */
export const viewOf = async (
  connection: DuckDBConnection,
  { table, files }: TableFiles,
  options: readonly string[] = [],
): Promise<string> => {
  const { series } = table;
  const rows =
    series === undefined || !isCombined(series)
      ? `SELECT *${replacedNames(table, files)} FROM ${READERS[table.format]}(${filesAndOptions(table, files, options)})`
      : await combinedRows(connection, files, series);
  return `CREATE VIEW ${identifier(table.name)} AS ${rows}`;
};

const filesAndOptions = (table: QueryTable, files: readonly string[], options: readonly string[]): string => {
  const types = Object.entries(table.columns ?? {}).map(
    ([column, type]) => `${identifier(column)}: ${quoted(type)}`,
  );
  const all = [
    ...(files.length > 1 ? ['union_by_name = true'] : []),
    ...(table.filenames === undefined ? [] : ['filename = true']),
    ...(types.length > 0 ? [`columns = {${types.join(', ')}}`] : []),
    ...options,
  ];
  return [listOf(files), ...all].join(', ');
};

/** Names of files as people know them, in the column that has them. */
const replacedNames = (table: QueryTable, files: readonly string[]): string =>
  table.filenames === undefined ? '' : ` REPLACE (${nameOfFile({ table, files }, 'filename')} AS filename)`;

/** The query for what a call of a reader reads, with the options that were written. */
export const rowsOfCall = ({ table, files }: TableFiles, { name, options }: QueryReader): string => {
  const names = table.filenames ?? files.map(() => table.path ?? table.name);
  const replaced = /\bfilename\s*=/i.test(options)
    ? replacedNames({ ...table, filenames: names }, files)
    : '';
  const source = options.trim() === '' ? listOf(files) : `${listOf(files)}, ${options}`;
  return `SELECT *${replaced} FROM ${name}(${source})`;
};

const listOf = (files: readonly string[]): string => `[${files.map(quoted).join(', ')}]`;

/** Tells whether more is to be done than to read one version after another. */
const isCombined = ({ timezone, unique, onDuplicate, positions, columns }: SeriesReading): boolean =>
  timezone !== null ||
  (unique.length > 0 && onDuplicate !== 'keep') ||
  positions === true ||
  columns !== undefined;

const VERSION = identifier('pond version');

const ROW = identifier('pond row');

/** The rows of all versions, each with its place; wall clock's times as instants; of rows with equal keys the one that counts. */
const combinedRows = async (
  connection: DuckDBConnection,
  files: readonly string[],
  series: SeriesReading,
): Promise<string> => {
  const { unique, onDuplicate, positions = false } = series;
  const parts = await partsOf(connection, files, series);
  const placed = parts
    .map(({ part, replaced }) => {
      const versions = `[${part.map(({ version }) => version).join(', ')}]`;
      return `SELECT *${replaced}, ${versions}[file_index::BIGINT + 1] AS ${VERSION}, file_row_number AS ${ROW} FROM read_parquet(${listOf(part.map(({ file }) => file))}, union_by_name = true)`;
    })
    .join(' UNION ALL BY NAME ');
  const chosen =
    unique.length > 0 && onDuplicate !== 'keep'
      ? ` QUALIFY ${unique.map((name) => `${identifier(name)} IS NULL`).join(' OR ')} OR row_number() OVER (PARTITION BY ${unique.map(identifier).join(', ')} ORDER BY ${directed([VERSION, ROW], onDuplicate)}) = 1`
      : '';
  return `SELECT *${positions ? '' : ` EXCLUDE (${VERSION}, ${ROW})`} FROM (${placed})${chosen}`;
};

const directed = (columns: readonly string[], onDuplicate: 'skip' | 'replace'): string =>
  columns.map((column) => `${column} ${onDuplicate === 'skip' ? 'ASC' : 'DESC'}`).join(', ');

interface Part {
  readonly part: readonly { readonly file: string; readonly version: number }[];
  /** Columns that are put in the place of those of these files. */
  readonly replaced: string;
}

/** Files that are read in the same way, together. */
const partsOf = async (
  connection: DuckDBConnection,
  files: readonly string[],
  { timeColumn, timezone, columns }: SeriesReading,
): Promise<readonly Part[]> => {
  const all = files.map((file, version) => ({ file, version }));
  if (columns !== undefined) {
    // Each file by itself, since the engine has no type for values of any two.
    const parts: Part[] = [];
    for (const one of all) {
      const own = await columnTypes(connection, [one.file]);
      const casts = columns.flatMap(({ name, type }) => {
        const found = own.find((column) => column.name.toLowerCase() === name.toLowerCase());
        const zoned = found !== undefined && isWallClock(found.type) && name === timeColumn ? timezone : null;
        if (found === undefined) return [];
        if (zoned !== null) return [instant(found.name, zoned)];
        return type === 'VARCHAR' && found.type !== 'VARCHAR'
          ? [`CAST(${identifier(found.name)} AS VARCHAR) AS ${identifier(found.name)}`]
          : [];
      });
      parts.push({ part: [one], replaced: casts.length === 0 ? '' : ` REPLACE (${casts.join(', ')})` });
    }
    return parts;
  }
  if (timezone === null || timeColumn === null) return [{ part: all, replaced: '' }];
  const types = await columnTypes(connection, files);
  const column =
    types.find(({ name }) => name.toLowerCase() === timeColumn.toLowerCase())?.name ?? timeColumn;
  const wall = new Set(
    types
      .filter(({ name, type }) => name.toLowerCase() === timeColumn.toLowerCase() && isWallClock(type))
      .map(({ file }) => file),
  );
  return [
    { part: all.filter(({ file }) => !wall.has(file)), replaced: '' },
    { part: all.filter(({ file }) => wall.has(file)), replaced: ` REPLACE (${instant(column, timezone)})` },
  ].filter(({ part }) => part.length > 0);
};

const instant = (column: string, timezone: string): string =>
  `timezone(${quoted(timezone)}, ${identifier(column)}) AS ${identifier(column)}`;

const isWallClock = (type: string): boolean => /^TIMESTAMP(_S|_MS|_NS)?$/.test(type);

const columnTypes = async (connection: DuckDBConnection, files: readonly string[]) => {
  const found = await connection.runAndReadAll(
    `SELECT file_name, name, duckdb_type FROM parquet_schema(${listOf([...new Set(files)])}) WHERE duckdb_type IS NOT NULL`,
  );
  return found
    .getRows()
    .map(([file, name, type]) => ({ file: String(file), name: String(name), type: String(type) }));
};
