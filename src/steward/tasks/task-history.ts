import type { ControlRecord } from '../../control/records/control-record.js';
import type { TaskHistory } from './tasks-to-run.js';

/**
 * Attempts of each task, begun since somebody last wished it to run, which is what a retry policy counts (a
 * `pending` that names an attempt was written by the policy itself), and the newest attempt's span.
 */
export const historyIn = (records: readonly ControlRecord[]): ReadonlyMap<number, TaskHistory> => {
  const histories = new Map<number, TaskHistory>();
  for (const { recordType, executionSeq, attempt, traceParent } of records) {
    if (executionSeq === null) continue;
    const before = histories.get(executionSeq) ?? NO_HISTORY;
    if ((recordType === 'post_commit_pending' || recordType === 'firing_pending') && attempt === null) {
      histories.set(executionSeq, { ...before, attemptsMade: 0 });
    }
    if (recordType === 'post_commit_started' || recordType === 'firing_started') {
      histories.set(executionSeq, { attemptsMade: before.attemptsMade + 1, lastAttempt: traceParent });
    }
  }
  return histories;
};

const NO_HISTORY: TaskHistory = { attemptsMade: 0, lastAttempt: null };
