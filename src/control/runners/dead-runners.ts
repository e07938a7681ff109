import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { ForeignRunner } from '../records/claim.js';
import type { RunnerMethods } from '../runner-methods.js';
import { ask, type ControlStore, transact } from '../store/control-store.js';
import type { ControlTransaction } from '../store/control-transaction.js';
import type { Coroutine } from '../store/coroutine.js';
import { findRunner, madeElsewhere, readRunner } from './claim-rows.js';
import { runnerOfLockFile } from './runner-locks.js';

/** Runners that show no sign of life: finding those that were made elsewhere, and removing those that were made here. */
export const deadRunners = (
  store: ControlStore,
): Pick<RunnerMethods, 'foreignRunners' | 'removeDeadRunners'> => ({
  foreignRunners: () =>
    ask(store, function* (read) {
      const isLive = store.signs.liveness(read);
      const found: ForeignRunner[] = [];
      for (const row of yield* read(RUNNERS)) {
        const foreign = madeElsewhere(store, row);
        if (foreign !== null && !(yield* isLive(foreign.runnerId))) found.push(foreign);
      }
      return found;
    }),

  removeDeadRunners: (lockFiles, { adopt }) =>
    pipe(
      transact(store, 'relaxed', function* (transaction) {
        const dead = yield* removeDead(store, transaction, adopt);
        const isLive = store.signs.liveness(transaction.all);
        const strays: string[] = [];
        for (const runnerId of lockFiles.flatMap((name) => runnerOfLockFile(name) ?? [])) {
          const isKnown = (yield* findRunner(transaction.all, runnerId)) !== null;
          if (!isKnown && !(yield* isLive(runnerId))) strays.push(runnerId);
        }
        return [...new Set([...dead, ...strays])];
      }),
      TE.flatMap((dead) => store.signs.clear(dead)),
    ),
});

const RUNNERS = 'SELECT runner_id, pid, command, origin FROM runners';

/**
 * Removes dead runners that claim no unfinished task any more; returns which. What they still claim of others goes
 * with them: it is of no use to anybody once the task has ended. A row that was made elsewhere is left alone, with its
 * lock's file, unless it is adopted: that a runner is dead takes nothing but its claims on tasks.
 */
export function* removeDead(
  store: ControlStore,
  transaction: ControlTransaction,
  adopt = false,
): Coroutine<readonly string[]> {
  const isLive = store.signs.liveness(transaction.all);
  const removed: string[] = [];
  for (const row of yield* transaction.all(RUNNERS)) {
    const { runnerId } = readRunner(row);
    if (yield* isLive(runnerId)) continue;
    if (!adopt && madeElsewhere(store, row) !== null) continue;
    const of = { runner_id: runnerId };
    yield* transaction.run(
      `DELETE FROM claims WHERE runner_id = @runner_id AND NOT EXISTS (
         SELECT 1 FROM task_states WHERE task_states.parent_txn_seq = claims.parent_txn_seq
           AND task_states.execution_seq = claims.execution_seq AND state IN ('pending', 'started'))`,
      of,
    );
    const rows = yield* transaction.run(
      `DELETE FROM runners WHERE runner_id = @runner_id
         AND NOT EXISTS (SELECT 1 FROM claims WHERE claims.runner_id = @runner_id)`,
      of,
    );
    if (rows > 0) removed.push(runnerId);
  }
  return removed;
}
