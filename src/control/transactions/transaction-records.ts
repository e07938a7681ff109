import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { canonicalJson } from '../../domain/documents/canonical-json.js';
import type { SqlRow } from '../../ports/sql-database.js';
import type { BeginRecord, StoredPlan } from '../records/commit-record.js';
import type { NewRecord } from '../records/control-record.js';
import { ask, type ControlStore, illegal, transact } from '../store/control-store.js';
import type { ControlTransaction, ReadRows } from '../store/control-transaction.js';
import type { Coroutine } from '../store/coroutine.js';
import { completeEnded, type OpenOfTable, openTransaction } from '../store/open-transactions.js';
import { append } from '../store/record-row.js';
import type { FailedEnd, TransactionMethods } from '../transaction-methods.js';

type TransactionRecords = Pick<
  TransactionMethods,
  | 'recordBegin'
  | 'recordIntended'
  | 'recordRefused'
  | 'recordPlanPrepared'
  | 'recordGates'
  | 'recordCompleted'
  | 'recordFailed'
  | 'completeIfEnded'
  | 'pruneReads'
>;

/** The beginning and the end of transactions. */
export const transactionRecords = (store: ControlStore): TransactionRecords => ({
  recordBegin: ({ intendedVersion = null, ...begin }) =>
    transact(store, intendedVersion === null ? 'relaxed' : 'durable', (transaction) =>
      beginOn(store, transaction, { recordType: 'begin', dataFsVersion: intendedVersion, ...begin }),
    ),
  recordIntended: (txnId, { timestamp, version }) =>
    transact(store, 'durable', function* (transaction) {
      const { startedAt: _, dataCommitted: __, ...open } = yield* begunTransaction(transaction.all, txnId);
      yield* append(transaction, { ...open, recordType: 'intended', timestamp, dataFsVersion: version });
    }),
  recordRefused: (begin, end) =>
    transact(store, 'relaxed', (transaction) => refusedOn(transaction, begin, end)),
  recordPlanPrepared: (transactionOfPlan, plan) =>
    transact(store, 'durable', (transaction) => preparedOn(transaction, transactionOfPlan, plan)),
  recordGates: (txnId, gates) =>
    transact(store, 'relaxed', function* (transaction) {
      const { startedAt: _, dataCommitted: __, ...open } = yield* begunTransaction(transaction.all, txnId);
      for (const { state, endedAt, ...gate } of gates)
        yield* append(transaction, { ...open, ...gate, recordType: `gate_${state}`, timestamp: endedAt });
    }),
  recordCompleted: (txnId, { timestamp, durationMs }) =>
    transact(store, 'relaxed', function* (transaction) {
      const open = yield* begunTransaction(transaction.all, txnId);
      yield* append(transaction, { ...open, recordType: 'completed', timestamp, durationMs });
    }),
  recordFailed: (txnId, end) =>
    pipe(
      ask(store, (read) => isOpenRead(read, txnId)),
      TE.flatMap((isRead) =>
        transact(store, isRead ? 'relaxed' : 'durable', (transaction) => failedOn(transaction, txnId, end)),
      ),
    ),
  completeIfEnded: (txnId, timestamp, durationMs) =>
    pipe(
      // Mostly the record of its last task's end has completed it, durably, and there is nothing to be written.
      ask(store, (read) => isDone(read, txnId)),
      TE.flatMap((done) =>
        done
          ? TE.right(true)
          : transact(store, 'durable', (transaction) =>
              completedOn(transaction, { txnId, timestamp, durationMs: durationMs ?? null }),
            ),
      ),
    ),
  pruneReads: (timestamp, { dryRun } = { dryRun: false }) =>
    transact(store, 'relaxed', (transaction) => readsPrunedOn(transaction, timestamp, dryRun)),
});

function* beginOn(
  { plain }: Pick<ControlStore, 'plain'>,
  transaction: ControlTransaction,
  begin: NewRecord,
): Coroutine<void> {
  const hasBegun =
    plain === null ? yield* isKnown(transaction.all, begin.txnId) : !(yield* plain.begin(transaction, begin));
  if (hasBegun) throw illegal(`transaction ${begin.txnId} has begun already`);
  if (plain === null) yield* append(transaction, begin);
}

function* refusedOn(transaction: ControlTransaction, begin: BeginRecord, end: FailedEnd): Coroutine<void> {
  yield* append(transaction, { ...begin, recordType: 'begin' });
  const { txnSeq, txnId, basedOnSeq, transactionType } = begin;
  yield* append(transaction, { txnSeq, txnId, basedOnSeq, transactionType, ...end, recordType: 'failed' });
}

function* preparedOn(
  transaction: ControlTransaction,
  { txnId, txnSeq }: Pick<NewRecord, 'txnId' | 'txnSeq'>,
  plan: StoredPlan,
): Coroutine<void> {
  const known = yield* askForPlan(transaction, plan);
  yield* keepPlan(transaction, plan, yield* known());
  yield* transaction.send(
    `INSERT INTO commit_plans (txn_id, txn_seq, checksum, state) VALUES (@txn_id, @txn_seq, @checksum, 'prepared')
     ON CONFLICT (txn_id) DO UPDATE SET checksum = excluded.checksum WHERE commit_plans.state = 'prepared'`,
    { txn_id: txnId, txn_seq: txnSeq, checksum: plan.checksum },
  );
}

function* failedOn(transaction: ControlTransaction, txnId: string, end: FailedEnd): Coroutine<void> {
  const open = yield* begunTransaction(transaction.all, txnId);
  yield* append(transaction, { ...open, ...end, recordType: 'failed' });
  yield* transaction.send(`DELETE FROM commit_plans WHERE txn_id = @txn_id AND state = 'prepared'`, {
    txn_id: txnId,
  });
}

function* completedOn(
  transaction: ControlTransaction,
  end: Parameters<typeof completeEnded>[1],
): Coroutine<boolean> {
  const isCompleted = yield* completeEnded(transaction, end);
  return isCompleted ?? (yield* isKnown(transaction.all, end.txnId));
}

function* readsPrunedOn(
  transaction: ControlTransaction,
  timestamp: number,
  dryRun: boolean,
): Coroutine<number> {
  const old = `record_type = 'begin' AND transaction_type = 'read' AND timestamp < @timestamp
               AND txn_id NOT IN (SELECT txn_id FROM open_transactions)`;
  const reads = yield* transaction.all(`SELECT txn_id FROM control_table WHERE ${old}`, { timestamp });
  if (dryRun) return reads.length;
  yield* transaction.run(
    `DELETE FROM control_table WHERE txn_id IN (SELECT txn_id FROM control_table WHERE ${old})`,
    { timestamp },
  );
  return reads.length;
}

/** A transaction that must not have committed or ended yet. */
export function* begunTransaction(read: ReadRows, txnId: string): Coroutine<OpenOfTable> {
  const open = yield* openTransaction(read, txnId);
  if (open === null) throw illegal(`transaction ${txnId} has not begun, or has ended already`);
  if (open.dataCommitted) throw illegal(`transaction ${txnId} has committed its data already`);
  return open;
}

function* isOpenRead(read: ReadRows, txnId: string): Coroutine<boolean> {
  return (yield* openTransaction(read, txnId))?.transactionType === 'read';
}

function* isDone(read: ReadRows, txnId: string): Coroutine<boolean> {
  return (yield* openTransaction(read, txnId)) === null && (yield* isKnown(read, txnId));
}

function* isKnown(read: ReadRows, txnId: string): Coroutine<boolean> {
  const known = yield* read('SELECT 1 FROM control_table WHERE txn_id = @txn_id LIMIT 1', { txn_id: txnId });
  return known.length > 0;
}

/** Asks whether an equal plan is stored, which {@link keepPlan} is told. */
export const askForPlan = (transaction: ControlTransaction, { checksum }: Pick<StoredPlan, 'checksum'>) =>
  transaction.ahead('SELECT 1 FROM plans WHERE checksum = @checksum', { checksum });

/** Stores a plan unless an equal one is stored. */
export function* keepPlan(
  transaction: ControlTransaction,
  { checksum, plan }: StoredPlan,
  known: readonly SqlRow[],
): Coroutine<void> {
  if (known.length > 0) return;
  yield* transaction.send('INSERT INTO plans (checksum, plan) VALUES (@checksum, @plan)', {
    checksum,
    plan: canonicalJson(plan),
  });
}
