import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { DuckDBConnection, Json as DuckDBJson, DuckDBResult } from '@duckdb/node-api';
import * as E from 'fp-ts/lib/Either.js';
import type { Json } from '../domain/json.js';
import type { ContentFormat, QueryEngine, QueryFailed, QuerySource } from '../ports/query-engine.js';

/**
 * Queries by DuckDB, which is loaded at the first query. The source's contents are spooled to a private directory
 * that is removed afterwards. Before any of the user's SQL runs, DuckDB is confined to that directory, kept from
 * loading extensions, and its configuration is locked.
 */
export const duckdbQueryEngine: QueryEngine = {
  query: (source, sql, use, signal) => async () => {
    const spool = await mkdtemp(join(tmpdir(), 'pond-query-'));
    try {
      const files = await spoolContents(source, spool, signal);
      return await inDatabase(spool, signal, async (connection) => {
        await exposeSource(connection, { format: source.format, files, spool });
        const answer = await connection.stream(sql);
        return await use({ columns: answer.deduplicatedColumnNames(), batches: batchesOf(answer) })();
      });
    } catch (thrown) {
      return E.left(asQueryFailed(thrown));
    } finally {
      await rm(spool, { recursive: true, force: true });
    }
  },
};

const READERS: Readonly<Record<ContentFormat, string>> = {
  csv: 'read_csv_auto',
  json: 'read_json_auto',
  parquet: 'read_parquet',
};

const spoolContents = async (source: QuerySource, spool: string, signal: AbortSignal) => {
  const files: string[] = [];
  for (const content of source.contents) {
    const file = join(spool, `${files.length + 1}.${source.format}`);
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
  await mkdir(overflow);
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

const exposeSource = async (
  connection: DuckDBConnection,
  { format, files, spool }: { format: ContentFormat; files: readonly string[]; spool: string },
): Promise<void> => {
  const list = files.map(quoted).join(', ');
  const together = files.length > 1 ? ', union_by_name = true' : '';
  await connection.run(`SET allowed_directories = [${quoted(`${spool}/`)}]`);
  await connection.run(`CREATE VIEW source AS SELECT * FROM ${READERS[format]}([${list}]${together})`);
  await connection.run('SET enable_external_access = false');
  await connection.run('SET lock_configuration = true');
};

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

/** What an iteration over our own answer threw is a {@link QueryFailed} already. */
const messageOf = (thrown: unknown): string =>
  typeof thrown === 'object' && thrown !== null && 'message' in thrown
    ? String(thrown.message)
    : String(thrown);
