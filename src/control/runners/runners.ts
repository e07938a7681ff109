import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { FIRST_OF_FIRINGS } from '../../domain/plans/firing.js';
import type { Claim, ForeignRunner } from '../claim.js';
import type { ControlError } from '../control-error.js';
import type { RunnerMethods } from '../runner-methods.js';
import { ask, type ControlStore, refusal, transact } from '../store/control-store.js';
import type { ControlTransaction } from '../store/control-transaction.js';
import type { Coroutine } from '../store/coroutine.js';
import { findRunner, madeElsewhere, readClaim, readRunner, toClaim } from './claim-rows.js';
import { runnerOfLockFile } from './runner-locks.js';

/** Runners come and go. Nothing here is fsynced: runners do not survive the power either. */
export const runners = (
  store: ControlStore,
): Pick<
  RunnerMethods,
  | 'beginRunner'
  | 'markBackground'
  | 'backgroundRunner'
  | 'takeLeftClaims'
  | 'takeDerivedClaims'
  | 'endRunner'
  | 'abandonRunner'
  | 'foreignRunners'
  | 'removeDeadRunners'
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

  takeLeftClaims: (runnerId, awaited) => takeWhere(store, LEFT, { runner_id: runnerId, ...among(awaited) }),

  takeDerivedClaims: (runnerId, txnSeq) =>
    takeWhere(store, DERIVED_OF, { runner_id: runnerId, txn_seq: txnSeq }),

  endRunner: (runnerId) =>
    pipe(
      transact(store, 'relaxed', function* (transaction) {
        const left = yield* take(transaction, LEFT, { runner_id: runnerId, ...among([]) });
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

/**
 * Claims that others have left to a runner. A derived commit's wait until the plan of the commit that caused it has
 * ended, and are left alone where somebody in this process waits for what that commit sets off.
 */
const LEFT = `runner_id = @runner_id AND left_by_other = 1 AND (
  waits_for IS NULL
  OR waits_for NOT IN (SELECT value FROM json_each(@awaited)) AND NOT EXISTS (
    SELECT 1 FROM claims AS before JOIN task_states USING (parent_txn_seq, execution_seq)
    WHERE before.runner_id = claims.runner_id AND before.parent_txn_seq = claims.waits_for
      AND before.execution_seq < ${FIRST_OF_FIRINGS}
      AND task_states.state IN ('pending', 'started')))`;

const among = (awaited: readonly number[]) => ({ awaited: JSON.stringify(awaited) });

/** The claims that derived commits have left to a runner because of one commit, whose plan has ended. */
const DERIVED_OF = 'runner_id = @runner_id AND left_by_other = 1 AND waits_for = @txn_seq';

type Parameters = Readonly<Record<string, string | number>>;

/** Most of the time there is nothing to take, which is seen without a transaction. */
const takeWhere = (
  store: ControlStore,
  condition: string,
  parameters: Parameters,
): TE.TaskEither<ControlError, readonly Claim[]> =>
  pipe(
    ask(store, (read) => read(`SELECT token FROM claims WHERE ${condition} LIMIT 1`, parameters)),
    TE.flatMap((left) =>
      left.length === 0
        ? TE.right([])
        : transact(store, 'relaxed', (transaction) => take(transaction, condition, parameters)),
    ),
  );

/** Takes claims that others have left; from now on they are the runner's own. */
function* take(
  transaction: ControlTransaction,
  condition: string,
  parameters: Parameters,
): Coroutine<readonly Claim[]> {
  const taken = yield* transaction.all(
    `UPDATE claims SET left_by_other = 0, waits_for = NULL WHERE ${condition} RETURNING *`,
    parameters,
  );
  return taken
    .map(readClaim)
    .map(toClaim)
    .sort((a, b) => a.parentTxnSeq - b.parentTxnSeq || a.executionSeq - b.executionSeq);
}

const RUNNERS = 'SELECT runner_id, pid, command, origin FROM runners';

/**
 * Removes dead runners that claim no unfinished task any more; returns which. What they still claim of others goes
 * with them: it is of no use to anybody once the task has ended. A row that was made elsewhere is left alone, with its
 * lock's file, unless it is adopted: that a runner is dead takes nothing but its claims on tasks.
 */
function* removeDead(
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
