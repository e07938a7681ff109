import { pipe } from 'fp-ts/lib/function.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import * as t from 'io-ts';
import { canonicalJson } from '../../domain/documents/canonical-json.js';
import type { SqlTransaction } from '../../ports/sql-database.js';
import type { ControlError } from '../control-error.js';
import type { StoredPlan } from '../control-record.js';
import { ask, type ControlStore, decodeRow, illegal, type ReadRows, transact } from '../control-store.js';
import type { ControlTable } from '../control-table.js';
import { append } from '../record-row.js';

type TransactionRecords = Pick<
  ControlTable,
  | 'recordBegin'
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
  recordBegin: (begin) =>
    transact(store, 'relaxed', (transaction) => {
      if (isKnown(transaction.all, begin.txnId))
        throw illegal(`transaction ${begin.txnId} has begun already`);
      append(transaction, { ...begin, recordType: 'begin' });
    }),

  recordRefused: (begin, end) =>
    transact(store, 'relaxed', (transaction) => {
      append(transaction, { ...begin, recordType: 'begin' });
      const { txnSeq, txnId, basedOnSeq, transactionType } = begin;
      append(transaction, {
        ...{ txnSeq, txnId, basedOnSeq, transactionType },
        ...end,
        recordType: 'failed',
      });
    }),

  recordPlanPrepared: ({ txnId, txnSeq }, plan) =>
    transact(store, 'durable', (transaction) => {
      keepPlan(transaction, plan);
      transaction.run(
        `INSERT INTO commit_plans (txn_id, txn_seq, checksum, state) VALUES (@txn_id, @txn_seq, @checksum, 'prepared')
         ON CONFLICT DO UPDATE SET checksum = excluded.checksum WHERE state = 'prepared'`,
        { txn_id: txnId, txn_seq: txnSeq, checksum: plan.checksum },
      );
    }),

  recordGates: (txnId, gates) =>
    transact(store, 'relaxed', (transaction) => {
      const { startedAt: _, dataCommitted: __, ...open } = begunTransaction(transaction.all, txnId);
      for (const { state, endedAt, ...gate } of gates)
        append(transaction, { ...open, ...gate, recordType: `gate_${state}`, timestamp: endedAt });
    }),

  recordCompleted: (txnId, { timestamp, durationMs }) =>
    transact(store, 'relaxed', (transaction) => {
      const open = begunTransaction(transaction.all, txnId);
      append(transaction, { ...open, recordType: 'completed', timestamp, durationMs });
    }),

  recordFailed: (txnId, { timestamp, durationMs, errorMessage }) =>
    pipe(
      ask(store, (read) => openTransaction(read, txnId)?.transactionType === 'read'),
      TE.flatMap((isRead) =>
        transact(store, isRead ? 'relaxed' : 'durable', (transaction) => {
          const open = begunTransaction(transaction.all, txnId);
          append(transaction, { ...open, recordType: 'failed', timestamp, durationMs, errorMessage });
          transaction.run(`DELETE FROM commit_plans WHERE txn_id = @txn_id AND state = 'prepared'`, {
            txn_id: txnId,
          });
        }),
      ),
    ),

  completeIfEnded: (txnId, timestamp, durationMs) => completeIfEnded(store, txnId, timestamp, durationMs),

  pruneReads: (timestamp, { dryRun } = { dryRun: false }) =>
    transact(store, 'relaxed', (transaction) => {
      const old = `record_type = 'begin' AND transaction_type = 'read' AND timestamp < @timestamp
                   AND txn_id NOT IN (SELECT txn_id FROM open_transactions)`;
      const reads = transaction.all(`SELECT txn_id FROM control_table WHERE ${old}`, { timestamp });
      if (dryRun) return reads.length;
      transaction.run(
        `DELETE FROM control_table WHERE txn_id IN (SELECT txn_id FROM control_table WHERE ${old})`,
        { timestamp },
      );
      return reads.length;
    }),
});

const completeIfEnded = (
  store: ControlStore,
  txnId: string,
  timestamp: number,
  known: number | undefined,
): TaskEither<ControlError, boolean> =>
  transact(store, 'durable', (transaction) => {
    const open = openTransaction(transaction.all, txnId);
    if (open === null) return isKnown(transaction.all, txnId);
    if (!open.dataCommitted) return false;
    const unfinished = transaction.all(
      `SELECT 1 FROM task_states WHERE parent_txn_seq = @txn_seq AND state IN ('pending', 'started') LIMIT 1`,
      { txn_seq: open.txnSeq },
    );
    if (unfinished.length > 0) return false;
    const durationMs = known ?? Math.max(0, Math.round((timestamp - open.startedAt) / 1000));
    append(transaction, { ...open, recordType: 'completed', timestamp, durationMs });
    return true;
  });

const OpenRow = t.type({
  txn_id: t.string,
  txn_seq: t.number,
  based_on_seq: t.union([t.number, t.null]),
  transaction_type: t.keyof({ read: null, write: null }),
  started_at: t.number,
  data_committed: t.number,
});

/** A transaction without a terminal record; null where it has one, or is not known at all. */
export const openTransaction = (read: ReadRows, txnId: string) => {
  const [row] = read('SELECT * FROM open_transactions WHERE txn_id = @txn_id', { txn_id: txnId });
  if (row === undefined) return null;
  const open = decodeRow(OpenRow, row);
  return {
    txnId: open.txn_id,
    txnSeq: open.txn_seq,
    basedOnSeq: open.based_on_seq,
    transactionType: open.transaction_type,
    startedAt: open.started_at,
    dataCommitted: open.data_committed === 1,
  };
};

/** The same, of a transaction that must not have committed or ended yet. */
export const begunTransaction = (read: ReadRows, txnId: string) => {
  const open = openTransaction(read, txnId);
  if (open === null) throw illegal(`transaction ${txnId} has not begun, or has ended already`);
  if (open.dataCommitted) throw illegal(`transaction ${txnId} has committed its data already`);
  return open;
};

const isKnown = (read: ReadRows, txnId: string): boolean =>
  read('SELECT 1 FROM control_table WHERE txn_id = @txn_id LIMIT 1', { txn_id: txnId }).length > 0;

/** Stores a plan unless an equal one is stored. */
export const keepPlan = (transaction: SqlTransaction, { checksum, plan }: StoredPlan): void => {
  const known = transaction.all('SELECT 1 FROM plans WHERE checksum = @checksum', { checksum });
  if (known.length > 0) return;
  transaction.run('INSERT INTO plans (checksum, plan) VALUES (@checksum, @plan)', {
    checksum,
    plan: canonicalJson(plan),
  });
};
