import { isLeft } from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import type { SqlRow } from '../../ports/sql-database.js';
import type { ControlRecord } from '../records/control-record.js';
import { catchRefusal, decodeRow } from '../store/control-store.js';
import type { ReadAtOnce } from '../store/control-transaction.js';
import { readRecord } from '../store/record-row.js';
import type { ControlFinding } from './control-finding.js';

/** Transactions that are read at once. */
const PAGE = 500;

/** All records of one transaction, in order. */
export interface RecordGroup {
  readonly txnId: string;
  readonly records: readonly ControlRecord[];
  /** Those that cannot be read. */
  readonly unreadable: readonly ControlFinding[];
}

/** The records of each transaction, page by page. */
export function* recordsByTransaction(read: ReadAtOnce): Generator<RecordGroup> {
  for (let after = ''; ; ) {
    // Whatever a strange hand put there: only strings have an order in which the last one comes to an end.
    const rows = read(
      `SELECT * FROM control_table WHERE txn_id IN (
         SELECT DISTINCT txn_id FROM control_table WHERE txn_id > @after AND typeof(txn_id) = 'text'
         ORDER BY txn_id LIMIT ${PAGE})
       ORDER BY txn_id, record_id`,
      { after },
    );
    const last = rows.at(-1);
    if (last === undefined) return;
    for (let start = 0; start < rows.length; ) {
      const txnId = String(rows[start]?.txn_id);
      let end = start + 1;
      while (end < rows.length && rows[end]?.txn_id === txnId) end += 1;
      yield groupOf(txnId, rows.slice(start, end));
      start = end;
    }
    after = String(last.txn_id);
  }
}

/** Records that belong to no transaction that could be named. */
export const namelessRecords = (read: ReadAtOnce): readonly ControlFinding[] =>
  read(`SELECT record_id FROM control_table WHERE typeof(txn_id) <> 'text' OR txn_id = ''`).map((row) =>
    unreadable(row, 'it has no transaction id'),
  );

const groupOf = (txnId: string, rows: readonly SqlRow[]): RecordGroup => {
  const read = rows.map((row) => ({ row, record: readable(() => readRecord(row)) }));
  return {
    txnId,
    records: read.flatMap(({ record }) => (typeof record === 'string' ? [] : [record])),
    unreadable: read.flatMap(({ row, record }) =>
      typeof record === 'string' ? [unreadable(row, record)] : [],
    ),
  };
};

const unreadable = ({ record_id }: SqlRow, problem: string): ControlFinding => ({
  _tag: 'RecordUnreadable',
  recordId: typeof record_id === 'number' ? record_id : null,
  problem,
});

/** The value, or what is wrong with the row that it comes from. */
const readable = <A extends object>(work: () => A): A | string => {
  const outcome = catchRefusal({ path: '' }, () => ({ _tag: 'Right', right: work() }));
  if (!isLeft(outcome)) return outcome.right;
  return 'problem' in outcome.left ? outcome.left.problem : outcome.left._tag;
};

const Gone = t.type({ txn_id: t.string });
const CommitPlan = t.type({ txn_id: t.string, txn_seq: t.number, checksum: t.string, state: t.string });
const Claim = t.type({
  token: t.number,
  parent_txn_seq: t.number,
  execution_seq: t.number,
  config_path: t.string,
  runner_id: t.string,
  running: t.number,
});
const Runner = t.type({
  runner_id: t.string,
  pid: t.number,
  command: t.string,
  origin: t.union([t.string, t.null]),
});
const Group = t.type({ token: t.number, config_path: t.string, pgid: t.number });
const Episode = t.type({
  notifier: t.string,
  watched: t.string,
  first_txn_seq: t.number,
  first_execution_seq: t.number,
});
const Cancellation = t.type({ parent_txn_seq: t.number, execution_seq: t.number });
const Derived = t.type({ of: t.string, state: t.string });

/** Tables that stand beside the records. */
export interface Beside {
  /** Transactions of commits that are known to have gone. */
  readonly gone: ReadonlySet<string>;
  readonly commitPlans: readonly t.TypeOf<typeof CommitPlan>[];
  readonly claims: readonly t.TypeOf<typeof Claim>[];
  readonly runners: readonly t.TypeOf<typeof Runner>[];
  readonly groups: readonly t.TypeOf<typeof Group>[];
  readonly episodes: readonly t.TypeOf<typeof Episode>[];
  readonly cancellations: readonly t.TypeOf<typeof Cancellation>[];
  /** Phases by transaction id: `begun` or `committed`. */
  readonly openTransactions: ReadonlyMap<string, string>;
  /** States by `42.1`. */
  readonly taskStates: ReadonlyMap<string, string>;
}

export const readBeside = (read: ReadAtOnce): Beside => {
  const all = <A>(codec: t.Type<A, unknown>, query: string): readonly A[] =>
    read(query).map((row) => decodeRow(codec, row));
  const derived = (query: string) => new Map(all(Derived, query).map(({ of, state }) => [of, state]));
  return {
    gone: new Set(all(Gone, 'SELECT txn_id FROM gone_commits').map(({ txn_id }) => txn_id)),
    commitPlans: all(CommitPlan, 'SELECT txn_id, txn_seq, checksum, state FROM commit_plans'),
    claims: all(
      Claim,
      'SELECT token, parent_txn_seq, execution_seq, config_path, runner_id, running FROM claims',
    ),
    runners: all(Runner, 'SELECT runner_id, pid, command, origin FROM runners'),
    groups: all(Group, 'SELECT token, config_path, pgid FROM process_groups'),
    episodes: all(
      Episode,
      'SELECT notifier, watched, first_txn_seq, first_execution_seq FROM episodes ORDER BY episode_id',
    ),
    cancellations: all(Cancellation, 'SELECT parent_txn_seq, execution_seq FROM cancellations'),
    openTransactions: derived(
      `SELECT txn_id AS of, CASE data_committed WHEN 1 THEN 'committed' ELSE 'begun' END AS state
       FROM open_transactions`,
    ),
    taskStates: derived(`SELECT parent_txn_seq || '.' || execution_seq AS of, state FROM task_states`),
  };
};
