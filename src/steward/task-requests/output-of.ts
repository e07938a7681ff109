import type * as TE from 'fp-ts/lib/TaskEither.js';
import { printTaskId, type TaskId } from '../../domain/plans/task-id.js';
import { steps } from '../../effects/steps.js';
import type { PondError } from '../errors.js';
import type { Pond } from '../pond/pond.js';
import type { TaskOutput } from '../shapes/call-reports.js';

/** Reads what is kept of an attempt of a task: by default the newest. */
export const outputOf = (
  pond: Pond,
  id: TaskId,
  { attempt: asked }: { readonly attempt?: number },
): TE.TaskEither<PondError, TaskOutput> =>
  steps(async ({ run, take, fail }) => {
    const tasks = await run(
      id.firing === undefined
        ? pond.control.getPostCommitTasks(id.parentTxnSeq)
        : pond.control.tasksOfFiring(id.firing),
    );
    const task = tasks.find(({ executionSeq }) => executionSeq === id.executionSeq);
    if (task === undefined) return fail({ _tag: 'TaskNotFound', task: printTaskId(id) });
    // Before its first attempt has begun, what is said is said while that one is prepared.
    const attempt = asked ?? Math.max(1, task.attempts);
    const recorded = await run(pond.control.outputsOf(id));
    const attempts = new Set([...recorded.map((kept) => kept.attempt), ...take(pond.outputs.attempts(id))]);
    const ended = recorded.find((kept) => kept.attempt === attempt)?.lines ?? null;
    const lines = take(pond.outputs.lines(id, attempt, ended));
    return { task, attempt, attempts: [...attempts].toSorted((a, b) => a - b), lines };
  });
