import { type Either, left, right } from 'fp-ts/lib/Either.js';
import type * as TE from 'fp-ts/lib/TaskEither.js';
import type { DismissalOutcome } from '../../control/records/claim.js';
import type { TaskState, TaskStatus } from '../../control/records/task-status.js';
import { printTaskId, taskNumbers } from '../../domain/plans/task-id.js';
import { steps } from '../../effects/steps.js';
import type { PondError } from '../errors.js';
import type { Pond } from '../pond/pond.js';
import type { TasksAsked } from '../shapes/call-reports.js';
import type { DismissOptions } from '../shapes/upkeep.js';
import { findTasks } from './tasks-asked.js';

const DISMISSABLE: ReadonlySet<TaskState> = new Set<TaskState>([
  'failed',
  'rolled_back',
  'cancelled',
  'pending',
  'started',
]);

/**
 * Settles failed tasks of one commit, and unfinished ones that no live runner holds: all of them, or the one that is
 * named. Nothing is run. What a live runner holds is left to it, and where it is named, that is an error.
 */
export const dismiss = (
  pond: Pond,
  asked: TasksAsked,
  { reason = '' }: DismissOptions,
): TE.TaskEither<PondError, readonly TaskStatus[]> =>
  steps(async ({ run, take }) => {
    const { all, named, txnId } = await run(findTasks(pond, asked));
    const chosen =
      named === null ? all.filter(({ state }) => DISMISSABLE.has(state)) : [take(refuseOthers(named))];
    if (chosen.length === 0) return [];
    const timestamp = pond.ports.clock.nowMicros();
    const outcome = await run(
      pond.control.recordPostCommitDismissed(chosen, { timestamp, reason: reason === '' ? null : reason }),
    );
    if (named !== null) take(refuseBusy(outcome));
    if (txnId !== null) await run(pond.control.completeIfEnded(txnId, timestamp));
    const settled = new Set(outcome.dismissed.map(taskNumbers));
    const now = await run(findTasks(pond, asked));
    return now.all.filter((task) => settled.has(taskNumbers(task)));
  });

const refuseOthers = (task: TaskStatus): Either<PondError, TaskStatus> =>
  DISMISSABLE.has(task.state)
    ? right(task)
    : left({ _tag: 'NotDismissable', task: printTaskId(task), state: task.state, pid: null });

const refuseBusy = ({ busy: [held] }: DismissalOutcome): Either<PondError, void> =>
  held === undefined
    ? right(undefined)
    : left({
        _tag: 'NotDismissable',
        task: printTaskId(held.task),
        state: 'started',
        pid: held.runner.pid,
      });
