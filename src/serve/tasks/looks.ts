import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { ControlError } from '../../control/control-error.js';
import type { ControlTable } from '../../control/control-table.js';
import { steps } from '../../effects/steps.js';
import type { Clock } from '../../ports/clock.js';
import type { UnfinishedTask } from './pending-commits.js';

/** Commits that are looked at whenever something happens: ten thousand may wait. */
const OLDEST = 50;
/** Part of the time that looks at all of them may take. */
const PART_OF_TIME = 1 / 20;

/** Looks at the tasks that have not ended. A later commit may run beside the oldest, so that all are looked at now and then. */
export interface Looks {
  readonly atOldest: () => TaskEither<ControlError, readonly UnfinishedTask[]>;
  readonly atAll: () => TaskEither<ControlError, readonly UnfinishedTask[]>;
  /** Milliseconds until it is time to look at all of them again; none or less: it is. */
  readonly restMs: () => number;
}

export const looks = (
  { findIncompletePostCommitTasks: find }: Pick<ControlTable, 'findIncompletePostCommitTasks'>,
  { monotonicMs }: Pick<Clock, 'monotonicMs'>,
): Looks => {
  let nextAt = Number.NEGATIVE_INFINITY;
  return {
    atOldest: () => find({ oldest: OLDEST }),
    atAll: () =>
      steps(async ({ run }) => {
        const began = monotonicMs();
        const found = await run(find());
        nextAt = began + (monotonicMs() - began) / PART_OF_TIME;
        return found;
      }),
    restMs: () => nextAt - monotonicMs(),
  };
};
