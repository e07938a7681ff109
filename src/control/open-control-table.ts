import { pipe } from 'fp-ts/lib/function.js';
import type { IOEither } from 'fp-ts/lib/IOEither.js';
import * as IOE from 'fp-ts/lib/IOEither.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import * as t from 'io-ts';
import type { SqlDatabase, SqlError } from '../ports/sql-database.js';
import { type ControlCapabilities, type ControlStore, fromSqlError } from './control-store.js';
import type { ControlError, ControlTable } from './control-table.js';
import { runnerLocks } from './runner-locks.js';
import { processGroups } from './runners/process-groups.js';
import { runners } from './runners/runners.js';
import { installSchema, SCHEMA_VERSION } from './schema.js';
import { attemptEnds } from './tasks/attempt-end.js';
import { recordPostCommitStarted } from './tasks/attempt-start.js';
import { claims } from './tasks/claims.js';
import { taskQuestions } from './tasks/task-questions.js';
import { recordDataCommitted } from './transactions/data-committed.js';
import { recordRebuilt } from './transactions/rebuilt-commits.js';
import { transactionQuestions } from './transactions/transaction-questions.js';
import { transactionRecords } from './transactions/transaction-records.js';

/**
 * Opens `control.db` in the directory `controlDir` of the pond `pondId`; `create` makes it where it is missing.
 * Its runners' locks are held until they end or the table is closed.
 */
export const openControlTable =
  ({ databases, locks }: ControlCapabilities) =>
  (
    controlDir: string,
    pondId: string,
    { create }: { readonly create: boolean },
  ): TaskEither<ControlError, ControlTable> => {
    const path = `${controlDir}/control.db`;
    return pipe(
      databases.open(path, { create }),
      IOE.mapLeft(
        (error): ControlError =>
          !create && error.code === 'SQLITE_CANTOPEN'
            ? { _tag: 'ControlMissing', path }
            : fromSqlError(error),
      ),
      IOE.flatMap((database) =>
        pipe(
          checked(database, path, pondId, create),
          IOE.map(() => controlTable({ path, database, runnerLocks: runnerLocks(locks, controlDir) })),
          IOE.tapError(() => IOE.fromIO(database.close)),
        ),
      ),
      TE.fromIOEither,
    );
  };

const controlTable = (store: ControlStore): ControlTable => ({
  ...transactionRecords(store),
  recordDataCommitted: (commit) => recordDataCommitted(store, commit),
  recordRebuilt: (commits) => recordRebuilt(store, commits),
  ...runners(store),
  ...claims(store),
  recordPostCommitStarted: (claim, attempt) => recordPostCommitStarted(store, claim, attempt),
  ...processGroups(store),
  ...attemptEnds(store),
  ...transactionQuestions(store),
  ...taskQuestions(store),
  close: () => {
    store.runnerLocks.releaseAll();
    store.database.close();
  },
});

const Meta = t.array(t.type({ pond_id: t.string, schema_version: t.number }));

/** Refuses another pond's table, a newer program's, and what is no control table. */
const checked = (
  database: SqlDatabase,
  path: string,
  pondId: string,
  create: boolean,
): IOEither<ControlError, void> => {
  const unusable = (problem: string) => IOE.left<ControlError>({ _tag: 'ControlUnusable', path, problem });
  return pipe(
    create ? installIfEmpty(database, pondId) : IOE.of(undefined),
    IOE.flatMap(() => database.query('SELECT pond_id, schema_version FROM meta')),
    // SQLITE_ERROR: no such table, no such column.
    IOE.mapLeft(
      (error): ControlError =>
        error.code === 'SQLITE_ERROR'
          ? { _tag: 'ControlUnusable', path, problem: `no control table: ${error.message}` }
          : fromSqlError(error),
    ),
    IOE.flatMap((rows) => {
      const meta = Meta.decode(rows);
      if (meta._tag === 'Left' || meta.right[0] === undefined) return unusable('no control table');
      const { pond_id, schema_version } = meta.right[0];
      if (schema_version > SCHEMA_VERSION) {
        return unusable(`version ${schema_version}; this program knows up to ${SCHEMA_VERSION}`);
      }
      return pond_id === pondId ? IOE.of(undefined) : unusable(`belongs to the pond ${pond_id}`);
    }),
  );
};

/** A database of somebody else's is left as it is. */
const installIfEmpty = (database: SqlDatabase, pondId: string): IOEither<SqlError, void> =>
  database.transaction('durable', (transaction) => {
    if (transaction.all('SELECT 1 FROM sqlite_master LIMIT 1').length === 0) {
      installSchema(transaction, pondId);
    }
  });
