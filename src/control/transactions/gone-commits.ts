import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import * as t from 'io-ts';
import type { SqlTransaction } from '../../ports/sql-database.js';
import type { ControlError } from '../control-error.js';
import type { GoneCommits } from '../control-record.js';
import { type ControlStore, decodeRow, transact } from '../control-store.js';
import { openTransaction } from '../open-transactions.js';
import { append } from '../record-row.js';
import { liveness } from '../runners/claim-rows.js';
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
  transact(store, 'durable', (transaction) => {
    const isLive = liveness(store);
    for (const txnId of returned)
      transaction.run('DELETE FROM gone_commits WHERE txn_id = @txn_id', { txn_id: txnId });
    for (const { txnSeq, txnId, isReplaced } of gone) {
      transaction.run(
        `INSERT INTO gone_commits (txn_id, txn_seq, noticed_at, replaced)
         VALUES (@txn_id, @txn_seq, @noticed_at, @replaced) ON CONFLICT DO UPDATE SET replaced = excluded.replaced`,
        { txn_id: txnId, txn_seq: txnSeq, noticed_at: timestamp, replaced: isReplaced ? 1 : 0 },
      );
      settle(transaction, { txnSeq, txnId, timestamp }, isLive);
    }
  });

const TaskRow = t.type({ execution_seq: t.number });

const settle = (
  transaction: SqlTransaction,
  {
    txnSeq,
    txnId,
    timestamp,
  }: { readonly txnSeq: number; readonly txnId: string; readonly timestamp: number },
  isLive: (runnerId: string) => boolean,
): void => {
  const rows = transaction.all(
    `SELECT execution_seq FROM task_states WHERE parent_txn_seq = @txn_seq AND txn_id = @txn_id
     AND state IN ('pending', 'started', 'failed', 'rolled_back') ORDER BY execution_seq`,
    { txn_seq: txnSeq, txn_id: txnId },
  );
  const held = rows.filter((row) => {
    const { execution_seq: executionSeq } = decodeRow(TaskRow, row);
    const task = { parentTxnSeq: txnSeq, executionSeq };
    return typeof dismiss(transaction, task, { timestamp, reason: REASON }, isLive) !== 'string';
  });
  const open = openTransaction(transaction.all, txnId);
  if (open === null || !open.dataCommitted || held.length > 0) return;
  append(transaction, { ...open, recordType: 'completed', timestamp, durationMs: null });
};
