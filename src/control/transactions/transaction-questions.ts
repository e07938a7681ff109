import * as t from 'io-ts';
import { ChainCodec } from '../../domain/plans/chain.js';
import type { SqlRow } from '../../ports/sql-database.js';
import type { ServerStatements } from '../../ports/sql-server.js';
import type { PlanOfCommit } from '../records/commit-record.js';
import type { FirstLook } from '../records/first-look.js';
import type { CausedCommit, KnownCommit, NewestCommit } from '../records/known-commits.js';
import type { OpenTransaction } from '../records/transaction-summary.js';
import { ALL, ask, type ControlStore, decodeRow } from '../store/control-store.js';
import type { ReadRows } from '../store/control-transaction.js';
import { type Coroutine, runWaiting, waitFor } from '../store/coroutine.js';
import { jsonObject, jsonText, jsonValue } from '../store/json-text.js';
import { readRecord } from '../store/record-row.js';
import type { TransactionMethods } from '../transaction-methods.js';
import { summaries } from './transaction-summaries.js';

type TransactionQuestions = Pick<
  TransactionMethods,
  | 'newestCommit'
  | 'commits'
  | 'transactions'
  | 'records'
  | 'findIncompleteTransactions'
  | 'commitsWithTasks'
  | 'causedCommits'
  | 'planOf'
>;

const COMMITS = `SELECT landed.txn_seq, landed.txn_id, data_fs_version,
    CASE WHEN gone.txn_id IS NULL THEN 0 ELSE 1 END AS is_gone
  FROM control_table AS landed LEFT JOIN gone_commits AS gone ON gone.txn_id = landed.txn_id
  WHERE record_type = 'data_committed'`;

/** All commits; of those of a table that was put aside only the number is known, and that they have gone. */
const ALL_COMMITS = `${COMMITS}
  UNION ALL
  SELECT txn_seq, txn_id, 0 AS data_fs_version, 1 AS is_gone FROM gone_commits AS gone
  WHERE NOT EXISTS (SELECT 1 FROM control_table AS landed
                    WHERE landed.txn_id = gone.txn_id AND record_type = 'data_committed')
  ORDER BY txn_seq`;

const CommitRow = t.type({
  txn_seq: t.number,
  txn_id: t.string,
  data_fs_version: t.number,
  is_gone: t.number,
});

const readCommit = (row: SqlRow): KnownCommit => {
  const { txn_seq, txn_id, data_fs_version, is_gone } = decodeRow(CommitRow, row);
  return { txnSeq: txn_seq, txnId: txn_id, dataFsVersion: data_fs_version, isGone: is_gone === 1 };
};

const ofBegin = (column: string): string =>
  `(SELECT ${column} FROM control_table WHERE record_id = open.begin_id) AS ${column}`;

/**
 * Transactions that have begun and not ended, oldest first, which every write asks for. Their beginnings are looked up one by one, since a server might merge them with all records
 * that there are; the other records of their own are told from those of their tasks by an index.
 */
export const INCOMPLETE = `SELECT open.*, ${['cli_args', 'environment', 'trace_parent'].map(ofBegin).join(', ')},
    (SELECT max(data_fs_version) FROM control_table AS own
     WHERE own.txn_id = open.txn_id AND own.execution_seq IS NULL
       AND own.record_type IN ('begin', 'intended')) AS intended_version
  FROM open_transactions AS open
  WHERE (SELECT 1 FROM control_table WHERE record_id = open.begin_id) IS NOT NULL ORDER BY open.begin_id`;

const HighestRow = t.type({ landed: t.number, gone: t.number, replaced: t.number });

/** Each part walks an index from its end, and none needs a table of its own, which takes SQLite longer than all the rest: every write asks. */
const NEWEST_COMMIT = `SELECT highest.*, newest.txn_seq, newest.txn_id, newest.data_fs_version, 0 AS is_gone FROM (
    SELECT (SELECT coalesce(max(txn_seq), 0) FROM control_table WHERE record_type = 'data_committed') AS landed,
      (SELECT coalesce(max(txn_seq), 0) FROM gone_commits) AS gone,
      (SELECT count(*) FROM gone_commits WHERE replaced = 1) AS replaced) AS highest
  LEFT JOIN control_table AS newest ON newest.record_type = 'data_committed' AND newest.txn_seq = (
    SELECT own.txn_seq FROM control_table AS own
    WHERE own.record_type = 'data_committed'
      AND NOT EXISTS (SELECT 1 FROM gone_commits WHERE gone_commits.txn_id = own.txn_id)
    ORDER BY own.txn_seq DESC LIMIT 1)`;

function* newestCommit(read: ReadRows): Coroutine<NewestCommit> {
  const [row] = yield* read(NEWEST_COMMIT);
  const { landed, gone, replaced } = decodeRow(HighestRow, row);
  return {
    commit: row === undefined || row.txn_id === null ? null : readCommit(row),
    highestSeq: Math.max(landed, gone),
    isReplaced: replaced > 0,
  };
}

const incomplete = (read: ReadRows): Coroutine<readonly OpenTransaction[]> =>
  mapped(read(INCOMPLETE), readOpenTransaction);

/** Asks what whoever has just taken the writer's lock wants to know first, both on one journey. */
export const firstLook = async (all: ServerStatements['all']): Promise<FirstLook> => {
  const read: ReadRows = (query, parameters) => waitFor(() => all(query, parameters));
  const [newest, open] = await Promise.all([runWaiting(newestCommit(read)), runWaiting(incomplete(read))]);
  return { newest, open };
};

/** Questions about transactions. Each but that for summaries is one query, so that its result is one state of the table. */
export const transactionQuestions = (store: ControlStore): TransactionQuestions => ({
  newestCommit: () => ask(store, newestCommit),
  commits: () => ask(store, (read) => mapped(read(ALL_COMMITS), readCommit)),
  transactions: summaries(store),
  records: (of) => ask(store, (read) => mapped(recordsOf(read, of), readRecord)),
  findIncompleteTransactions: () => ask(store, incomplete),
  commitsWithTasks: () =>
    ask(store, (read) =>
      mapped(
        read(
          `SELECT txn_id FROM open_transactions AS open WHERE (
             SELECT 1 FROM task_states INDEXED BY unfinished_tasks
             WHERE parent_txn_seq = open.txn_seq AND task_states.txn_id = open.txn_id
               AND state IN ('pending', 'started') LIMIT 1) IS NOT NULL`,
        ),
        (row) => decodeRow(t.type({ txn_id: t.string }), row).txn_id,
      ),
    ),
  causedCommits: (afterTxnSeq) =>
    ask(store, (read) => mapped(read(CAUSED_COMMITS, { after: afterTxnSeq }), readCausedCommit)),
  planOf: (txn) => ask(store, (read) => findPlan(read, txn)),
});

const CAUSED_COMMITS = `SELECT begun.txn_seq, begun.txn_id, begun.caused_by FROM control_table AS begun
  JOIN control_table AS landed ON landed.txn_id = begun.txn_id AND landed.record_type = 'data_committed'
  WHERE begun.caused_by IS NOT NULL AND begun.txn_seq > @after AND begun.record_type = 'begin'
  ORDER BY begun.txn_seq`;

const CausedRow = t.type({ txn_seq: t.number, txn_id: t.string, caused_by: jsonText(ChainCodec) });

const readCausedCommit = (row: SqlRow): CausedCommit => {
  const { txn_seq, txn_id, caused_by } = decodeRow(CausedRow, row);
  return { txnSeq: txn_seq, txnId: txn_id, causedBy: caused_by };
};

function* mapped<A>(rows: Coroutine<readonly SqlRow[]>, read: (row: SqlRow) => A): Coroutine<readonly A[]> {
  return (yield* rows).map(read);
}

const recordsOf = (
  read: ReadRows,
  { txnId, txnSeq, limit }: Parameters<TransactionMethods['records']>[0],
): Coroutine<readonly SqlRow[]> => {
  const conditions = [
    ...(txnId === undefined ? [] : ['txn_id = @txn_id']),
    ...(txnSeq === undefined
      ? []
      : [`txn_id IN (SELECT txn_id FROM control_table WHERE record_type = 'begin' AND txn_seq = @txn_seq)`]),
  ];
  const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
  return read(
    `SELECT * FROM (SELECT * FROM control_table ${where} ORDER BY record_id DESC LIMIT @limit) AS newest ORDER BY record_id`,
    {
      limit: limit ?? ALL,
      ...(txnId === undefined ? {} : { txn_id: txnId }),
      ...(txnSeq === undefined ? {} : { txn_seq: txnSeq }),
    },
  );
};

const OpenRow = t.type({
  txn_id: t.string,
  txn_seq: t.number,
  based_on_seq: t.number,
  transaction_type: t.keyof({ read: null, write: null }),
  started_at: t.number,
  data_committed: t.number,
  cli_args: jsonText(t.array(t.string)),
  environment: jsonText(jsonObject),
  trace_parent: t.union([t.string, t.null]),
  intended_version: t.union([t.number, t.null]),
});

const readOpenTransaction = (row: SqlRow): OpenTransaction => {
  const columns = decodeRow(OpenRow, row);
  return {
    txnSeq: columns.txn_seq,
    txnId: columns.txn_id,
    basedOnSeq: columns.based_on_seq,
    transactionType: columns.transaction_type,
    startedAt: columns.started_at,
    cliArgs: columns.cli_args,
    environment: columns.environment,
    dataCommitted: columns.data_committed === 1,
    traceParent: columns.trace_parent,
    intendedVersion: columns.intended_version,
  };
};

const PlanRow = t.type({
  txn_id: t.string,
  txn_seq: t.number,
  checksum: t.string,
  state: t.keyof({ prepared: null, active: null }),
  plan: jsonText(jsonValue),
});

function* findPlan(
  read: ReadRows,
  txn: Parameters<TransactionMethods['planOf']>[0],
): Coroutine<PlanOfCommit | null> {
  const [condition, parameters] =
    'txnId' in txn
      ? ['@txn_id', { txn_id: txn.txnId }]
      : [
          `(SELECT txn_id FROM control_table WHERE record_type = 'data_committed' AND txn_seq = @txn_seq)`,
          { txn_seq: txn.txnSeq },
        ];
  const [row] = yield* read(
    `SELECT txn_id, txn_seq, commit_plans.checksum, state, plan FROM commit_plans
     JOIN plans ON plans.checksum = commit_plans.checksum WHERE txn_id = ${condition}`,
    parameters,
  );
  if (row === undefined) return null;
  const { txn_id, txn_seq, checksum, state, plan } = decodeRow(PlanRow, row);
  return { txnId: txn_id, txnSeq: txn_seq, checksum, state, plan };
}
