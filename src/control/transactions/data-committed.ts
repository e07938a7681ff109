import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { SqlTransaction } from '../../ports/sql-database.js';
import type { Claim } from '../claim.js';
import type { ControlError } from '../control-error.js';
import type { CommitRecord, PendingTask, StoredPlan } from '../control-record.js';
import { type ControlStore, illegal, type ReadRows, transact } from '../control-store.js';
import { append } from '../record-row.js';
import { claimOn, findRunner, liveness, newClaim } from '../runners/claim-rows.js';
import { endOfRemoved } from '../tasks/episodes.js';
import { begunTransaction, keepPlan } from './transaction-records.js';

/**
 * Step 4 of a commit. The log entry is durable already; a crash before this transaction leaves a commit that the
 * next writer finds in the log and records here by the same call; a crash after it leaves tasks that are pending.
 */
export const recordDataCommitted = (
  store: ControlStore,
  commit: CommitRecord,
): TaskEither<ControlError, readonly Claim[]> =>
  transact(store, 'durable', (transaction) => {
    const { txnSeq, txnId, timestamp, claimedBy, tasks } = commit;
    const begun = begunTransaction(transaction.all, txnId);
    if (begun.txnSeq !== txnSeq)
      throw illegal(`transaction ${txnId} has begun as ${begun.txnSeq}, not ${txnSeq}`);
    appendDataCommitted(transaction, commit);
    activatePlan(transaction, commit, commit.plan);
    for (const task of tasks) appendPending(transaction, commit, task);
    if (commit.entries !== undefined && commit.entries !== null) endOfRemoved(transaction, commit.entries);
    const runnable = tasks.filter(({ rejected }) => rejected === null);
    if (runnable.length === 0) appendCompleted(transaction, commit, timestamp);
    const deferredTo = commit.deferredTo ?? null;
    const runnerId = deferredTo === null ? claimedBy : runnerOfTask(store, transaction.all, deferredTo);
    if (runnerId === null) return [];
    return runnable.map(({ executionSeq, configPath }) =>
      newClaim(
        transaction,
        runnerId,
        { parentTxnSeq: txnSeq, executionSeq, txnId, configPath, attempts: 0 },
        { leftByOther: deferredTo !== null, waitsFor: deferredTo?.task.parentTxnSeq ?? null },
      ),
    );
  });

/**
 * The live runner that runs a task now, or ran it when a commit inside it began; null where it has died or ended. It ends
 * in a transaction of its own: either it finds what is left to it here, or it is gone here.
 */
const runnerOfTask = (
  store: ControlStore,
  read: ReadRows,
  { task, runnerId }: NonNullable<CommitRecord['deferredTo']>,
): string | null =>
  [claimOn(read, task)?.runnerId, runnerId].find(
    (id) => id !== null && id !== undefined && findRunner(read, id) !== null && liveness(store)(id),
  ) ?? null;

/** Fields that the records of one commit have in common. */
export type CommitFacts = Pick<
  CommitRecord,
  'txnSeq' | 'txnId' | 'basedOnSeq' | 'timestamp' | 'dataFsVersion' | 'durationMs' | 'traceParent'
>;

export const appendDataCommitted = (transaction: SqlTransaction, commit: CommitFacts): void => {
  const { txnSeq, txnId, basedOnSeq, timestamp, dataFsVersion, durationMs, traceParent } = commit;
  append(transaction, {
    ...{ txnSeq, txnId, basedOnSeq, timestamp, dataFsVersion, durationMs, traceParent },
    recordType: 'data_committed',
    transactionType: 'write',
  });
};

export const appendCompleted = (
  transaction: SqlTransaction,
  { txnSeq, txnId, basedOnSeq, durationMs }: CommitFacts,
  timestamp: number,
): void => {
  append(transaction, {
    ...{ txnSeq, txnId, basedOnSeq, timestamp, durationMs },
    recordType: 'completed',
    transactionType: 'write',
  });
};

export const activatePlan = (transaction: SqlTransaction, commit: CommitFacts, plan: StoredPlan): void => {
  keepPlan(transaction, plan);
  transaction.run(
    `INSERT INTO commit_plans (txn_id, txn_seq, checksum, state) VALUES (@txn_id, @txn_seq, @checksum, 'active')
     ON CONFLICT DO UPDATE SET txn_seq = excluded.txn_seq, checksum = excluded.checksum, state = excluded.state`,
    { txn_id: commit.txnId, txn_seq: commit.txnSeq, checksum: plan.checksum },
  );
};

/** `pending`; for a rejected entry `failed`, too. */
export const appendPending = (transaction: SqlTransaction, commit: CommitFacts, task: PendingTask): void => {
  const { txnSeq, txnId, timestamp, traceParent } = commit;
  const { executionSeq, factoryName, configPath, rejected } = task;
  const common = {
    ...{ txnSeq, txnId, timestamp, executionSeq, factoryName, configPath },
    parentTxnSeq: txnSeq,
    configTxnSeq: txnSeq,
    transactionType: 'post_commit',
  } as const;
  append(transaction, { ...common, recordType: 'post_commit_pending', traceParent });
  if (rejected === null) return;
  append(transaction, { ...common, recordType: 'post_commit_failed', attempt: 0, errorMessage: rejected });
};
