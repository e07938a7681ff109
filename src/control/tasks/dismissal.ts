import type { TaskId } from '../../domain/plans/task-id.js';
import type { RunnerInfo } from '../records/claim.js';
import type { TaskStatus } from '../records/task-status.js';
import { claimOn, dropClaim, runnerOf } from '../runners/claim-rows.js';
import { type ControlStore, transact } from '../store/control-store.js';
import type { ControlTransaction } from '../store/control-transaction.js';
import { type Coroutine, inOrder } from '../store/coroutine.js';
import { append } from '../store/record-row.js';
import type { IsLive } from '../store/signs-of-life.js';
import type { TaskMethods } from '../task-methods.js';
import { appendInterrupted } from './attempt-start.js';
import { endByDismissal } from './episodes.js';
import { historyOf, stepRecord, taskColumns } from './task-records.js';

/** Settles tasks that failed, and unfinished ones that nobody runs: they stay in the history, and are failed no longer. */
export const dismissal = (store: ControlStore): Pick<TaskMethods, 'recordPostCommitDismissed'> => ({
  recordPostCommitDismissed: (tasks, at) =>
    transact(store, 'durable', function* (transaction) {
      const isLive = store.signs.liveness(transaction.all);
      const asked = yield* inOrder(tasks, function* (task) {
        return { task, held: yield* dismiss(transaction, task, at, isLive) };
      });
      return {
        dismissed: asked.filter(({ held }) => held === 'dismissed').map(({ task }) => task),
        busy: asked.flatMap(({ task, held }) => (typeof held === 'string' ? [] : [{ task, runner: held }])),
      };
    }),
});

/** Settles one task; says what holds it where somebody does, and `left-alone` where there is nothing to settle. */
export function* dismiss(
  transaction: ControlTransaction,
  task: TaskId,
  { timestamp, reason }: { readonly timestamp: number; readonly reason: string | null },
  isLive: IsLive,
): Coroutine<'left-alone' | 'dismissed' | RunnerInfo> {
  const { status } = yield* historyOf(transaction.all, task);
  const { state } = status;
  if (state === 'completed' || state === 'skipped' || state === 'dismissed') return 'left-alone';
  const held = yield* claimOn(transaction.all, status);
  // Also of one that has failed and has not stopped: it is running still.
  if (held !== null && (yield* isLive(held.runnerId))) return yield* runnerOf(transaction.all, held);
  if (state === 'started') yield* appendInterrupted(transaction, status, timestamp);
  yield* append(transaction, {
    ...taskColumns(status),
    timestamp,
    errorMessage: messageOf(status, reason),
    ...stepRecord(status, 'dismissed'),
  });
  if (held !== null) yield* dropClaim(transaction, held);
  yield* endByDismissal(transaction, status);
  return 'dismissed';
}

/** Reason of the dismissal, beside what the task had failed with, which stays to be seen. */
const messageOf = ({ errorMessage: failure }: TaskStatus, reason: string | null): string | null => {
  if (reason === null || failure === null) return reason ?? failure;
  return `${reason} (it had failed: ${failure})`;
};
