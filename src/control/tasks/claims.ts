import type { TaskId } from '../../domain/plans/task-id.js';
import type { Claim, ClaimOutcome } from '../records/claim.js';
import type { TaskStatus } from '../records/task-status.js';
import {
  claimOn,
  dropClaim,
  findRunner,
  mustHold,
  runnerOf,
  takeClaim,
  toClaim,
} from '../runners/claim-rows.js';
import { type ControlStore, transact } from '../store/control-store.js';
import type { ControlTransaction } from '../store/control-transaction.js';
import { type Coroutine, computed } from '../store/coroutine.js';
import { append } from '../store/record-row.js';
import type { TaskMethods } from '../task-methods.js';
import { historyOf, stepRecord, taskColumns } from './task-records.js';

/** Claims: which runner may run which task. All of it is decided inside immediate transactions: of two askers one is the second. */
export const claims = (
  store: ControlStore,
): Pick<TaskMethods, 'claim' | 'recordPostCommitPending' | 'release' | 'leaveTo'> => ({
  claim: (runnerId, tasks) =>
    transact(store, 'durable', function* (transaction) {
      return outcome(
        yield* claimEach(store, transaction, runnerId, tasks, (status) =>
          computed(() => isUnfinished(status)),
        ),
      );
    }),

  recordPostCommitPending: (runnerId, tasks, { timestamp, configTxnSeq }) =>
    transact(store, 'durable', function* (transaction) {
      return outcome(
        yield* claimEach(store, transaction, runnerId, tasks, function* (status) {
          if (status.state === 'completed') return false;
          if (isUnfinished(status)) return true;
          yield* append(transaction, {
            ...taskColumns(status),
            ...stepRecord(status, 'pending'),
            timestamp,
            configTxnSeq: configTxnSeq ?? status.parentTxnSeq,
            traceParent: status.commitTraceParent,
          });
          return true;
        }),
      );
    }),

  release: (claim) =>
    transact(store, 'relaxed', function* (transaction) {
      yield* mustHold(transaction.all, claim);
      yield* dropClaim(transaction, claim);
    }),

  leaveTo: (claim, runnerId) =>
    transact(store, 'relaxed', function* (transaction) {
      yield* mustHold(transaction.all, claim);
      // The other runner ends in a transaction of its own: either it finds this claim there, or it is gone here.
      if ((yield* findRunner(transaction.all, runnerId)) === null) return false;
      if (!(yield* store.signs.liveness(transaction.all)(runnerId))) return false;
      const { attempts } = (yield* historyOf(transaction.all, claim)).status;
      yield* takeClaim(transaction, runnerId, { ...claim, attempts }, { leftByOther: true, waitsFor: null });
      return true;
    }),
});

const isUnfinished = ({ state }: TaskStatus): boolean => state === 'pending' || state === 'started';

type Asked =
  | { readonly _tag: 'Claimed'; readonly claim: Claim }
  | { readonly _tag: 'Busy'; readonly busy: ClaimOutcome['busy'][number] };

/** Claims, one after the other, what no live runner holds and `wanted` makes claimable. What this runner waits to run already it keeps. */
function* claimEach(
  store: ControlStore,
  transaction: ControlTransaction,
  runnerId: string,
  tasks: readonly TaskId[],
  wanted: (status: TaskStatus) => Coroutine<boolean>,
): Coroutine<readonly Asked[]> {
  const isLive = store.signs.liveness(transaction.all);
  const asked: Asked[] = [];
  for (const task of tasks) {
    const { status } = yield* historyOf(transaction.all, task);
    const { parentTxnSeq, executionSeq } = status;
    const held = yield* claimOn(transaction.all, status);
    if (held !== null && held.runnerId === runnerId && !held.running) {
      // Also when another runner left it: whoever is told now need not be told at the end.
      const { token } = held;
      yield* transaction.run('UPDATE claims SET left_by_other = 0 WHERE token = @token', { token });
      asked.push({ _tag: 'Claimed', claim: toClaim(held) });
    } else if (held !== null && (yield* isLive(held.runnerId))) {
      const runner = yield* runnerOf(transaction.all, held);
      asked.push({ _tag: 'Busy', busy: { task: { parentTxnSeq, executionSeq }, runner } });
    } else if (yield* wanted(status)) {
      asked.push({ _tag: 'Claimed', claim: yield* takeClaim(transaction, runnerId, status) });
    }
  }
  return asked;
}

const outcome = (asked: readonly Asked[]): ClaimOutcome => ({
  claimed: asked.flatMap((one) => (one._tag === 'Claimed' ? [one.claim] : [])),
  busy: asked.flatMap((one) => (one._tag === 'Busy' ? [one.busy] : [])),
});
