import * as t from 'io-ts';
import type { TaskId } from '../../domain/plans/task-id.js';
import type { RunnerInfo } from '../records/claim.js';
import type { TaskStatus } from '../records/task-status.js';
import { claimOn, dropClaim, runnerOf } from '../runners/claim-rows.js';
import { ask, type ControlStore, decodeRow, transact } from '../store/control-store.js';
import type { ControlTransaction, ReadRows } from '../store/control-transaction.js';
import { type Coroutine, inOrder } from '../store/coroutine.js';
import { append } from '../store/record-row.js';
import type { IsLive } from '../store/signs-of-life.js';
import type { TaskMethods } from '../task-methods.js';
import { historyOf, stepRecord, taskColumns } from './task-records.js';

/**
 * Ends tasks because somebody says so. One that runs is ended by its runner, to which a row of `cancellations` says it: that is
 * durable when the request returns, and whoever closes the attempt, its runner or after that one's death another, makes
 * of its failure that it was cancelled. An attempt that completes all the same has completed.
 */
export const cancellation = (
  store: ControlStore,
): Pick<TaskMethods, 'recordPostCommitCancelled' | 'cancelledAttempts'> => ({
  recordPostCommitCancelled: (tasks, at) =>
    transact(store, 'durable', function* (transaction) {
      yield* transaction.run(FORGET_ENDED, {});
      const isLive = store.signs.liveness(transaction.all);
      const asked = yield* inOrder(tasks, function* (task) {
        return { task, became: yield* cancel(transaction, task, at, isLive) };
      });
      return {
        cancelled: asked.filter(({ became }) => became === 'cancelled').map(({ task }) => task),
        requested: asked.flatMap(({ task, became }) =>
          typeof became === 'string' ? [] : [{ task, runner: became }],
        ),
      };
    }),

  cancelledAttempts: (runnerId) =>
    ask(store, function* (read) {
      const rows = yield* read(
        `SELECT cancellations.parent_txn_seq, cancellations.execution_seq, attempt
         FROM cancellations JOIN claims ON claims.parent_txn_seq = cancellations.parent_txn_seq
           AND claims.execution_seq = cancellations.execution_seq
         WHERE runner_id = @runner_id AND running = 1`,
        { runner_id: runnerId },
      );
      return rows.map((row) => {
        const columns = decodeRow(Asked, row);
        return {
          parentTxnSeq: columns.parent_txn_seq,
          executionSeq: columns.execution_seq,
          attempt: columns.attempt,
        };
      });
    }),
});

const Asked = t.type({ parent_txn_seq: t.number, execution_seq: t.number, attempt: t.number });

/** Rows of attempts that have ended mean nothing: each request takes away those that others have left. */
const FORGET_ENDED = `DELETE FROM cancellations WHERE NOT EXISTS (
  SELECT 1 FROM task_states WHERE task_states.parent_txn_seq = cancellations.parent_txn_seq
    AND task_states.execution_seq = cancellations.execution_seq AND state = 'started')`;

/** Cancels one task; returns the live runner that is to end it where it runs, and `left-alone` for one that has ended. */
function* cancel(
  transaction: ControlTransaction,
  task: TaskId,
  { timestamp, message }: { readonly timestamp: number; readonly message: string },
  isLive: IsLive,
): Coroutine<'left-alone' | 'cancelled' | RunnerInfo> {
  const { status } = yield* historyOf(transaction.all, task);
  if (status.state !== 'pending' && status.state !== 'started') return 'left-alone';
  const held = yield* claimOn(transaction.all, status);
  const isHeld = held !== null && (yield* isLive(held.runnerId));
  if (status.state === 'started' && held !== null && isHeld) {
    yield* transaction.run(
      `INSERT INTO cancellations (parent_txn_seq, execution_seq, attempt, message)
       VALUES (@parent_txn_seq, @execution_seq, @attempt, @message)
       ON CONFLICT (parent_txn_seq, execution_seq) DO UPDATE SET attempt = excluded.attempt, message = excluded.message
       WHERE cancellations.attempt <> excluded.attempt`,
      {
        parent_txn_seq: status.parentTxnSeq,
        execution_seq: status.executionSeq,
        attempt: status.attempts,
        message,
      },
    );
    return yield* runnerOf(transaction.all, held);
  }
  yield* appendCancelled(transaction, status, { timestamp, message });
  // A live runner that has not begun it keeps its claim, and finds that it has ended when its turn comes.
  if (held !== null && !isHeld) yield* dropClaim(transaction, held);
  else if (held !== null)
    yield* transaction.run('UPDATE claims SET cancelled = 1 WHERE token = @token', { token: held.token });
  return 'cancelled';
}

/** Words of the request to end an attempt; null: nobody has asked for that. */
export function* cancellationOf(
  read: ReadRows,
  { parentTxnSeq, executionSeq, attempts }: Pick<TaskStatus, 'parentTxnSeq' | 'executionSeq' | 'attempts'>,
): Coroutine<string | null> {
  const [row] = yield* read(
    `SELECT message FROM cancellations
     WHERE parent_txn_seq = @parent_txn_seq AND execution_seq = @execution_seq AND attempt = @attempt`,
    { parent_txn_seq: parentTxnSeq, execution_seq: executionSeq, attempt: attempts },
  );
  return row === undefined ? null : decodeRow(t.type({ message: t.string }), row).message;
}

export const appendCancelled = (
  transaction: ControlTransaction,
  status: TaskStatus,
  { timestamp, message }: { readonly timestamp: number; readonly message: string },
): Coroutine<void> =>
  append(transaction, {
    ...taskColumns(status),
    ...stepRecord(status, 'cancelled'),
    timestamp,
    errorMessage: message,
    attempt: status.state === 'started' ? status.attempts : null,
  });
