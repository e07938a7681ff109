import { isLeft } from 'fp-ts/lib/Either.js';
import { taskNumbers } from '../../domain/plans/task-id.js';
import type { ControlRecord } from '../records/control-record.js';
import type { IllegalSequence } from '../records/illegal-sequence.js';
import type { TaskStatus } from '../records/task-status.js';
import { foldTask } from '../tasks/task-state.js';
import { foldTransaction, type TransactionState } from '../transactions/transaction-state.js';
import type { ControlFinding } from './control-finding.js';
import type { Beside } from './control-snapshot.js';

/** Summary that the records of one transaction, or of one firing, add up to. */
export interface CheckedTransaction {
  /** Null where the records are illegal, and of a firing. */
  readonly state: TransactionState | null;
  readonly isFiring: boolean;
  /** Columns of its `begin`. */
  readonly environment: ControlRecord['environment'];
  readonly tasks: readonly TaskStatus[];
  readonly findings: readonly ControlFinding[];
}

/** Holds the records of one transaction, those of its tasks included, against the lives that they may have. */
export const checkRecords = (records: readonly ControlRecord[], beside: Beside): CheckedTransaction => {
  if (records.every(({ transactionType }) => transactionType === 'firing')) {
    return { state: null, isFiring: true, environment: null, ...checkTasks(records, beside) };
  }
  const isFiring = false;
  const own = records.filter(({ transactionType }) => transactionType !== 'post_commit');
  const folded = foldTransaction(own);
  const environment = own[0]?.environment ?? null;
  if (isLeft(folded)) {
    return { state: null, isFiring, environment, tasks: [], findings: [illegal(folded.left, records, null)] };
  }
  const state = folded.right;
  const ofTasks = records.filter(({ transactionType }) => transactionType === 'post_commit');
  const [first] = ofTasks;
  if (first !== undefined && state?.dataFsVersion == null) {
    const problem = state === null ? 'unknown-transaction' : 'no-commit';
    return { state: null, isFiring, environment, tasks: [], findings: [misplaced(first, problem)] };
  }
  const { tasks, findings } = checkTasks(ofTasks, beside);
  return {
    state,
    isFiring,
    environment,
    tasks,
    findings: [...(state === null ? [] : derivedTransaction(state, beside)), ...findings],
  };
};

const checkTasks = (
  records: readonly ControlRecord[],
  beside: Beside,
): Pick<CheckedTransaction, 'tasks' | 'findings'> => {
  const findings: ControlFinding[] = [];
  const tasks: TaskStatus[] = [];
  for (const [task, history] of byTask(records)) {
    const outcome = foldTask(history);
    if (isLeft(outcome)) findings.push(illegal(outcome.left, history, task));
    else if (outcome.right !== null) {
      tasks.push(outcome.right.status);
      findings.push(...derivedTask(task, outcome.right.status, beside));
    }
  }
  return { tasks, findings };
};

const byTask = (records: readonly ControlRecord[]): ReadonlyMap<string, readonly ControlRecord[]> => {
  const tasks = new Map<string, ControlRecord[]>();
  for (const record of records) {
    const task = taskNumbers({
      parentTxnSeq: record.parentTxnSeq ?? record.txnSeq,
      executionSeq: record.executionSeq ?? 0,
    });
    const history = tasks.get(task);
    if (history === undefined) tasks.set(task, [record]);
    else history.push(record);
  }
  return tasks;
};

const illegal = (
  { recordId, recordType, after, problem }: IllegalSequence,
  records: readonly ControlRecord[],
  task: string | null,
): ControlFinding => ({
  _tag: 'RecordsIllegal',
  txnId: records[0]?.txnId ?? '',
  txnSeq: records[0]?.txnSeq ?? null,
  task,
  recordId,
  recordType,
  after,
  problem,
});

const misplaced = (
  { txnId, txnSeq, recordId, recordType }: ControlRecord,
  problem: 'no-commit' | 'unknown-transaction',
): ControlFinding => ({
  _tag: 'RecordsIllegal',
  txnId,
  txnSeq,
  recordId,
  recordType,
  problem,
  task: null,
  after: null,
});

const derivedTransaction = (
  { txnId, status, dataFsVersion }: TransactionState,
  { openTransactions }: Beside,
): ControlFinding[] => {
  const recorded = status !== 'incomplete' ? 'ended' : dataFsVersion === null ? 'begun' : 'committed';
  const derived = openTransactions.get(txnId) ?? 'ended';
  return recorded === derived
    ? []
    : [{ _tag: 'DerivedStateWrong', table: 'open_transactions', of: txnId, recorded, derived }];
};

const derivedTask = (
  task: string,
  { state }: TaskStatus,
  { taskStates }: Beside,
): readonly ControlFinding[] => {
  const derived = taskStates.get(task) ?? 'missing';
  return derived === state
    ? []
    : [{ _tag: 'DerivedStateWrong', table: 'task_states', of: task, recorded: state, derived }];
};
