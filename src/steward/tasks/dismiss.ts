import { type Either, left, right } from 'fp-ts/lib/Either.js';
import type * as TE from 'fp-ts/lib/TaskEither.js';
import type { DismissalOutcome } from '../../control/claim.js';
import type { TaskState, TaskStatus } from '../../control/control-record.js';
import { printTaskId } from '../../domain/plans/task-id.js';
import { steps } from '../../effects/steps.js';
import type { PondError } from '../errors.js';
import type { Pond } from '../pond/pond.js';
import type { DismissOptions } from '../upkeep.js';

const DISMISSABLE: ReadonlySet<TaskState> = new Set<TaskState>([
  'failed',
  'rolled_back',
  'pending',
  'started',
]);

/**
 * Settles failed tasks of one commit, and unfinished ones that no live runner holds: all of them, or the one that is
 * named. Nothing is run. What a live runner holds is left to it, and where it is named, that is an error.
 */
export const dismiss = (
  pond: Pond,
  { txnSeq, executionSeq }: { readonly txnSeq: number; readonly executionSeq?: number },
  { reason = '' }: DismissOptions,
): TE.TaskEither<PondError, readonly TaskStatus[]> =>
  steps(async ({ run, take }) => {
    const { txnId } = await run(pond.tlog.commitOf(txnSeq));
    const tasks = await run(pond.control.getPostCommitTasks(txnSeq));
    const chosen =
      executionSeq === undefined
        ? tasks.filter(({ state }) => DISMISSABLE.has(state))
        : take(chooseOne(tasks, { parentTxnSeq: txnSeq, executionSeq }));
    if (chosen.length === 0) return [];
    const timestamp = pond.ports.clock.nowMicros();
    const outcome = await run(
      pond.control.recordPostCommitDismissed(chosen, { timestamp, reason: reason === '' ? null : reason }),
    );
    if (executionSeq !== undefined) take(refuseBusy(outcome));
    await run(pond.control.completeIfEnded(txnId, timestamp));
    const settled = new Set(outcome.dismissed.map(printTaskId));
    const now = await run(pond.control.getPostCommitTasks(txnSeq));
    return now.filter((task) => settled.has(printTaskId(task)));
  });

const chooseOne = (
  tasks: readonly TaskStatus[],
  id: { readonly parentTxnSeq: number; readonly executionSeq: number },
): Either<PondError, readonly TaskStatus[]> => {
  const task = tasks.find(({ executionSeq }) => executionSeq === id.executionSeq);
  if (task === undefined) return left({ _tag: 'TaskNotFound', task: printTaskId(id) });
  return DISMISSABLE.has(task.state)
    ? right([task])
    : left({ _tag: 'NotDismissable', task: printTaskId(id), state: task.state, pid: null });
};

const refuseBusy = ({ busy: [held] }: DismissalOutcome): Either<PondError, void> =>
  held === undefined
    ? right(undefined)
    : left({
        _tag: 'NotDismissable',
        task: printTaskId(held.task),
        state: 'started',
        pid: held.runner.pid,
      });
