import { isLeft } from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { boundedCache } from '../../domain/bounded-cache.js';
import type { SqlRow } from '../../ports/sql-database.js';
import type { ControlRecord } from '../records/control-record.js';
import { describeIllegalSequence } from '../records/illegal-sequence.js';
import type { TransactionSummary } from '../records/transaction-summary.js';
import { ALL, ask, type ControlStore, decodeRow, unusable } from '../store/control-store.js';
import type { ReadRows } from '../store/control-transaction.js';
import type { Coroutine } from '../store/coroutine.js';
import { readRecord } from '../store/record-row.js';
import { tasksAmong } from '../tasks/task-records.js';
import type { TransactionMethods, TransactionQuery } from '../transaction-methods.js';
import { foldTransaction } from './transaction-state.js';

/** Sum of a transaction's records. */
type OwnSummary = Omit<TransactionSummary, 'planChecksum' | 'isGone'>;

/** Bytes of them that are kept, about: some hundred commits of a few tasks. */
const MOST_KEPT = 4 * 1024 * 1024;

/**
 * Summaries of transactions. A server asks for the newest ones after each change. Records are only ever added, so a summary is what it
 * was as long as there are no more of them: only those of the others are read.
 */
export const summaries = (store: ControlStore): TransactionMethods['transactions'] => {
  const kept = boundedCache<{ readonly records: number; readonly own: OwnSummary }>(MOST_KEPT);
  return (query) =>
    ask(store, function* (read) {
      const chosen = (yield* chosenBy(read, query)).map((row) => decodeRow(ChosenRow, row));
      const known = new Map<string, OwnSummary>();
      for (const { txn_id, records } of chosen) {
        const before = kept.get(txn_id);
        if (before?.records === records) known.set(txn_id, before.own);
      }
      const missing = chosen.filter(({ txn_id }) => !known.has(txn_id));
      const begun = JSON.stringify(missing.map(({ record_id }) => record_id));
      const rows = missing.length === 0 ? [] : yield* read(RECORDS, { begun });
      for (const [txnId, records] of byTransaction(rows.map(readRecord))) {
        const own = ownSummary(records);
        known.set(txnId, own);
        kept.put(txnId, { records: records.length, own }, weightOf(records));
      }
      return chosen.flatMap(({ txn_id, plan_checksum, is_gone }) => {
        const own = known.get(txn_id);
        // No transaction here: the records of a read may be removed between the queries.
        return own === undefined ? [] : [{ ...own, planChecksum: plan_checksum, isGone: is_gone === 1 }];
      });
    });
};

const ChosenRow = t.type({
  record_id: t.number,
  txn_id: t.string,
  records: t.number,
  plan_checksum: t.union([t.string, t.null]),
  is_gone: t.number,
});

/** The transactions that a query asks for, and the number of the records of each. */
function* chosenBy(read: ReadRows, query: TransactionQuery): Coroutine<readonly SqlRow[]> {
  const { limit, txnSeq, transactionTypes, before, search, committed = false } = query;
  const conditions = conditionsOf(query);
  const [from, order] = committed
    ? [
        `control_table AS landed JOIN control_table AS begun
           ON begun.txn_id = landed.txn_id AND landed.record_type = 'data_committed'`,
        'landed.txn_seq',
      ]
    : ['control_table AS begun', 'begun.record_id'];
  // The newest of each type, then of them all: each half walks an index backwards and stops at the limit.
  const newest = transactionTypes
    .map(
      (type) => `SELECT * FROM (
        SELECT begun.record_id, begun.txn_id FROM ${from}
        WHERE begun.record_type = 'begin' AND begun.transaction_type = '${type}' ${conditions}
        ORDER BY ${order} DESC LIMIT @limit) AS newest_${type}`,
    )
    .join(' UNION ALL ');
  if (newest === '') return [];
  return yield* read(
    `WITH chosen AS MATERIALIZED (${newest} ORDER BY record_id DESC LIMIT @limit)
     SELECT chosen.record_id, chosen.txn_id, commit_plans.checksum AS plan_checksum,
       CASE WHEN gone_commits.txn_id IS NULL THEN 0 ELSE 1 END AS is_gone,
       (SELECT count(*) FROM control_table AS own WHERE own.txn_id = chosen.txn_id) AS records
     FROM chosen
     LEFT JOIN gone_commits ON gone_commits.txn_id = chosen.txn_id
     LEFT JOIN commit_plans ON commit_plans.txn_id = chosen.txn_id AND commit_plans.state = 'active'
     ORDER BY chosen.record_id DESC`,
    {
      limit: limit ?? ALL,
      ...(txnSeq === null ? {} : { txn_seq: txnSeq }),
      ...(before === undefined ? {} : { before }),
      ...(search === undefined ? {} : { search, pattern: `%${search.replace(/[!%_]/g, '!$&')}%` }),
    },
  );
}

/** Conditions on the record with which a transaction begins. */
const conditionsOf = ({ txnSeq, before, search, failed, empty }: TransactionQuery): string =>
  [
    ...(txnSeq === null ? [] : ['begun.txn_seq = @txn_seq']),
    ...(before === undefined
      ? []
      : [
          `begun.record_id < (SELECT record_id FROM control_table WHERE txn_id = @before AND record_type = 'begin')`,
        ]),
    ...(search === undefined
      ? []
      : [
          `(CAST(begun.txn_seq AS TEXT) = @search OR lower(begun.cli_args) LIKE lower(@pattern) ESCAPE '!' OR EXISTS (
             SELECT 1 FROM control_table AS own WHERE own.txn_id = begun.txn_id AND (
               lower(own.config_path) LIKE lower(@pattern) ESCAPE '!' OR
               lower(own.error_message) LIKE lower(@pattern) ESCAPE '!')))`,
        ]),
    ...(failed === true
      ? [
          `EXISTS (SELECT 1 FROM control_table AS own WHERE own.txn_id = begun.txn_id
             AND own.record_type IN ('failed', 'post_commit_failed'))`,
        ]
      : []),
    ...(empty === false
      ? [
          `(EXISTS (SELECT 1 FROM control_table AS own WHERE own.txn_id = begun.txn_id AND own.record_type = 'data_committed')
            OR NOT EXISTS (SELECT 1 FROM control_table AS own WHERE own.txn_id = begun.txn_id AND own.record_type = 'completed'))`,
        ]
      : []),
  ]
    .map((condition) => `AND ${condition}`)
    .join(' ');

/** Records of transactions that are named by their first one. */
const RECORDS = `SELECT * FROM control_table
  WHERE txn_id IN (SELECT txn_id FROM control_table AS begun
                   WHERE begun.record_id IN (SELECT value FROM json_each(@begun)))
  ORDER BY record_id`;

const byTransaction = (records: readonly ControlRecord[]): ReadonlyMap<string, readonly ControlRecord[]> => {
  const found = new Map<string, ControlRecord[]>();
  for (const record of records) {
    const known = found.get(record.txnId);
    if (known === undefined) found.set(record.txnId, [record]);
    else known.push(record);
  }
  return found;
};

const ownSummary = (records: readonly ControlRecord[]): OwnSummary => {
  const own = foldTransaction(records.filter(({ transactionType }) => transactionType !== 'post_commit'));
  if (isLeft(own)) throw unusable(describeIllegalSequence(own.left));
  if (own.right === null) throw unusable('tasks of a transaction that never began');
  return { ...own.right, tasks: tasksAmong(records) };
};

/** Bytes that a record comes to in a summary, about. */
const EACH = 400;

const weightOf = (records: readonly ControlRecord[]): number =>
  records.reduce(
    (sum, { errorMessage, cliArgs, report }) =>
      sum + EACH + (errorMessage?.length ?? 0) + lengthOf(cliArgs) + lengthOf(report),
    0,
  );

const lengthOf = (value: unknown): number => (value === null ? 0 : JSON.stringify(value).length);
