import { createWriteStream, promises } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { DuckDBConnection, DuckDBResult } from '@duckdb/node-api';
import * as E from 'fp-ts/lib/Either.js';
import type { Json } from '../../domain/documents/json.js';
import type { QueryAnswer, QueryBounds, QueryEngine, QueryTable } from '../../ports/query-engine.js';
import { engineMessage, type FileNames, withPondPaths } from './engine-messages.js';
import { jsonRows } from './json-values.js';
import { makeTable } from './make-table.js';
import { neededTables, queryAsked } from './needed-tables.js';
import { sessionOver } from './query-session.js';
import { nowRunning } from './running-engines.js';
import { quoted } from './sql-text.js';
import { type TableFiles, viewOfCall } from './table-view.js';

/**
 * Queries by DuckDB, which is loaded at the first one. What a query needs is found out in an engine that can open
 * nothing. It then runs in another one, which may open exactly the files of its tables: that one is closed before
 * anything of the query reaches it. Contents without a file of their own are spooled to the workspace.
 */
export const duckdbQueryEngine: QueryEngine = {
  query: (query, use) => async () => {
    const names = new Map<string, string>([[query.workspace, 'temporary files']]);
    try {
      const needed = await inEngine(CLOSED, query.signal, async (connection) => {
        await close(connection, []);
        return queryAsked(connection, query.sql, query.reads === undefined ? 'refused' : 'permitted');
      });
      const found = await query.tables(needed.tables)();
      if (E.isLeft(found)) return found;
      const read: QueryTable[] = [];
      for (const { table: name, paths, format } of needed.reads) {
        const contents = await query.reads?.({ name, paths, format })();
        if (contents !== undefined && E.isLeft(contents)) return contents;
        if (contents !== undefined) read.push(contents.right);
      }
      const tables = await filesOf([...found.right, ...read], query, names);
      return await inEngine(settingsOf(query), query.signal, async (connection) => {
        await close(
          connection,
          tables.flatMap(({ files }) => files),
        );
        const calls = new Map(needed.reads.map((call) => [call.table, call]));
        for (const table of tables) {
          const call = calls.get(table.table.name);
          if (call === undefined) await makeTable(connection, table, 'query');
          else await connection.run(viewOfCall(table, call));
        }
        const answer = await connection.stream(
          needed.sql,
          query.params === undefined ? undefined : { ...query.params },
        );
        return await use(answerOf(answer, names))();
      });
    } catch (thrown) {
      return E.left(engineMessage(thrown, names));
    }
  },

  needed: (sql, signal) => async () => {
    try {
      return E.right(
        await inEngine(CLOSED, signal, async (connection) => {
          await close(connection, []);
          return neededTables(connection, sql);
        }),
      );
    } catch (thrown) {
      return E.left(engineMessage(thrown, new Map()));
    }
  },

  session: (given, bounds, use) => async () => {
    const names = new Map<string, string>([[bounds.workspace, 'temporary files']]);
    try {
      const tables = await filesOf(given, bounds, names);
      const outputs = outputsIn(bounds);
      return await inEngine(CLOSED, bounds.signal, async (closed) => {
        await close(closed, []);
        return inEngine(settingsOf(bounds), bounds.signal, async (connection) => {
          await close(connection, [...tables.flatMap(({ files }) => files), ...outputs]);
          for (const table of tables) await makeTable(connection, table, 'session');
          const files = new Map(tables.map((table) => [table.table.name, table.files[0] ?? '']));
          return use(sessionOver({ closed, connection, names, outputs, files }))();
        });
      });
    } catch (thrown) {
      return E.left(engineMessage(thrown, names));
    }
  },
};

/** Milliseconds between two interruptions of an engine that is to end. */
const INTERRUPT_EVERY = 20;

type Settings = Readonly<Record<string, string>>;

/** Nobody's directory: what an engine keeps for its user is not looked for. */
const NOWHERE = '/nonexistent';

const COMMON: Settings = {
  allow_community_extensions: 'false',
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
  home_directory: NOWHERE,
  extension_directory: NOWHERE,
  secret_directory: NOWHERE,
};

const CLOSED: Settings = { ...COMMON, temp_directory: '', memory_limit: '256MB', threads: '1' };

/** Temporary files of one query, at most. */
const TEMPORARY_SPACE = '16GB';

/** Paths that a session may write: it says so before it is closed. */
const outputsIn = ({ workspace, outputs = 0 }: QueryBounds): readonly string[] =>
  Array.from({ length: MOST_OUTPUTS }, (_, index) => join(workspace, `written-${outputs}-${index}`));

const MOST_OUTPUTS = 8;

const settingsOf = ({ workspace, memoryLimit }: QueryBounds): Settings => ({
  ...COMMON,
  memory_limit: memoryLimit,
  temp_directory: join(workspace, 'overflow'),
  max_temp_directory_size: TEMPORARY_SPACE,
});

const inEngine = async <A>(
  settings: Settings,
  signal: AbortSignal,
  use: (connection: DuckDBConnection) => Promise<A>,
): Promise<A> => {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(':memory:', settings);
  const connection = await instance.connect();
  let again: NodeJS.Timeout | null = null;
  // A statement that begins afterwards takes the interruption back: all of them are interrupted.
  const interrupt = () => {
    connection.interrupt();
    again ??= setInterval(() => connection.interrupt(), INTERRUPT_EVERY);
  };
  signal.addEventListener('abort', interrupt, { once: true });
  const hasEnded = nowRunning(connection);
  if (signal.aborted) interrupt();
  try {
    return await use(connection);
  } finally {
    signal.removeEventListener('abort', interrupt);
    hasEnded();
    if (again !== null) clearInterval(again);
    connection.closeSync();
    instance.closeSync();
  }
};

/** Closes an engine: it opens these files and no others from then on, and nothing about that can be changed. */
const close = async (connection: DuckDBConnection, files: readonly string[]): Promise<void> => {
  // Whatever the zone of the process: rows are the same everywhere.
  await connection.run("SET TimeZone = 'UTC'");
  await connection.run(`SET allowed_paths = [${files.map(quoted).join(', ')}]`);
  await connection.run('SET enable_external_access = false');
  await connection.run('SET lock_configuration = true');
};

/** The files of tables; `names` gets how people know them. */
const filesOf = async (
  tables: readonly QueryTable[],
  { workspace, signal }: QueryBounds,
  names: Map<string, string>,
): Promise<readonly TableFiles[]> => {
  const found: TableFiles[] = [];
  for (const table of tables) {
    const files: string[] = [];
    for (const content of table.contents) {
      const spooled = join(workspace, `${names.size}.${table.format}`);
      // Two names for one file would make the column `filename` ambiguous.
      const isOfAnother = table.filenames !== undefined && 'file' in content && files.includes(content.file);
      const file = 'file' in content && !isPattern(content.file) && !isOfAnother ? content.file : spooled;
      if (file === spooled) {
        const bytes = 'file' in content ? (await promises.open(content.file)).createReadStream() : content;
        await pipeline(Readable.from(bytes, { objectMode: true }), createWriteStream(file, { mode: 0o600 }), {
          signal,
        });
      }
      files.push(file);
      names.set(file, table.filenames?.[files.length - 1] ?? table.path ?? table.name);
    }
    found.push({ table, files });
  }
  return found;
};

/** The engine takes names of files for patterns. */
const isPattern = (file: string): boolean => /[*?[\]{}]/.test(file);

const answerOf = (answer: DuckDBResult, names: FileNames): QueryAnswer => ({
  columns: answer.deduplicatedColumnNames(),
  batches: batchesOf(answer, names),
});

/** A plan that EXPLAIN shows names files, too. */
async function* batchesOf(
  answer: DuckDBResult,
  names: FileNames,
): AsyncGenerator<readonly (readonly Json[])[]> {
  const isPlan = answer.columnNames().join() === 'explain_key,explain_value';
  try {
    for await (const rows of jsonRows(answer)) {
      yield isPlan
        ? rows.map((row) =>
            row.map((value) => (typeof value === 'string' ? withPondPaths(value, names) : value)),
          )
        : rows;
    }
  } catch (thrown) {
    throw engineMessage(thrown, names);
  }
}
