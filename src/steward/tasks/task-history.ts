import type { ControlRecord } from '../../control/records/control-record.js';
import type { TaskHistory } from './tasks-to-run.js';

/**
 * Attempts of each task, begun since somebody last wished it to run, which is what a retry policy counts (a
 * `pending` that names an attempt was written by the policy itself), and the newest attempt's span. An attempt that has failed
 * without a duration and is followed by such a `pending` has begun with its claim and was then refused: nothing of it has run, and it is not counted.
 * One that a crash interrupted has no duration either; no `pending` follows it.
 */
export const historyIn = (records: readonly ControlRecord[]): ReadonlyMap<number, TaskHistory> => {
  const histories = new Map<number, TaskHistory>();
  /** The newest record of each task. */
  const newest = new Map<number, ControlRecord>();
  for (const record of records) {
    const { recordType, executionSeq, attempt, traceParent } = record;
    if (executionSeq === null) continue;
    const before = histories.get(executionSeq) ?? NO_HISTORY;
    if (recordType === 'post_commit_pending' || recordType === 'firing_pending') {
      const attemptsMade =
        attempt === null ? 0 : before.attemptsMade - (hasNotRun(newest.get(executionSeq)) ? 1 : 0);
      histories.set(executionSeq, { ...before, attemptsMade });
    }
    if (recordType === 'post_commit_started' || recordType === 'firing_started') {
      histories.set(executionSeq, { attemptsMade: before.attemptsMade + 1, lastAttempt: traceParent });
    }
    newest.set(executionSeq, record);
  }
  return histories;
};

const hasNotRun = (failed: ControlRecord | undefined): boolean =>
  failed?.recordType === 'post_commit_failed' && failed.durationMs === null;

const NO_HISTORY: TaskHistory = { attemptsMade: 0, lastAttempt: null };
