import type { TaskId } from '../../domain/plans/task-id.js';
import type { SqlTransaction } from '../../ports/sql-database.js';
import type { Claim, ClaimOutcome } from '../claim.js';
import type { TaskStatus } from '../control-record.js';
import { type ControlStore, transact } from '../control-store.js';
import type { ControlTable } from '../control-table.js';
import { append } from '../record-row.js';
import {
  claimOn,
  dropClaim,
  findRunner,
  liveness,
  mustHold,
  runnerOf,
  takeClaim,
  toClaim,
} from '../runners/claim-rows.js';
import { historyOf, stepRecord, taskColumns } from './task-records.js';

/** Claims: which runner may run which task. All of it is decided inside immediate transactions: of two askers one is the second. */
export const claims = (
  store: ControlStore,
): Pick<ControlTable, 'claim' | 'recordPostCommitPending' | 'release' | 'leaveTo'> => ({
  claim: (runnerId, tasks) =>
    transact(store, 'durable', (transaction) =>
      outcome(claimEach(store, transaction, runnerId, tasks, (status) => isUnfinished(status))),
    ),

  recordPostCommitPending: (runnerId, tasks, { timestamp, configTxnSeq }) =>
    transact(store, 'durable', (transaction) =>
      outcome(
        claimEach(store, transaction, runnerId, tasks, (status) => {
          if (status.state === 'completed') return false;
          if (isUnfinished(status)) return true;
          append(transaction, {
            ...taskColumns(status),
            ...stepRecord(status, 'pending'),
            timestamp,
            configTxnSeq: configTxnSeq ?? status.parentTxnSeq,
            traceParent: status.commitTraceParent,
          });
          return true;
        }),
      ),
    ),

  release: (claim) =>
    transact(store, 'relaxed', (transaction) => {
      mustHold(transaction.all, claim);
      dropClaim(transaction, claim);
    }),

  leaveTo: (claim, runnerId) =>
    transact(store, 'relaxed', (transaction) => {
      mustHold(transaction.all, claim);
      // The other runner ends in a transaction of its own: either it finds this claim there, or it is gone here.
      if (findRunner(transaction.all, runnerId) === null || !liveness(store)(runnerId)) return false;
      const { attempts } = historyOf(transaction.all, claim).status;
      takeClaim(transaction, runnerId, { ...claim, attempts }, { leftByOther: true, waitsFor: null });
      return true;
    }),
});

const isUnfinished = ({ state }: TaskStatus): boolean => state === 'pending' || state === 'started';

type Asked =
  | { readonly _tag: 'Claimed'; readonly claim: Claim }
  | { readonly _tag: 'Busy'; readonly busy: ClaimOutcome['busy'][number] };

/** Claims, one after the other, what no live runner holds and `wanted` makes claimable. What this runner waits to run already it keeps. */
const claimEach = (
  store: ControlStore,
  transaction: SqlTransaction,
  runnerId: string,
  tasks: readonly TaskId[],
  wanted: (status: TaskStatus) => boolean,
): readonly Asked[] => {
  const isLive = liveness(store);
  return tasks.flatMap((task): readonly Asked[] => {
    const { status } = historyOf(transaction.all, task);
    const { parentTxnSeq, executionSeq } = status;
    const held = claimOn(transaction.all, status);
    if (held !== null && held.runnerId === runnerId && !held.running) {
      // Also when another runner left it: whoever is told now need not be told at the end.
      transaction.run('UPDATE claims SET left_by_other = 0 WHERE token = @token', { token: held.token });
      return [{ _tag: 'Claimed', claim: toClaim(held) }];
    }
    if (held !== null && isLive(held.runnerId)) {
      const runner = runnerOf(transaction.all, held);
      return [{ _tag: 'Busy', busy: { task: { parentTxnSeq, executionSeq }, runner } }];
    }
    return wanted(status) ? [{ _tag: 'Claimed', claim: takeClaim(transaction, runnerId, status) }] : [];
  });
};

const outcome = (asked: readonly Asked[]): ClaimOutcome => ({
  claimed: asked.flatMap((one) => (one._tag === 'Claimed' ? [one.claim] : [])),
  busy: asked.flatMap((one) => (one._tag === 'Busy' ? [one.busy] : [])),
});
