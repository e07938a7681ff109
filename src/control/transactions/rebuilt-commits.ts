import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { ControlError } from '../control-error.js';
import type { RebuiltCommit } from '../records/commit-record.js';
import { type ControlStore, transact } from '../store/control-store.js';
import type { ControlTransaction } from '../store/control-transaction.js';
import type { Coroutine } from '../store/coroutine.js';
import { openTransaction } from '../store/open-transactions.js';
import { append } from '../store/record-row.js';
import { REBUILT } from '../tasks/task-state.js';
import { activatePlan, appendPending, completedRecord, dataCommittedRecord } from './data-committed.js';
import { askForPlan } from './transaction-records.js';

/**
 * Adds commits that are in the log and not in the table. A transaction that the table knows as begun only (a crash
 * came between the log entry and its record, or an older copy was restored) is completed; one that it knows as
 * committed is left as it is, unfinished tasks included.
 */
export const recordRebuilt = (
  store: ControlStore,
  commits: readonly RebuiltCommit[],
): TaskEither<ControlError, number> =>
  transact(store, 'durable', function* (transaction) {
    let added = 0;
    for (const commit of commits) if (yield* rebuild(transaction, commit)) added += 1;
    return added;
  });

function* rebuild(transaction: ControlTransaction, commit: RebuiltCommit): Coroutine<boolean> {
  const { txnSeq, txnId, basedOnSeq, timestamp, cliArgs, causedBy, plan, tasks } = commit;
  const committed = yield* transaction.all(
    `SELECT 1 FROM control_table WHERE record_type = 'data_committed' AND txn_seq = @txn_seq`,
    { txn_seq: txnSeq },
  );
  if (committed.length > 0) return false;
  if ((yield* openTransaction(transaction.all, txnId)) === null) {
    const known = yield* transaction.all('SELECT 1 FROM control_table WHERE txn_id = @txn_id LIMIT 1', {
      txn_id: txnId,
    });
    if (known.length > 0) return false;
    yield* append(transaction, {
      txnSeq,
      txnId,
      basedOnSeq,
      timestamp,
      cliArgs,
      causedBy: causedBy ?? null,
      recordType: 'begin',
      transactionType: 'write',
      environment: {},
    });
  }
  yield* append(transaction, dataCommittedRecord(commit));
  if (plan !== null) {
    const known = yield* askForPlan(transaction, plan);
    yield* activatePlan(transaction, commit, plan, yield* known());
  }
  for (const task of tasks) {
    yield* appendPending(transaction, commit, task);
    if (task.rejected !== null) continue;
    yield* append(transaction, {
      txnSeq,
      txnId,
      timestamp,
      parentTxnSeq: txnSeq,
      configTxnSeq: txnSeq,
      executionSeq: task.executionSeq,
      factoryName: task.factoryName,
      configPath: task.configPath,
      recordType: 'post_commit_skipped',
      transactionType: 'post_commit',
      errorMessage: REBUILT,
      skipCause: 'rebuilt',
    });
  }
  yield* append(transaction, completedRecord(commit, timestamp));
  return true;
}
