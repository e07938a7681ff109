import { isLeft } from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import type { ReadRows } from '../control-store.js';
import { catchRefusal, decodeRow } from '../control-store.js';
import type { ControlRecord } from '../control-table.js';
import { readRecord } from '../record-row.js';
import type { ControlFinding } from './control-finding.js';

/** So many transactions are read at once. */
const PAGE = 500;

/** The records of each transaction in order, page by page; what cannot be read is told to `onFinding`. */
export function* recordsByTransaction(
  read: ReadRows,
  onFinding: (finding: ControlFinding) => void,
): Generator<readonly ControlRecord[]> {
  for (let after = ''; ; ) {
    const rows = read(
      `SELECT * FROM control_table WHERE txn_id IN (
         SELECT DISTINCT txn_id FROM control_table WHERE txn_id > @after ORDER BY txn_id LIMIT ${PAGE})
       ORDER BY txn_id, record_id`,
      { after },
    );
    if (rows.length === 0) return;
    let group: ControlRecord[] = [];
    for (const row of rows) {
      const record = readable(() => readRecord(row));
      if (typeof record === 'string') {
        const recordId = typeof row.record_id === 'number' ? row.record_id : null;
        onFinding({ _tag: 'RecordUnreadable', recordId, problem: record });
        continue;
      }
      if (group[0] !== undefined && group[0].txnId !== record.txnId) {
        yield group;
        group = [];
      }
      group.push(record);
    }
    if (group.length > 0) yield group;
    after = String(rows.at(-1)?.txn_id);
  }
}

/** The value, or what is wrong with the row that it comes from. */
const readable = <A extends object>(work: () => A): A | string => {
  const outcome = catchRefusal({ path: '' }, () => ({ _tag: 'Right', right: work() }));
  if (!isLeft(outcome)) return outcome.right;
  return 'problem' in outcome.left ? outcome.left.problem : outcome.left._tag;
};

const CommitPlan = t.type({ txn_id: t.string, txn_seq: t.number, checksum: t.string, state: t.string });
const Claim = t.type({
  token: t.number,
  parent_txn_seq: t.number,
  execution_seq: t.number,
  config_path: t.string,
  runner_id: t.string,
  running: t.number,
});
const Runner = t.type({ runner_id: t.string, pid: t.number, command: t.string });
const Group = t.type({ token: t.number, config_path: t.string, pgid: t.number });
const Derived = t.type({ of: t.string, state: t.string });

/** What stands beside the records. */
export interface Beside {
  readonly commitPlans: readonly t.TypeOf<typeof CommitPlan>[];
  readonly claims: readonly t.TypeOf<typeof Claim>[];
  readonly runners: readonly t.TypeOf<typeof Runner>[];
  readonly groups: readonly t.TypeOf<typeof Group>[];
  /** By transaction id: `begun` or `committed`. */
  readonly openTransactions: ReadonlyMap<string, string>;
  /** By `42.1`. */
  readonly taskStates: ReadonlyMap<string, string>;
}

export const readBeside = (read: ReadRows): Beside => {
  const all = <A>(codec: t.Type<A, unknown>, query: string): readonly A[] =>
    read(query).map((row) => decodeRow(codec, row));
  const derived = (query: string) => new Map(all(Derived, query).map(({ of, state }) => [of, state]));
  return {
    commitPlans: all(CommitPlan, 'SELECT txn_id, txn_seq, checksum, state FROM commit_plans'),
    claims: all(
      Claim,
      'SELECT token, parent_txn_seq, execution_seq, config_path, runner_id, running FROM claims',
    ),
    runners: all(Runner, 'SELECT runner_id, pid, command FROM runners'),
    groups: all(Group, 'SELECT token, config_path, pgid FROM process_groups'),
    openTransactions: derived(
      `SELECT txn_id AS of, CASE data_committed WHEN 1 THEN 'committed' ELSE 'begun' END AS state
       FROM open_transactions`,
    ),
    taskStates: derived(`SELECT parent_txn_seq || '.' || execution_seq AS of, state FROM task_states`),
  };
};
