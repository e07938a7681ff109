import type { TaskStatus } from '../control/records/task-status.js';
import { printTaskId } from '../domain/plans/task-id.js';
import { DEFAULT_QUEUE, placeOfTask } from '../domain/plans/task-place.js';

/** Tells whether a task ended, but not well: failed, undone after a failure, cancelled, or skipped because of another's failure. */
export const endedBadly = ({ state, skipCause }: TaskStatus): boolean =>
  state === 'failed' ||
  state === 'rolled_back' ||
  state === 'cancelled' ||
  (state === 'skipped' && (skipCause === 'dependency' || skipCause === 'rebuilt'));

/** Tells whether its entry was rejected: it failed without an attempt, with the commit. */
export const wasRejected = ({ state, attempts }: TaskStatus): boolean => state === 'failed' && attempts === 0;

export const isUnfinished = ({ state }: TaskStatus): boolean => state === 'pending' || state === 'started';

/** The command that deals with a task that is unfinished or ended badly; where it has to be given elsewhere, a comment says so. */
export const commandFor = (task: TaskStatus): string => {
  const { queue, host } = task.place ?? placeOfTask({});
  const where = host === null ? '' : ` # on the machine ${host}`;
  if (!isUnfinished(task) || task.notBefore !== null)
    return `pond control retry ${printTaskId(task)}${where}`;
  if (host === null && queue !== DEFAULT_QUEUE) return `pond worker --queues ${queue}`;
  const ofCommit = task.firing === undefined ? ` --txn ${task.parentTxnSeq}` : '';
  return `pond recover --post-commit${ofCommit}${where}`;
};
