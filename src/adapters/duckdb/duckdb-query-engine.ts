import { createWriteStream, promises } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { DuckDBConnection, Json as DuckDBJson, DuckDBResult } from '@duckdb/node-api';
import * as E from 'fp-ts/lib/Either.js';
import type { Json } from '../../domain/documents/json.js';
import type { ContentFormat, QueryEngine, QueryFailed, QueryTable } from '../../ports/query-engine.js';

/**
 * Queries by DuckDB, which is loaded at the first query. The tables' contents are spooled to a private directory
 * that is removed afterwards. Before any of the user's SQL runs, DuckDB is confined to that directory, kept from
 * loading extensions, and its configuration is locked.
 */
export const duckdbQueryEngine: QueryEngine = {
  query:
    ({ sql, tables, signal }, use) =>
    async () => {
      const spool = await promises.mkdtemp(join(tmpdir(), 'pond-query-'));
      try {
        return await inDatabase(spool, signal, async (connection) => {
          const found = await tables(await tableNamesIn(connection, sql))();
          if (E.isLeft(found)) return found;
          await connection.run(`SET allowed_directories = [${quoted(`${spool}/`)}]`);
          for (const [index, table] of found.right.entries()) {
            await expose(connection, table, await spoolContents(table, join(spool, String(index)), signal));
          }
          await connection.run('SET enable_external_access = false');
          await connection.run('SET lock_configuration = true');
          const answer = await connection.stream(sql);
          return await use({ columns: answer.deduplicatedColumnNames(), batches: batchesOf(answer) })();
        });
      } catch (thrown) {
        return E.left(asQueryFailed(thrown));
      } finally {
        await promises.rm(spool, { recursive: true, force: true });
      }
    },
};

const READERS: Readonly<Record<ContentFormat, string>> = {
  csv: 'read_csv_auto',
  json: 'read_json_auto',
  parquet: 'read_parquet',
};

/**
 * The tables that a query names. DuckDB's own list leaves out those of joins whose columns it cannot look up yet, its
 * syntax trees exist for SELECT only: together they miss what a statement other than SELECT does with such joins.
 */
const tableNamesIn = async (connection: DuckDBConnection, sql: string): Promise<readonly string[]> => {
  const answer = await connection.runAndReadAll('SELECT json_serialize_sql($1::VARCHAR)', [sql]);
  const tree: Json = JSON.parse(String(answer.getRows()[0]?.[0]));
  return [...new Set([...connection.getTableNames(sql, false), ...tablesOfTree(tree)])];
};

const tablesOfTree = (tree: Json): readonly string[] => {
  if (typeof tree !== 'object' || tree === null) return [];
  const own = 'type' in tree && tree.type === 'BASE_TABLE' && 'table_name' in tree ? [tree.table_name] : [];
  return [...own.map(String), ...Object.values(tree).flatMap(tablesOfTree)];
};

const spoolContents = async (table: QueryTable, directory: string, signal: AbortSignal) => {
  await promises.mkdir(directory);
  const files: string[] = [];
  for (const content of table.contents) {
    const file = join(directory, `${files.length + 1}.${table.format}`);
    await pipeline(Readable.from(content, { objectMode: true }), createWriteStream(file), { signal });
    files.push(file);
  }
  return files;
};

const inDatabase = async <A>(
  spool: string,
  signal: AbortSignal,
  use: (connection: DuckDBConnection) => Promise<A>,
): Promise<A> => {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const overflow = join(spool, 'overflow');
  await promises.mkdir(overflow);
  const instance = await DuckDBInstance.create(':memory:', {
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    temp_directory: overflow,
  });
  const connection = await instance.connect();
  const interrupt = () => connection.interrupt();
  signal.addEventListener('abort', interrupt, { once: true });
  try {
    return await use(connection);
  } finally {
    signal.removeEventListener('abort', interrupt);
    connection.closeSync();
    instance.closeSync();
  }
};

const expose = async (
  connection: DuckDBConnection,
  { name, format, columns }: QueryTable,
  files: readonly string[],
): Promise<void> => {
  const types = Object.entries(columns ?? {}).map(
    ([column, type]) => `${identifier(column)}: ${quoted(type)}`,
  );
  const options = [
    ...(files.length > 1 ? ['union_by_name = true'] : []),
    ...(types.length > 0 ? [`columns = {${types.join(', ')}}`] : []),
  ];
  const source = [`[${files.map(quoted).join(', ')}]`, ...options].join(', ');
  await connection.run(`CREATE VIEW ${identifier(name)} AS SELECT * FROM ${READERS[format]}(${source})`);
};

const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

async function* batchesOf(answer: DuckDBResult): AsyncGenerator<readonly (readonly Json[])[]> {
  const isWhole = answer.columnTypes().map((type) => /^U?(BIG|HUGE)INT$/.test(String(type)));
  try {
    for await (const rows of answer.yieldRowsJson()) {
      yield rows.map((row) =>
        row.map((value, column) => (isWhole[column] ? asNumber(value) : asJson(value))),
      );
    }
  } catch (thrown) {
    throw asQueryFailed(thrown);
  }
}

/** DuckDB's JSON writes 64-bit numbers as text; those that JavaScript can hold exactly become numbers. */
const asNumber = (value: DuckDBJson): Json => {
  const number = typeof value === 'string' ? Number(value) : Number.NaN;
  return Number.isSafeInteger(number) ? number : asJson(value);
};

const asJson = (value: DuckDBJson): Json => value;

const asQueryFailed = (thrown: unknown): QueryFailed => ({
  _tag: 'QueryFailed',
  message: thrown instanceof Error ? thrown.message : messageOf(thrown),
});

/** What an iteration over our own result threw is a {@link QueryFailed} already. */
const messageOf = (thrown: unknown): string =>
  typeof thrown === 'object' && thrown !== null && 'message' in thrown
    ? String(thrown.message)
    : String(thrown);
