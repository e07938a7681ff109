import { isLeft } from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { SqlDatabase } from '../../ports/sql-database.js';
import type { ControlError } from '../control-error.js';
import { readRunner } from '../runners/claim-rows.js';
import { type ControlStore, fromSqlError, refusal, transact, unusable } from '../store/control-store.js';
import { describeDifferences, differencesFrom, readSchema } from './compare-schema.js';
import { migrateSchema } from './migrate.js';
import { coverOlderSchema, uncoverSchema } from './older-schema.js';
import { atOnce } from './sqlite-connection.js';
import { SCHEMA_VERSION } from './statements.js';

/**
 * Migrates the database of a store in one durable transaction. A process of the older version that is running tasks
 * relies on what is there, so that it is waited for: what begins to run tasks later finds the migrated database.
 */
export const migrate =
  (store: ControlStore, database: SqlDatabase) => (): TE.TaskEither<ControlError, boolean> => async () => {
    if (store.version === SCHEMA_VERSION) return TE.right(false)();
    // The covers hide what is to be migrated, and somebody else may have done it since.
    const uncovered = database.session(uncoverSchema)();
    if (isLeft(uncovered)) return TE.left(fromSqlError(uncovered.left))();
    const migrated = await transact(store, 'durable', function* (inside) {
      const transaction = atOnce(inside);
      const version = Number(transaction.all('SELECT schema_version FROM main.meta')[0]?.schema_version);
      if (version === SCHEMA_VERSION) return false;
      const differences = differencesFrom(version, readSchema(transaction.all));
      if (differences.length > 0) throw unusable(describeDifferences(differences));
      const isLive = store.signs.liveness(inside.all);
      for (const row of transaction.all('SELECT runner_id, pid, command FROM runners')) {
        const runner = readRunner(row);
        if (yield* isLive(runner.runnerId)) throw refusal({ _tag: 'ControlInUse', path: store.path, runner });
      }
      migrateSchema(transaction);
      return true;
    })();
    if (isLeft(migrated)) {
      // It stays as it was, and so does how it is read.
      database.session(coverOlderSchema)();
      return migrated;
    }
    store.version = SCHEMA_VERSION;
    return migrated;
  };
