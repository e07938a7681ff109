import * as t from 'io-ts';
import { FIRST_OF_FIRINGS } from '../../domain/plans/firing.js';
import { decodeRow } from './control-store.js';
import type { ControlTransaction, ReadRows } from './control-transaction.js';
import type { Coroutine } from './coroutine.js';
import { append } from './record-row.js';

const OpenRow = t.type({
  txn_id: t.string,
  txn_seq: t.number,
  based_on_seq: t.union([t.number, t.null]),
  transaction_type: t.keyof({ read: null, write: null }),
  started_at: t.number,
  data_committed: t.number,
});

/** A transaction without a terminal record, as the table has it. */
export interface OpenOfTable {
  readonly txnId: string;
  readonly txnSeq: number;
  readonly basedOnSeq: number | null;
  readonly transactionType: 'read' | 'write';
  readonly startedAt: number;
  readonly dataCommitted: boolean;
}

/** A transaction without a terminal record; null where it has one, or is not known at all. */
export function* openTransaction(read: ReadRows, txnId: string): Coroutine<OpenOfTable | null> {
  const [row] = yield* read('SELECT * FROM open_transactions WHERE txn_id = @txn_id', { txn_id: txnId });
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
}

/**
 * Writes `completed` for a committed write none of whose tasks is pending or started; returns whether it did, null where
 * the transaction is not open. `durationMs`: how long it took; null: the time between its records.
 */
export function* completeEnded(
  transaction: ControlTransaction,
  at: { readonly txnId: string; readonly timestamp: number; readonly durationMs: number | null },
): Coroutine<boolean | null> {
  const { txnId, timestamp } = at;
  const open = yield* openTransaction(transaction.all, txnId);
  if (open === null) return null;
  if (!open.dataCommitted) return false;
  const unfinished = yield* transaction.all(
    `SELECT 1 FROM task_states INDEXED BY unfinished_tasks
       WHERE parent_txn_seq = @txn_seq AND execution_seq < @firings
       AND state IN ('pending', 'started') LIMIT 1`,
    { txn_seq: open.txnSeq, firings: FIRST_OF_FIRINGS },
  );
  if (unfinished.length > 0) return false;
  const durationMs = at.durationMs ?? Math.max(0, Math.round((timestamp - open.startedAt) / 1000));
  yield* append(transaction, { ...open, recordType: 'completed', timestamp, durationMs });
  return true;
}
