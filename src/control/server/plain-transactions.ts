import { canonicalJson } from '../../domain/documents/canonical-json.js';
import type { SqlRow } from '../../ports/sql-database.js';
import type { StoredPlan } from '../records/commit-record.js';
import type { NewRecord } from '../records/control-record.js';
import type { ControlTransaction } from '../store/control-transaction.js';
import type { Coroutine } from '../store/coroutine.js';
import { columnsOf, INSERTED } from '../store/record-row.js';

/*
 * Beginnings of transactions, and commits that nothing follows, each as one question that is all of its transaction: over a network that is one journey
 * in place of two. What would be refused, or is more than that, is left alone by the statement itself, and recorded with all its rules.
 */

/** Begins a transaction unless there is a record of it; returns whether it did. */
export function* beginPlain(transaction: ControlTransaction, begin: NewRecord): Coroutine<boolean> {
  const { txnId: txn_id } = begin;
  const records = JSON.stringify([columnsOf(begin)]);
  const [rows = []] = yield* transaction.atOnce([[BEGIN, { txn_id, records }]], [BEGUN, { txn_id }], DONE);
  return rows.length > 0;
}

/**
 * Commits a transaction that has begun under that number and has not committed, and makes its plan the active one; returns whether it did. It
 * does not where something was told of an entry, which may be gone with the commit.
 */
export function* commitPlain(
  transaction: ControlTransaction,
  { txnId: txn_id, txnSeq: txn_seq }: Pick<NewRecord, 'txnId' | 'txnSeq'>,
  { checksum, plan }: StoredPlan,
  records: readonly NewRecord[],
): Coroutine<boolean> {
  const asked = {
    txn_id,
    txn_seq,
    checksum,
    plan: canonicalJson(plan),
    records: JSON.stringify(records.map(columnsOf)),
  };
  const [rows = []] = yield* transaction.atOnce([[COMMIT, asked]], [COMMITTED, { txn_id }], DONE);
  return rows.length > 0;
}

/** Rows in place of those of a transaction of which it is only known that its records are there. */
const DONE: readonly (readonly SqlRow[])[] = [[{}]];

const COLUMNS = INSERTED.join(', ');
const ADDED = `(SELECT ${COLUMNS} FROM json_populate_recordset(NULL::control_table, @records::json)) AS added`;
/** Columns of what is added, where other tables have columns of the same names. */
const OF_ADDED = INSERTED.map((column) => `added.${column}`).join(', ');

const BEGIN = `INSERT INTO control_table (${COLUMNS})
  SELECT ${OF_ADDED} FROM ${ADDED}
  WHERE NOT EXISTS (SELECT 1 FROM control_table AS known WHERE known.txn_id = @txn_id)
  RETURNING record_id`;

const BEGUN = `SELECT 1 FROM control_table WHERE txn_id = @txn_id LIMIT 1`;

const COMMIT = `WITH plain AS (
    SELECT txn_id FROM open_transactions
    WHERE txn_id = @txn_id AND txn_seq = @txn_seq AND data_committed = 0
      AND NOT EXISTS (SELECT 1 FROM episodes WHERE state <> 'closed')),
  planned AS (
    INSERT INTO plans (checksum, plan)
    SELECT @checksum, @plan FROM plain WHERE NOT EXISTS (SELECT 1 FROM plans WHERE checksum = @checksum)),
  activated AS (
    INSERT INTO commit_plans (txn_id, txn_seq, checksum, state) SELECT txn_id, @txn_seq, @checksum, 'active' FROM plain
    ON CONFLICT (txn_id) DO UPDATE SET txn_seq = excluded.txn_seq, checksum = excluded.checksum, state = excluded.state)
  INSERT INTO control_table (${COLUMNS}) SELECT ${OF_ADDED} FROM plain, ${ADDED} RETURNING record_id`;

const COMMITTED = `SELECT 1 FROM control_table WHERE txn_id = @txn_id AND record_type = 'data_committed' LIMIT 1`;
