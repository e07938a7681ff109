import { pipe } from 'fp-ts/lib/function.js';
import * as IOE from 'fp-ts/lib/IOEither.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { ControlError } from './control-error.js';
import { controlTable } from './control-methods.js';
import type { ControlTable } from './control-table.js';
import type { RunnerSeals } from './records/claim.js';
import { lockSigns } from './runners/lock-signs.js';
import { runnerLocks } from './runners/runner-locks.js';
import { migrate } from './schema/migration.js';
import { openControlDatabase } from './schema/open-control-database.js';
import { sqliteConnection } from './schema/sqlite-connection.js';
import { SCHEMA_VERSION } from './schema/statements.js';
import { type ControlCapabilities, type ControlStore, fromSqlError } from './store/control-store.js';

/**
 * Opens `control.db` in the directory `controlDir` of the pond `pondId`; `create` makes it where it is missing.
 * Its runners' locks are held until they end or the table is closed.
 */
export const openControlTable =
  ({ databases, locks, clock = undefined, seals = UNSEALED }: ControlCapabilities) =>
  (
    controlDir: string,
    pondId: string,
    { create }: { readonly create: boolean },
  ): TaskEither<ControlError, ControlTable> => {
    const path = `${controlDir}/control.db`;
    return pipe(
      openControlDatabase(databases, path, create ? { install: pondId } : {}),
      IOE.filterOrElse(
        (opened) => opened.pondId === pondId,
        ({ pondId: other, database }): ControlError => {
          database.close();
          return { _tag: 'ControlUnusable', path, problem: `it belongs to the pond ${other}` };
        },
      ),
      IOE.map(({ database, version }) => {
        const store: ControlStore = {
          path,
          connection: sqliteConnection(path, database),
          version,
          signs: lockSigns(runnerLocks(locks, controlDir)),
          clock: clock ?? null,
          seals,
          keepPlaces: null,
          appendAll: null,
          recordPlain: null,
          plain: null,
          order: { current: null },
        };
        return controlTable(store, {
          readOnly: database.notWritable === null ? null : fromSqlError(database.notWritable),
          migrate: migrate(store, database),
          isOlder: () => store.version < SCHEMA_VERSION,
          close: () => {
            store.signs.takeAllAway();
            database.close();
          },
        });
      }),
      TE.fromIOEither,
    );
  };

const UNSEALED: RunnerSeals = { originOf: () => null, elsewhere: () => null };
