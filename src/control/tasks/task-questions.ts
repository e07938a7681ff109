import { FIRST_OF_FIRINGS } from '../../domain/plans/firing.js';
import type { RunnerInfo } from '../claim.js';
import type { TaskStatus } from '../control-record.js';
import { ask, type ControlStore, type ReadRows } from '../control-store.js';
import type { ControlTable } from '../control-table.js';
import { readRecord } from '../record-row.js';
import { claimOn, findRunner, liveness } from '../runners/claim-rows.js';
import { tasksAmong } from './task-records.js';

type TaskQuestions = Pick<
  ControlTable,
  | 'getPostCommitTasks'
  | 'tasksOfFiring'
  | 'findIncompletePostCommitTasks'
  | 'findFailedTasks'
  | 'findSkippedTasks'
>;

/** Questions about tasks. States are folded from the records; the derived index only says where to look. */
export const taskQuestions = (store: ControlStore): TaskQuestions => ({
  getPostCommitTasks: (parentTxnSeq) =>
    ask(store, (read) =>
      tasksWhere(read, `task_states.parent_txn_seq = @parent_txn_seq AND ${OF_COMMIT}`, {
        parent_txn_seq: parentTxnSeq,
      }),
    ),
  tasksOfFiring: (firing) =>
    ask(store, (read) =>
      tasksAmong(
        read(
          `SELECT * FROM control_table WHERE txn_id = @firing AND transaction_type = 'firing' ORDER BY record_id`,
          { firing },
        ).map(readRecord),
      ),
    ),
  findIncompletePostCommitTasks: () =>
    ask(store, (read) => {
      const isLive = liveness(store);
      return tasksWhere(read, `state IN ('pending', 'started')`).map((task) => ({
        ...task,
        runner: liveRunner(read, task, isLive),
      }));
    }),
  findFailedTasks: () =>
    ask(store, (read) =>
      tasksWhere(read, `state IN ('failed', 'rolled_back') AND (${OF_COMMIT} OR ${NEWEST_OF_ENTRY})`),
    ),
  findSkippedTasks: () => ask(store, (read) => tasksWhere(read, `state = 'skipped'`)),
});

const OF_COMMIT = `task_states.execution_seq < ${FIRST_OF_FIRINGS}`;

/** A firing that failed is failed only as long as nothing later of its entry has ended: the next one tries the same again. */
const NEWEST_OF_ENTRY = `NOT EXISTS (
  SELECT 1 FROM task_states AS later
  WHERE later.config_path = task_states.config_path AND later.parent_txn_seq >= task_states.parent_txn_seq
    AND (later.parent_txn_seq > task_states.parent_txn_seq OR later.execution_seq > task_states.execution_seq)
    AND later.state NOT IN ('pending', 'started')
    AND (later.state <> 'skipped' OR later.skip_cause IN ('superseded', 'dependency')))`;

const tasksWhere = (
  read: ReadRows,
  condition: string,
  parameters?: Parameters<ReadRows>[1],
): readonly TaskStatus[] =>
  tasksAmong(
    read(
      // CROSS JOIN: the index of the few tasks first, then their records.
      `SELECT control_table.* FROM task_states CROSS JOIN control_table
         ON control_table.txn_id = task_states.txn_id
        AND control_table.execution_seq = task_states.execution_seq
       WHERE ${condition} ORDER BY record_id`,
      parameters,
    ).map(readRecord),
  );

const liveRunner = (
  read: ReadRows,
  task: TaskStatus,
  isLive: (runnerId: string) => boolean,
): RunnerInfo | null => {
  const claim = claimOn(read, task);
  // No transaction here: a runner may end between two queries, and is not live then.
  return claim !== null && isLive(claim.runnerId) ? findRunner(read, claim.runnerId) : null;
};
