import type { DuckDBConnection, DuckDBResult } from '@duckdb/node-api';
import * as E from 'fp-ts/lib/Either.js';
import type { Json } from '../../domain/documents/json.js';
import type {
  Query,
  QueryAnswer,
  QueryBounds,
  QueryEngine,
  QueryFailed,
  QueryTable,
} from '../../ports/query-engine.js';
import { CLOSED, close, closeOutside, inEngine, outputsIn, settingsOf } from './confined-engine.js';
import { encodingInWords } from './csv/csv-encoding.js';
import { lineEndsInWords } from './csv/csv-line-ends.js';
import { misfitInWords } from './csv/csv-misfit.js';
import type { LookedThrough } from './csv/csv-table.js';
import { refuseDeepJson } from './deep-json.js';
import { refuseDeepParquet } from './deep-parquet.js';
import { type EngineWords, engineMessage, isPlan, planWithPondPaths } from './engine-messages.js';
import { type ExactRows, exactRows } from './exact-rows.js';
import type { FileNames, TableFiles } from './files/table-files.js';
import { jsonRows } from './json-values.js';
import { lackOf } from './lack-of-memory.js';
import { lookThrough } from './look-through.js';
import { type MadeTable, makeTable } from './make-table.js';
import { sessionOver } from './query-session.js';
import { isExplained, neededTables, queryAsked } from './statements/needed-tables.js';
import { identifier } from './statements/sql-text.js';
import { filesOf } from './table-contents.js';
import { rowBytes } from './write-rows.js';

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
          const made: MadeTables = new Map();
          for (const table of tables) made.set(table, await makeTable(connection, table, 'session'));
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
          let lookedThrough: LookedThrough = new Map();
          // Many sessions ask the same: of a query, and of tables that are made alike, it is found out once.
          const check = checking(closed);
          const exactOf = onceForEach<string>();
          return use({
            lookThrough: (tables) => async () => {
              lookedThrough = await lookThrough(connection, tables);
            },
            session: (given, bounds, useOne) => async () =>
              answered(given, { ...bounds, workspace: shared.workspace }, async (tables, words) => {
                try {
                  const made: MadeTables = new Map();
                  for (const table of tables)
                    made.set(table, await makeTable(connection, table, 'session', lookedThrough));
                  const shapes = [...made.values()].map(({ shape }) => shape);
                  const exact: ExactRows = (...asked) =>
                    shapes.includes(null)
                      ? exactRows(...asked)
                      : exactOf(JSON.stringify([shapes, asked[1], asked[2]]), () => exactRows(...asked));
                  const [outputs, files] = [outputsIn(bounds), firstFiles(tables)];
                  return await useOne(
                    sessionOver({ check, connection, words, outputs, files, made, exact }),
                  )();
                } finally {
                  for (const { table } of tables)
                    await connection.run(`DROP VIEW IF EXISTS ${identifier(table.name)}`);
                }
              }),
          })();
        });
      });
    } catch (thrown) {
      return E.left(await wordsOf(new Map(), () => [], shared)(thrown));
    }
  },
};

/** Facts about tables. */
type MadeTables = Map<TableFiles, MadeTable>;

/** Finds the files of tables and lets `use` have them; what is thrown is an answer in words about these tables. */
const answered = async <E, A>(
  given: readonly QueryTable[],
  bounds: QueryBounds,
  use: (tables: readonly TableFiles[], words: EngineWords) => Promise<E.Either<E, A>>,
): Promise<E.Either<QueryFailed | E, A>> => {
  const names = new Map<string, string>([[bounds.workspace, 'temporary files']]);
  let tables: readonly TableFiles[] = [];
  const words = wordsOf(names, () => tables, bounds);
  try {
    tables = await filesOf(given, bounds, names);
    await refuseDeepContents(tables, bounds.signal);
    return await use(tables, words);
  } catch (thrown) {
    return E.left(await words(thrown));
  }
};

const refuseDeepContents = async (tables: readonly TableFiles[], signal: AbortSignal): Promise<void> => {
  for (const table of tables) {
    await refuseDeepJson(table, signal);
    await refuseDeepParquet(table);
  }
};

/** Words for what the engine throws, within these bounds, about files that people know by these names. */
const wordsOf =
  (names: FileNames, tables: () => readonly TableFiles[], bounds: QueryBounds): EngineWords =>
  async (thrown) => {
    const known = await misfitInWords(thrown, tables(), names);
    const ofText = await encodingInWords(known, tables(), names);
    const failed = engineMessage(await lineEndsInWords(ofText, tables(), names), names);
    return lackOf(failed.message, bounds) ?? failed;
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
    const names = new Map<string, string>([[query.workspace, 'temporary files']]);
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
      await refuseDeepContents(tables, query.signal);
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

/** Checks queries, each once. */
const checking = (closed: DuckDBConnection): ((sql: string) => Promise<void>) => {
  const checked = onceForEach<void>();
  return (sql) => checked(sql, async () => void (await neededTables(closed, sql)));
};

/** Results are kept and given again, until there are too many of them; what is thrown is not kept. */
const onceForEach = <A>(): ((key: string, find: () => Promise<A>) => Promise<A>) => {
  const found = new Map<string, { readonly answer: A }>();
  return async (key, find) => {
    const known = found.get(key);
    if (known !== undefined) return known.answer;
    const answer = await find();
    if (found.size >= MOST_REMEMBERED) found.clear();
    found.set(key, { answer });
    return answer;
  };
};

const MOST_REMEMBERED = 100;

const firstFiles = (tables: readonly TableFiles[]): ReadonlyMap<string, string> =>
  new Map(tables.map(({ table, files }) => [table.name, files[0] ?? '']));

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
