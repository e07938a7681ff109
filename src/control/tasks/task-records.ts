import { isLeft } from 'fp-ts/lib/Either.js';
import { printTaskId, type TaskId } from '../../domain/plans/task-id.js';
import type { ControlRecord, TaskStatus } from '../control-record.js';
import { type ReadRows, refusal, unusable } from '../control-store.js';
import { describeIllegalSequence } from '../illegal-sequence.js';
import { type NewRecord, readRecord } from '../record-row.js';
import { foldTask, type TaskHistory } from './task-state.js';

/** A task's history, folded from its records; {@link TaskNotFound} where there is none. */
export const historyOf = (read: ReadRows, task: TaskId): TaskHistory => {
  const rows = read(
    `SELECT * FROM control_table
     WHERE txn_id = (SELECT txn_id FROM task_states
                     WHERE parent_txn_seq = @parent_txn_seq AND execution_seq = @execution_seq)
       AND execution_seq = @execution_seq ORDER BY record_id`,
    { parent_txn_seq: task.parentTxnSeq, execution_seq: task.executionSeq },
  );
  const history = foldOrRefuse(rows.map(readRecord));
  if (history === null) throw refusal({ _tag: 'TaskNotFound', task: printTaskId(task) });
  return history;
};

/** The tasks among records of any number of transactions, by commit and execution sequence. */
export const tasksAmong = (records: readonly ControlRecord[]): readonly TaskStatus[] => {
  const byTask = new Map<string, ControlRecord[]>();
  for (const record of records) {
    if (record.transactionType !== 'post_commit') continue;
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

/** Fields that every further record of a task repeats. */
export const taskColumns = ({
  parentTxnSeq,
  executionSeq,
  txnId,
  factoryName,
  configPath,
  configTxnSeq,
}: TaskStatus): Omit<NewRecord, 'recordType' | 'timestamp'> => ({
  ...{ parentTxnSeq, executionSeq, txnId, factoryName, configPath, configTxnSeq },
  txnSeq: parentTxnSeq,
  transactionType: 'post_commit',
});
