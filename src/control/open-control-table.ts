import { pipe } from 'fp-ts/lib/function.js';
import * as IOE from 'fp-ts/lib/IOEither.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { arrivals } from './arrivals/arrivals.js';
import type { RunnerSeals } from './claim.js';
import type { ControlError } from './control-error.js';
import type { ControlCapabilities, ControlStore } from './control-store.js';
import type { ControlTable } from './control-table.js';
import { firings } from './firings/firings.js';
import { runnerLocks } from './runner-locks.js';
import { processGroups } from './runners/process-groups.js';
import { runners } from './runners/runners.js';
import { runningTasks } from './runners/running-tasks.js';
import { migrate } from './schema/migration.js';
import { openControlDatabase } from './schema/open-control-database.js';
import { SCHEMA_VERSION } from './schema/statements.js';
import { unbegunTasks } from './tasks/attempt-end.js';
import { attempts } from './tasks/attempts.js';
import { claims } from './tasks/claims.js';
import { dismissal } from './tasks/dismissal.js';
import { taskQuestions } from './tasks/task-questions.js';
import { recordDataCommitted } from './transactions/data-committed.js';
import { recordGone } from './transactions/gone-commits.js';
import { recordRebuilt } from './transactions/rebuilt-commits.js';
import { transactionQuestions } from './transactions/transaction-questions.js';
import { transactionRecords } from './transactions/transaction-records.js';

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
      IOE.map(({ database, version }) =>
        controlTable({
          path,
          database,
          version,
          runnerLocks: runnerLocks(locks, controlDir),
          clock: clock ?? null,
          seals,
        }),
      ),
      TE.fromIOEither,
    );
  };

const UNSEALED: RunnerSeals = { originOf: () => null, elsewhere: () => null };

const controlTable = (store: ControlStore): ControlTable => ({
  readOnly: store.database.isCopy ? { _tag: 'ControlReadOnly', path: store.path } : null,
  migrate: migrate(store),
  isOlder: () => store.version < SCHEMA_VERSION,
  ...transactionRecords(store),
  recordDataCommitted: (commit) => recordDataCommitted(store, commit),
  recordRebuilt: (commits) => recordRebuilt(store, commits),
  recordGone: (commits, timestamp) => recordGone(store, commits, timestamp),
  ...runners(store),
  runningTasks: () => runningTasks(store),
  ...claims(store),
  ...attempts(store),
  ...processGroups(store),
  ...unbegunTasks(store),
  ...dismissal(store),
  ...firings(store),
  ...arrivals(store),
  ...transactionQuestions(store),
  ...taskQuestions(store),
  close: () => {
    store.runnerLocks.releaseAll();
    store.database.close();
  },
});
