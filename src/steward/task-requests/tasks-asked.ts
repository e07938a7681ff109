import type * as TE from 'fp-ts/lib/TaskEither.js';
import type { TaskStatus } from '../../control/records/task-status.js';
import { firingPlaceOf } from '../../domain/plans/firing.js';
import { printTaskId } from '../../domain/plans/task-id.js';
import { steps } from '../../effects/steps.js';
import type { PondError } from '../errors.js';
import type { Pond } from '../pond/pond.js';
import type { TasksAsked } from '../shapes/call-reports.js';

/** Tasks that somebody has named, as they are. */
export interface FoundTasks {
  /** All tasks of the commit, or of the firing. */
  readonly all: readonly TaskStatus[];
  /** The one that was named; null: none was. */
  readonly named: TaskStatus | null;
  /** Id of the commit's transaction; null of a firing, behind which there is none. */
  readonly txnId: string | null;
}

/** Finds the tasks that are asked for. A transaction that does not exist is another error than a task that its commit does not have. */
export const findTasks = (pond: Pond, asked: TasksAsked): TE.TaskEither<PondError, FoundTasks> =>
  steps(async ({ run, fail }) => {
    if ('firing' in asked) {
      const { firing, place } = asked;
      const all = await run(pond.control.tasksOfFiring(firing));
      const named = all.find(({ executionSeq }) => firingPlaceOf(executionSeq) === place) ?? null;
      if (all.length > 0 && (place === undefined || named !== null)) return { all, named, txnId: null };
      const task = place === undefined || place === 0 ? firing : `${firing}.${place}`;
      return fail({ _tag: 'TaskNotFound', task });
    }
    const { txnSeq, executionSeq } = asked;
    const { txnId } = await run(pond.tlog.commitOf(txnSeq));
    const all = await run(pond.control.getPostCommitTasks(txnSeq));
    if (executionSeq === undefined) return { all, named: null, txnId };
    const named = all.find((task) => task.executionSeq === executionSeq);
    return named === undefined
      ? fail({ _tag: 'TaskNotFound', task: printTaskId({ parentTxnSeq: txnSeq, executionSeq }) })
      : { all, named, txnId };
  });
