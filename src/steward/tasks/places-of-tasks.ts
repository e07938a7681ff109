import { isLeft } from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { TaskStatus } from '../../control/records/task-status.js';
import type { Plan, PlannedTask } from '../../domain/plans/plan.js';
import { DEFAULT_QUEUE, placeOfTask, type TaskPlace } from '../../domain/plans/task-place.js';
import { steps } from '../../effects/steps.js';
import { elsewhere } from '../attempts/run-task.js';
import type { PondError } from '../errors.js';
import { readStoredPlan } from '../planning/stored-plan.js';
import type { Pond } from '../pond/pond.js';

const isUnfinished = ({ state }: TaskStatus): boolean => state === 'pending' || state === 'started';

/**
 * Adds to tasks of commits that have not ended where they are to be run, where that is not wherever somebody says `recover`: on
 * another machine, or by the workers of a queue. What waits for such a task is run where that is.
 */
export const withPlaces = <A extends TaskStatus>(
  pond: Pond,
  tasks: readonly A[],
): TE.TaskEither<PondError, readonly A[]> => {
  const asked = new Set(
    tasks.flatMap((task) => (isUnfinished(task) && task.firing === undefined ? [task.txnId] : [])),
  );
  if (asked.size === 0) return TE.right(tasks);
  return steps(async ({ run }) => {
    const places = new Map<string, ReadonlyMap<number, TaskPlace>>();
    for (const txnId of asked) {
      const stored = await run(pond.control.planOf({ txnId }));
      const plan = stored === null ? null : readStoredPlan(stored);
      // A plan that was lost, or cannot be read, is told of by others.
      if (plan !== null && !isLeft(plan))
        places.set(txnId, placesIn(pond, plan.right, unfinishedOf(txnId, tasks)));
    }
    return tasks.map((task) => {
      const place = isUnfinished(task) ? places.get(task.txnId)?.get(task.executionSeq) : undefined;
      return place === undefined ? task : { ...task, place };
    });
  });
};

const unfinishedOf = (txnId: string, tasks: readonly TaskStatus[]): ReadonlySet<number> =>
  new Set(
    tasks
      .filter((task) => task.txnId === txnId && isUnfinished(task))
      .map(({ executionSeq }) => executionSeq),
  );

/** Particular places by the task's number. Tasks come after those that they wait for. */
const placesIn = (
  pond: Pond,
  plan: Plan,
  unfinished: ReadonlySet<number>,
): ReadonlyMap<number, TaskPlace> => {
  const places = new Map<number, TaskPlace>();
  const seqOf = new Map(plan.tasks.map(({ name, execution_seq }) => [name, execution_seq]));
  for (const task of plan.tasks) {
    const waitsFor = task.depends_on.map((name) => seqOf.get(name) ?? 0).filter((seq) => unfinished.has(seq));
    const place = particularPlace(pond, task) ?? waitsFor.flatMap((seq) => places.get(seq) ?? [])[0];
    if (place !== undefined) places.set(task.execution_seq, place);
  }
  return places;
};

/** Queues mean something to workers only, which a pond in a directory does not have. */
const particularPlace = (pond: Pond, task: PlannedTask): TaskPlace | null => {
  const place = placeOfTask(task);
  const queue = pond.fleet === null ? DEFAULT_QUEUE : place.queue;
  const host = elsewhere(pond, { place }) === null ? null : place.host;
  return queue === DEFAULT_QUEUE && host === null ? null : { queue, host };
};
