import { isLeft, mapLeft, right } from 'fp-ts/lib/Either.js';
import type { SqlDatabase, SqlTransaction } from '../../ports/sql-database.js';
import { type ControlConnection, catchRefusal, fromSqlError, refusal } from '../store/control-store.js';
import type { ControlTransaction, ReadRows } from '../store/control-transaction.js';
import { computed, runAtOnce } from '../store/coroutine.js';

/** The database of this process: what is run on it waits for nothing, and is through when the call returns. */
export const sqliteConnection = (path: string, database: SqlDatabase): ControlConnection => {
  const reading: ReadRows = (query, parameters) =>
    computed(() => {
      const rows = database.query(query, parameters)();
      if (isLeft(rows)) throw refusal(fromSqlError(rows.left));
      return rows.right;
    });
  return {
    transaction: async (durability, body) =>
      catchRefusal({ path }, () =>
        mapLeft(fromSqlError)(
          database.transaction(durability, (inside) => runAtOnce(body(insideOf(inside))))(),
        ),
      ),
    ask: async (body) => catchRefusal({ path }, () => right(runAtOnce(body(reading)))),
  };
};

/** A transaction of SQLite's as the control table's statements want it. */
export const insideOf = ({ run, all }: SqlTransaction): ControlTransaction => ({
  run: (statement, parameters) => computed(() => run(statement, parameters)),
  all: (query, parameters) => computed(() => all(query, parameters)),
  ahead: (query, parameters) =>
    computed(() => {
      const rows = all(query, parameters);
      return () => computed(() => rows);
    }),
  atOnce: (questions) => computed(() => questions.map(([query, parameters]) => all(query, parameters))),
  send: (statement, parameters) => computed(() => void run(statement, parameters)),
});

/** The same the other way round, for what is about SQLite alone: its schema. */
export const atOnce = ({ run, all }: Pick<ControlTransaction, 'run' | 'all'>): SqlTransaction => ({
  run: (statement, parameters) => runAtOnce(run(statement, parameters)),
  all: (query, parameters) => runAtOnce(all(query, parameters)),
});
