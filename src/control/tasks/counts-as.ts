import type { TaskOutcome } from '../../domain/plans/task-outcome.js';
import type { TaskStatus } from '../records/task-status.js';

/**
 * Meaning of a task's state to those that wait for it; null: it has not ended. A skipped task counts as what it was
 * skipped for, one that was dismissed or cancelled as failed.
 */
export const countsAs = ({
  state,
  skipCause,
}: Pick<TaskStatus, 'state' | 'skipCause'>): TaskOutcome['countsAs'] | null => {
  switch (state) {
    case 'pending':
    case 'started':
      return null;
    case 'completed':
      return 'completed';
    case 'failed':
    case 'rolled_back':
    case 'dismissed':
    case 'cancelled':
      return 'failed';
    case 'skipped':
      if (skipCause === 'superseded') return 'completed';
      return skipCause === 'dependency' ? 'failed' : 'left_out';
  }
};

/** Tells whether one that must have completed before may follow: it has, or nobody needs it for this commit. */
export const satisfies = ({ state, skipCause }: Pick<TaskStatus, 'state' | 'skipCause'>): boolean =>
  state === 'completed' ||
  (state === 'skipped' &&
    (skipCause === 'run_when' ||
      skipCause === 'superseded' ||
      skipCause === 'configuration' ||
      skipCause === 'missed'));

/** The same as {@link countsAs}, for rows of `task_states`. Null also for what version 0.1.0 skipped: it did not say why. */
export const OUTCOME = `CASE
  WHEN state = 'completed' OR (state = 'skipped' AND skip_cause = 'superseded') THEN 'completed'
  WHEN state IN ('failed', 'rolled_back', 'dismissed', 'cancelled') OR (state = 'skipped' AND skip_cause = 'dependency')
  THEN 'failed' END`;
