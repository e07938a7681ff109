import type { TaskStatus } from '../control/control-record.js';
import { printTaskId } from '../domain/plans/task-id.js';

/** Tells whether a task ended, but not well: failed, undone after a failure, cancelled, or skipped because of another's failure. */
export const endedBadly = ({ state, skipCause }: TaskStatus): boolean =>
  state === 'failed' ||
  state === 'rolled_back' ||
  state === 'cancelled' ||
  (state === 'skipped' && (skipCause === 'dependency' || skipCause === 'rebuilt'));

/** Tells whether its entry was rejected: it failed without an attempt, with the commit. */
export const wasRejected = ({ state, attempts }: TaskStatus): boolean => state === 'failed' && attempts === 0;

export const isUnfinished = ({ state }: TaskStatus): boolean => state === 'pending' || state === 'started';

/** The command that deals with a task that is unfinished or ended badly. */
export const commandFor = (task: TaskStatus): string =>
  isUnfinished(task) && task.notBefore === null
    ? `pond recover --post-commit${task.firing === undefined ? ` --txn ${task.parentTxnSeq}` : ''}`
    : `pond control retry ${printTaskId(task)}`;
