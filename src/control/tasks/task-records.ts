import { isLeft } from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { firingIn, isOfFiring } from '../../domain/plans/firing.js';
import { printTaskId, type TaskId } from '../../domain/plans/task-id.js';
import type { SqlRow } from '../../ports/sql-database.js';
import type { ControlRecord, NewRecord } from '../records/control-record.js';
import { describeIllegalSequence } from '../records/illegal-sequence.js';
import type { TaskState, TaskStatus } from '../records/task-status.js';
import { decodeRow, refusal, unusable } from '../store/control-store.js';
import type { ReadRows } from '../store/control-transaction.js';
import type { Coroutine } from '../store/coroutine.js';
import { readRecord } from '../store/record-row.js';
import { foldTask, type TaskHistory } from './task-state.js';

/** A task's history, folded from its records; {@link TaskNotFound} where there is none. */
export function* historyOf(read: ReadRows, task: TaskId): Coroutine<TaskHistory> {
  const rows = yield* read(
    `SELECT * FROM control_table
     WHERE txn_id = (SELECT txn_id FROM task_states
                     WHERE parent_txn_seq = @parent_txn_seq AND execution_seq = @execution_seq)
       AND execution_seq = @execution_seq ORDER BY record_id`,
    { parent_txn_seq: task.parentTxnSeq, execution_seq: task.executionSeq },
  );
  const history = foldOrRefuse(rows.map(readRecord));
  if (history === null) throw refusal({ _tag: 'TaskNotFound', task: printTaskId(task) });
  return history;
}

/** The tasks among records of any number of transactions, by commit and execution sequence. */
export const tasksAmong = (records: readonly ControlRecord[]): readonly TaskStatus[] => {
  const byTask = new Map<string, ControlRecord[]>();
  for (const record of records) {
    if (record.transactionType !== 'post_commit' && record.transactionType !== 'firing') continue;
    const task = `${record.parentTxnSeq}.${record.executionSeq}`;
    const known = byTask.get(task);
    if (known === undefined) byTask.set(task, [record]);
    else known.push(record);
  }
  return [...byTask.values()]
    .map(foldOrRefuse)
    .flatMap((history) => (history === null ? [] : [history.status]))
    .sort((a, b) => a.parentTxnSeq - b.parentTxnSeq || a.executionSeq - b.executionSeq);
};

const foldOrRefuse = (records: readonly ControlRecord[]): TaskHistory | null => {
  const folded = foldTask(records);
  if (isLeft(folded)) throw unusable(describeIllegalSequence(folded.left));
  return folded.right;
};

/** Fields that every further record of a task repeats; a record of a start may name another configuration than those before it. */
export const taskColumns = (
  { parentTxnSeq, executionSeq, txnId, factoryName, configPath, configTxnSeq: known }: TaskStatus,
  configTxnSeq = known,
): Omit<NewRecord, 'recordType' | 'timestamp' | 'transactionType'> => ({
  parentTxnSeq,
  executionSeq,
  txnId,
  factoryName,
  configPath,
  configTxnSeq,
  txnSeq: parentTxnSeq,
});

const TaskRow = t.type({ parent_txn_seq: t.number, execution_seq: t.number, txn_id: t.string });

/** The task that a row of `task_states` is of. */
export const taskIn = (row: SqlRow): TaskId => {
  const { parent_txn_seq, execution_seq, txn_id } = decodeRow(TaskRow, row);
  return { parentTxnSeq: parent_txn_seq, executionSeq: execution_seq, ...firingIn(execution_seq, txn_id) };
};

/** Type of the record of a step, of a task of a commit or of a firing. */
export const stepRecord = (
  { executionSeq }: Pick<TaskStatus, 'executionSeq'>,
  step: TaskState,
): Pick<NewRecord, 'recordType' | 'transactionType'> => {
  if (!isOfFiring(executionSeq)) return { recordType: `post_commit_${step}`, transactionType: 'post_commit' };
  // Nothing of a firing is ever rolled back: that is for plans of the host.
  if (step === 'rolled_back') throw unusable('a firing that was rolled back');
  return { recordType: `firing_${step}`, transactionType: 'firing' };
};
