import * as t from 'io-ts';
import { FIRST_OF_FIRINGS } from '../../domain/plans/firing.js';
import { taskNumbers } from '../../domain/plans/task-id.js';
import type { RunnerInfo } from '../records/claim.js';
import type { FailingEntry, TaskStatus } from '../records/task-status.js';
import { readRunner } from '../runners/claim-rows.js';
import { ask, type ControlStore, decodeRow } from '../store/control-store.js';
import type { ReadRows } from '../store/control-transaction.js';
import { type Coroutine, inOrder } from '../store/coroutine.js';
import { readRecord } from '../store/record-row.js';
import type { TaskMethods } from '../task-methods.js';
import { failuresSinceCompletion } from './entry-history.js';
import type { EndedTasks, HeldHistories } from './held-histories.js';
import { historyOf, taskIn, tasksAmong } from './task-records.js';

type TaskQuestions = Pick<
  TaskMethods,
  | 'getPostCommitTasks'
  | 'tasksOfFiring'
  | 'findIncompletePostCommitTasks'
  | 'findFailedTasks'
  | 'countFailedTasks'
  | 'failingEntries'
  | 'failingSince'
  | 'findSkippedTasks'
>;

/** Questions about tasks. States are folded from the records; the derived index only says where to look. */
export const taskQuestions = (store: ControlStore, known: HeldHistories): TaskQuestions => ({
  getPostCommitTasks: (parentTxnSeq) =>
    ask(store, function* (read) {
      const ended = known.takeEnded(parentTxnSeq);
      return ended !== null && (yield* isAllOf(read, ended))
        ? ended.statuses
        : yield* tasksWhere(
            read,
            `task_states.parent_txn_seq = @parent_txn_seq AND ${OF_COMMIT}`,
            { parent_txn_seq: parentTxnSeq },
            TASK_BY_TASK,
          );
    }),
  tasksOfFiring: (firing) =>
    ask(store, function* (read) {
      const rows = yield* read(
        `SELECT * FROM control_table WHERE txn_id = @firing AND transaction_type = 'firing' ORDER BY record_id`,
        { firing },
      );
      return tasksAmong(rows.map(readRecord));
    }),
  findIncompletePostCommitTasks: ({ oldest } = {}) =>
    ask(store, function* (read) {
      const tasks = yield* oldest === undefined
        ? tasksWhere(read, UNFINISHED)
        : tasksWhere(read, `${UNFINISHED} AND task_states.parent_txn_seq <= ${LAST_OF_OLDEST}`, { oldest });
      const runners = tasks.length === 0 ? NO_RUNNERS : yield* liveHolders(store, read);
      return tasks.map((task) => ({ ...task, runner: runners.get(taskNumbers(task)) ?? null }));
    }),
  findFailedTasks: ({ oldest } = {}) =>
    ask(store, (read) =>
      oldest === undefined
        ? tasksWhere(read, FAILED)
        : tasksWhere(read, `${FAILED} AND ${AMONG_OLDEST_FAILED}`, { oldest }),
    ),
  countFailedTasks: () =>
    ask(store, function* (read) {
      const [row] = yield* read(FAILED_COUNT);
      return decodeRow(FailedCount, row);
    }),
  failingEntries: () => ask(store, failingEntries),
  failingSince: (configPath) => ask(store, (read) => failuresSinceCompletion(read, configPath)),
  findSkippedTasks: () => ask(store, (read) => tasksWhere(read, `state = 'skipped'`)),
});

/** Tells whether all that is recorded of a commit's tasks was recorded where they ended. */
function* isAllOf(read: ReadRows, { txnId, records }: EndedTasks): Coroutine<boolean> {
  const [row] = yield* read(
    `SELECT count(*) AS records FROM control_table WHERE txn_id = @txn_id AND execution_seq IS NOT NULL`,
    { txn_id: txnId },
  );
  return decodeRow(RecordCount, row).records === records;
}

const RecordCount = t.type({ records: t.number });

const UNFINISHED = `state IN ('pending', 'started')`;

/** The number of the last among the oldest commits that have unfinished tasks: an index has them in their order. */
const LAST_OF_OLDEST = `(SELECT max(parent_txn_seq) FROM (
  SELECT DISTINCT parent_txn_seq FROM task_states WHERE ${UNFINISHED} ORDER BY parent_txn_seq LIMIT @oldest) AS oldest)`;

const OF_COMMIT = `task_states.execution_seq < ${FIRST_OF_FIRINGS}`;

/** A firing that failed is failed only as long as nothing later of its entry has ended: the next one tries the same again. */
const NEWEST_OF_ENTRY = `NOT EXISTS (
  SELECT 1 FROM task_states AS later
  WHERE later.config_path = task_states.config_path AND later.parent_txn_seq >= task_states.parent_txn_seq
    AND (later.parent_txn_seq > task_states.parent_txn_seq OR later.execution_seq > task_states.execution_seq)
    AND later.state NOT IN ('pending', 'started')
    AND (later.state <> 'skipped' OR later.skip_cause IN ('superseded', 'dependency')))`;

const FAILED = `state IN ('failed', 'rolled_back') AND (${OF_COMMIT} OR ${NEWEST_OF_ENTRY})`;

const AMONG_OLDEST_FAILED = `(task_states.parent_txn_seq, task_states.execution_seq) IN (
  SELECT parent_txn_seq, execution_seq FROM task_states WHERE ${FAILED}
  ORDER BY parent_txn_seq, execution_seq LIMIT @oldest)`;

const FAILED_COUNT = `SELECT count(*) AS tasks, CAST(coalesce(sum((SELECT count(*) FROM control_table AS own
    WHERE own.txn_id = task_states.txn_id AND own.execution_seq = task_states.execution_seq)), 0) AS BIGINT) AS records
  FROM task_states WHERE ${FAILED}`;

const FailedCount = t.type({ tasks: t.number, records: t.number });

/** The order in which the tasks of one commit lie in the indexes, so that their records need not be sorted. */
const TASK_BY_TASK = 'task_states.parent_txn_seq, task_states.execution_seq, record_id';

/** The tasks that meet a condition; whichever the order, a task's own records are in theirs. */
function* tasksWhere(
  read: ReadRows,
  condition: string,
  parameters?: Parameters<ReadRows>[1],
  order: typeof TASK_BY_TASK | 'record_id' = 'record_id',
): Coroutine<readonly TaskStatus[]> {
  const rows = yield* read(
    // CROSS JOIN: SQLite takes the index of the few tasks first, then their records.
    `SELECT control_table.* FROM task_states CROSS JOIN control_table
     WHERE control_table.txn_id = task_states.txn_id
       AND control_table.execution_seq = task_states.execution_seq
       AND (${condition}) ORDER BY ${order}`,
    parameters,
  );
  return tasksAmong(rows.map(readRecord));
}

/** Entries whose newest task that completed or failed has failed. */
function* failingEntries(read: ReadRows): Coroutine<readonly FailingEntry[]> {
  const paths = yield* read(
    `SELECT DISTINCT config_path FROM task_states WHERE state IN ('failed', 'rolled_back')`,
  );
  const found = yield* inOrder(paths, function* (row) {
    const { config_path: configPath } = decodeRow(PathRow, row);
    const { failures, since } = yield* failuresSinceCompletion(read, configPath);
    const [newest] = yield* read(NEWEST_FAILED, { config_path: configPath });
    if (since === null || newest === undefined) return [];
    const { status } = yield* historyOf(read, taskIn(newest));
    return [{ configPath, failures, since, newest: status }];
  });
  return found.flat();
}

const PathRow = t.type({ config_path: t.string });

const NEWEST_FAILED = `SELECT parent_txn_seq, execution_seq, txn_id FROM task_states
  WHERE config_path = @config_path AND state IN ('failed', 'rolled_back')
  ORDER BY parent_txn_seq DESC, execution_seq DESC LIMIT 1`;

const NO_RUNNERS: ReadonlyMap<string, RunnerInfo> = new Map();

/** Live runners by the tasks that they hold: one look at all claims, however many tasks there are. */
function* liveHolders(store: ControlStore, read: ReadRows): Coroutine<ReadonlyMap<string, RunnerInfo>> {
  const isLive = store.signs.liveness(read);
  const live = new Map<string, RunnerInfo>();
  for (const row of yield* read(HOLDERS)) {
    const runner = readRunner(row);
    // No transaction here: a runner may end between two queries, and is not live then.
    if (yield* isLive(runner.runnerId)) live.set(taskNumbers(taskIn(row)), runner);
  }
  return live;
}

const HOLDERS = `SELECT claims.txn_id, claims.parent_txn_seq, claims.execution_seq,
    runners.runner_id, runners.pid, runners.command
  FROM claims JOIN runners ON runners.runner_id = claims.runner_id`;
