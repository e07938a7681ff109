import type { DuckDBConnection, DuckDBResult } from '@duckdb/node-api';
import * as E from 'fp-ts/lib/Either.js';
import type { Json } from '../../domain/documents/json.js';
import type { Query, QueryAnswer, QueryEngine, QueryFailed, QueryTable } from '../../ports/query-engine.js';
import { answered, refuseUnfitContents, wordsOf } from './answered.js';
import { CLOSED, close, closeOutside, inEngine, outputsIn, settingsOf } from './confined-engine.js';
import { type FileNames, firstFiles, type TableFiles } from './files/table-files.js';
import {
  type EngineWords,
  engineMessage,
  isPlan,
  planWithPondPaths,
  TEMPORARY_FILES,
} from './messages/engine-messages.js';
import { sessionOver } from './query-session.js';
import { checking, madeTables, sessionsOver } from './query-sessions.js';
import { exactRows } from './rows/exact-rows.js';
import { jsonRows } from './rows/json-rows.js';
import { rowBytes } from './rows/write-rows.js';
import { isExplained, queryAsked } from './statements/needed-tables.js';
import { makeTable } from './tables/make-table.js';
import { filesOf } from './tables/table-contents.js';

/**
 * Queries by DuckDB, which is loaded at the first one. What a query needs is found out in an engine that can open
 * nothing. It then runs in another one, which may open exactly the files of its tables: that one is closed before
 * anything of the query reaches it. Contents without a file of their own are spooled to the workspace.
 */
export const duckdbQueryEngine: QueryEngine = {
  query: (query, use) =>
    asking(query, async ({ connection, sql, names, words }) => {
      const answer = await connection.stream(
        sql,
        query.params === undefined ? undefined : { ...query.params },
      );
      return use(answerOf(answer, names, words))();
    }),

  written: (query, as, use) =>
    asking(query, async ({ connection, sql, words, file, files }) => {
      const bytes = rowBytes(connection, { sql, as, file, files, params: query.params });
      try {
        return await use(inTheirWords(bytes, words))();
      } finally {
        await bytes.return(undefined);
      }
    }),

  needed: (sql, signal) => async () => {
    try {
      return E.right(
        await inEngine(CLOSED, { signal }, async (connection) => {
          await close(connection, []);
          return queryAsked(connection, sql, 'permitted');
        }),
      );
    } catch (thrown) {
      return E.left(engineMessage(thrown, new Map()));
    }
  },

  session: (given, bounds, use) => async () =>
    answered(given, bounds, (tables, words) => {
      const outputs = outputsIn(bounds);
      return inEngine(CLOSED, { signal: bounds.signal }, async (closed) => {
        await close(closed, []);
        return inEngine(settingsOf(bounds, given), bounds, async (connection) => {
          await close(connection, [...tables.flatMap(({ files }) => files), ...outputs]);
          const made = await madeTables(connection, tables);
          const files = firstFiles(tables);
          return use(
            sessionOver({
              check: checking(closed),
              connection,
              words,
              outputs,
              files,
              made,
              exact: exactRows,
            }),
          )();
        });
      });
    }),

  sessions: (shared, use) => async () => {
    try {
      return await inEngine(CLOSED, { signal: shared.signal }, async (closed) => {
        await close(closed, []);
        return inEngine(settingsOf(shared), shared, async (connection) => {
          await closeOutside(connection, shared.workspace);
          return use(sessionsOver(connection, closed, shared.workspace))();
        });
      });
    } catch (thrown) {
      return E.left(await wordsOf(new Map(), () => [], shared)(thrown));
    }
  },
};

/** A query that can be asked: its tables are there. */
interface Askable {
  readonly connection: DuckDBConnection;
  readonly sql: string;
  readonly names: FileNames;
  readonly words: EngineWords;
  /** A file that the connection may write. */
  readonly file: string;
  readonly files: ReadonlyMap<string, string>;
}

/** Finds out what a query needs, makes its tables in an engine that can open their files, and lets `ask` have it. */
const asking =
  <E, A>(query: Query<E>, ask: (askable: Askable) => Promise<E.Either<E, A>>) =>
  async (): Promise<E.Either<QueryFailed | E, A>> => {
    const names = new Map<string, string>([[query.workspace, TEMPORARY_FILES]]);
    let tables: readonly TableFiles[] = [];
    const words = wordsOf(names, () => tables, query);
    try {
      const needed = await inEngine(CLOSED, { signal: query.signal }, async (connection) => {
        await close(connection, []);
        return queryAsked(connection, query.sql, query.reads === undefined ? 'refused' : 'permitted');
      });
      const found = await query.tables(needed.tables)();
      if (E.isLeft(found)) return found;
      const read: QueryTable[] = [];
      for (const call of needed.reads) {
        const contents = await query.reads?.(call)();
        if (contents !== undefined && E.isLeft(contents)) return contents;
        if (contents !== undefined) read.push({ ...contents.right, reader: call.reader });
      }
      tables = await filesOf([...found.right, ...read], query, names);
      await refuseUnfitContents(tables, query.signal);
      const [file = ''] = outputsIn(query);
      const settings = settingsOf(
        query,
        tables.map(({ table }) => table),
      );
      const asked = isExplained(needed.sql) ? 'plan' : 'query';
      return await inEngine(settings, query, async (connection) => {
        await close(connection, [...tables.flatMap(({ files }) => files), file]);
        for (const table of tables) await makeTable(connection, table, asked);
        return ask({ connection, sql: needed.sql, names, words, file, files: firstFiles(tables) });
      });
    } catch (thrown) {
      return E.left(await words(thrown));
    }
  };

/** Bytes whose errors are in words that mean something to whoever asked. */
async function* inTheirWords(
  bytes: AsyncIterable<Uint8Array>,
  words: EngineWords,
): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes;
  } catch (thrown) {
    throw await words(thrown);
  }
}

const answerOf = (answer: DuckDBResult, names: FileNames, words: EngineWords): QueryAnswer => ({
  columns: answer.deduplicatedColumnNames(),
  batches: batchesOf(answer, names, words),
});

/** A plan that EXPLAIN shows names files, too. */
async function* batchesOf(
  answer: DuckDBResult,
  names: FileNames,
  words: EngineWords,
): AsyncGenerator<readonly (readonly Json[])[]> {
  const ofPlan = isPlan(answer.columnNames());
  try {
    for await (const rows of jsonRows(answer)) {
      yield ofPlan
        ? rows.map((row) =>
            row.map((value) => (typeof value === 'string' ? planWithPondPaths(value, names) : value)),
          )
        : rows;
    }
  } catch (thrown) {
    throw await words(thrown);
  }
}
