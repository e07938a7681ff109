import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import * as t from 'io-ts';
import type { ControlError } from '../control-error.js';
import type { GoneCommits } from '../records/known-commits.js';
import { type ControlStore, decodeRow, transact } from '../store/control-store.js';
import type { ControlTransaction } from '../store/control-transaction.js';
import type { Coroutine } from '../store/coroutine.js';
import { openTransaction } from '../store/open-transactions.js';
import { append } from '../store/record-row.js';
import type { IsLive } from '../store/signs-of-life.js';
import { dismiss } from '../tasks/dismissal.js';

/** Reason with which a task is dismissed whose commit has gone. */
const REASON = 'its commit is no longer in the table: an older data/ was put back';

/**
 * Keeps in mind which commits have gone from the table of the data and which are there again. Their records stay. A task
 * cannot be run any more at a commit that is not there, so that what was left of it is settled here; what a live runner
 * holds ends by itself.
 */
export const recordGone = (
  store: ControlStore,
  { gone, returned }: GoneCommits,
  timestamp: number,
): TaskEither<ControlError, void> =>
  transact(store, 'durable', function* (transaction) {
    const isLive = store.signs.liveness(transaction.all);
    for (const txnId of returned)
      yield* transaction.run('DELETE FROM gone_commits WHERE txn_id = @txn_id', { txn_id: txnId });
    for (const { txnSeq, txnId, isReplaced } of gone) {
      yield* transaction.run(
        `INSERT INTO gone_commits (txn_id, txn_seq, noticed_at, replaced)
         VALUES (@txn_id, @txn_seq, @noticed_at, @replaced) ON CONFLICT (txn_id) DO UPDATE SET replaced = excluded.replaced`,
        { txn_id: txnId, txn_seq: txnSeq, noticed_at: timestamp, replaced: isReplaced ? 1 : 0 },
      );
      yield* settle(transaction, { txnSeq, txnId, timestamp }, isLive);
    }
  });

const TaskRow = t.type({ execution_seq: t.number });

function* settle(
  transaction: ControlTransaction,
  {
    txnSeq,
    txnId,
    timestamp,
  }: { readonly txnSeq: number; readonly txnId: string; readonly timestamp: number },
  isLive: IsLive,
): Coroutine<void> {
  const rows = yield* transaction.all(
    `SELECT execution_seq FROM task_states WHERE parent_txn_seq = @txn_seq AND txn_id = @txn_id
     AND state IN ('pending', 'started', 'failed', 'rolled_back') ORDER BY execution_seq`,
    { txn_seq: txnSeq, txn_id: txnId },
  );
  let isHeld = false;
  for (const row of rows) {
    const { execution_seq: executionSeq } = decodeRow(TaskRow, row);
    const task = { parentTxnSeq: txnSeq, executionSeq };
    const settled = yield* dismiss(transaction, task, { timestamp, reason: REASON }, isLive);
    isHeld ||= typeof settled !== 'string';
  }
  const open = yield* openTransaction(transaction.all, txnId);
  if (open === null || !open.dataCommitted || isHeld) return;
  yield* append(transaction, { ...open, recordType: 'completed', timestamp, durationMs: null });
}
