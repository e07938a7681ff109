import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { RunnerMethods } from '../runner-methods.js';
import { ask, type ControlStore, refusal, transact } from '../store/control-store.js';
import type { ControlTransaction } from '../store/control-transaction.js';
import type { Coroutine } from '../store/coroutine.js';
import { findRunner, readRunner } from './claim-rows.js';
import { removeDead } from './dead-runners.js';
import { takeAllLeft } from './left-claims.js';

/** Runners come and go. Nothing here is fsynced: runners do not survive the power either. */
export const runners = (
  store: ControlStore,
): Pick<
  RunnerMethods,
  'beginRunner' | 'markBackground' | 'backgroundRunner' | 'endRunner' | 'abandonRunner'
> => ({
  beginRunner: ({ runnerId, pid, command, timestamp, place }) => {
    let acquired = false;
    return pipe(
      transact(store, 'relaxed', function* (transaction) {
        const dead = yield* removeDead(store, transaction);
        // A row without a held lock is a dead runner's, and whoever sees one clears it away.
        acquired = yield* acquire(store, transaction, runnerId);
        yield* transaction.run(
          `INSERT INTO runners (runner_id, pid, command, started_at, boot_id, pid_namespace, origin)
           VALUES (@runner_id, @pid, @command, @started_at, @boot_id, @pid_namespace, @origin)`,
          {
            origin: store.seals.originOf({ runnerId, pid, command }),
            runner_id: runnerId,
            pid,
            command,
            started_at: timestamp,
            boot_id: place?.bootId ?? null,
            pid_namespace: place?.pidNamespace ?? null,
          },
        );
        return dead;
      }),
      TE.tapError(() => (acquired ? store.signs.takeAway(runnerId) : TE.right(undefined))),
      TE.flatMap((dead) => store.signs.clear(dead)),
    );
  },

  markBackground: (runnerId, background) =>
    transact(store, 'relaxed', function* (transaction) {
      yield* transaction.run('UPDATE runners SET background = @background WHERE runner_id = @runner_id', {
        runner_id: runnerId,
        background: background ? 1 : 0,
      });
    }),

  backgroundRunner: () =>
    ask(store, function* (read) {
      // An older version has none.
      if (store.version < 2) return null;
      const isLive = store.signs.liveness(read);
      const rows = yield* read(
        'SELECT runner_id, pid, command FROM runners WHERE background = 1 ORDER BY runner_id',
      );
      for (const runner of rows.map(readRunner)) if (yield* isLive(runner.runnerId)) return runner;
      return null;
    }),

  endRunner: (runnerId) =>
    pipe(
      transact(store, 'relaxed', function* (transaction) {
        const left = yield* takeAllLeft(transaction, runnerId);
        if (left.length > 0) return left;
        // What the runner did not get done is free again: pending, or started and so interrupted.
        yield* transaction.run('DELETE FROM claims WHERE runner_id = @runner_id', { runner_id: runnerId });
        yield* transaction.run('DELETE FROM runners WHERE runner_id = @runner_id', { runner_id: runnerId });
        return left;
      }),
      TE.tap((left) => (left.length > 0 ? TE.of(undefined) : store.signs.takeAway(runnerId))),
    ),

  abandonRunner: (runnerId) => store.signs.abandon(runnerId),
});

/** Gives a new runner its sign of life, with the transaction that announces it. */
function* acquire(
  { signs, path }: ControlStore,
  { all }: ControlTransaction,
  runnerId: string,
): Coroutine<true> {
  const isKnown = (yield* findRunner(all, runnerId)) !== null;
  if (!isKnown && (yield* signs.give(runnerId))) return true;
  throw refusal({
    _tag: 'ControlFailed',
    path,
    code: 'RUNNER_EXISTS',
    message: `there is a runner ${runnerId} already`,
  });
}
