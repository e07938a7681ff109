import type { DuckDBConnection } from '@duckdb/node-api';
import type { SessionsEngine } from '../../ports/query-engine.js';
import { answered } from './answered.js';
import { outputsIn } from './confined-engine.js';
import type { LookedThrough } from './csv/csv-table.js';
import { firstFiles, type TableFiles } from './files/table-files.js';
import { sessionOver } from './query-session.js';
import { type ExactRows, exactRows } from './rows/exact-rows.js';
import { neededTables } from './statements/needed-tables.js';
import { identifier } from './statements/sql-text.js';
import { lookThrough } from './tables/look-through.js';
import { type MadeTable, makeTable } from './tables/make-table.js';

/** Sessions in one engine, one after another. Many of them ask the same: of a query, and of tables that are made alike, it is found out once. */
export const sessionsOver = (
  connection: DuckDBConnection,
  closed: DuckDBConnection,
  workspace: string,
): SessionsEngine => {
  let lookedThrough: LookedThrough = new Map();
  const check = checking(closed);
  const known = onceForEach<string>();
  return {
    lookThrough: (tables) => async () => {
      lookedThrough = await lookThrough(connection, tables);
    },
    session: (given, bounds, use) => async () =>
      answered(given, { ...bounds, workspace }, async (tables, words) => {
        try {
          const made = await madeTables(connection, tables, lookedThrough);
          const exact = exactOnce(made, known);
          const [outputs, files] = [outputsIn(bounds), firstFiles(tables)];
          return await use(sessionOver({ check, connection, words, outputs, files, made, exact }))();
        } finally {
          for (const { table } of tables)
            await connection.run(`DROP VIEW IF EXISTS ${identifier(table.name)}`);
        }
      }),
  };
};

/** Makes the tables of a session. */
export const madeTables = async (
  connection: DuckDBConnection,
  tables: readonly TableFiles[],
  lookedThrough?: LookedThrough,
): Promise<MadeTables> => {
  const made: MadeTables = new Map();
  for (const table of tables) made.set(table, await makeTable(connection, table, 'session', lookedThrough));
  return made;
};

/** The same exact rows for all tables of the same shapes, where those are known. */
const exactOnce = (made: MadeTables, known: OnceForEach<string>): ExactRows => {
  const shapes = [...made.values()].map(({ shape }) => shape);
  return (...asked) =>
    shapes.includes(null)
      ? exactRows(...asked)
      : known(JSON.stringify([shapes, asked[1], asked[2]]), () => exactRows(...asked));
};

/** Facts about tables. */
type MadeTables = Map<TableFiles, MadeTable>;

/** Checks queries, each once. */
export const checking = (closed: DuckDBConnection): ((sql: string) => Promise<void>) => {
  const checked = onceForEach<void>();
  return (sql) => checked(sql, async () => void (await neededTables(closed, sql)));
};

/** Gives what was found for a key, or finds it. */
type OnceForEach<A> = (key: string, find: () => Promise<A>) => Promise<A>;

/** Results are kept and given again, until there are too many of them; what is thrown is not kept. */
const onceForEach = <A>(): OnceForEach<A> => {
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
