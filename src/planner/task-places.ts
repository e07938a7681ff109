import type { PlanBody } from '../domain/plans/plan.js';
import { placeOfTask, type TaskPlace } from '../domain/plans/task-place.js';
import { watchingOf } from './watched-tasks.js';

/** Place of a task among those of its plan, for whoever takes tasks one by one. */
export interface PlaceInPlan extends TaskPlace {
  readonly executionSeq: number;
  /** Tasks of its stage that must have ended before, well or not, by `execution_seq`. */
  readonly needs: readonly number[];
  /** It waits for all tasks of the stages before. */
  readonly stage: number;
  /** Tasks of the plan side by side, at most. */
  readonly sideBySide: number;
}

/** Places of a plan's tasks. What a task looks at counts as what it waits for; rejected entries have ended before anything begins. */
export const placesOf = (
  plan: Pick<PlanBody, 'tasks' | 'edges' | 'rejected' | 'max_concurrency'>,
): readonly PlaceInPlan[] => {
  const watching = watchingOf(plan);
  const stageOf = new Map(plan.tasks.map(({ execution_seq, stage }) => [execution_seq, stage]));
  const before = new Map<number, number[]>();
  for (const { from, to } of plan.edges) {
    const known = before.get(to);
    if (known === undefined) before.set(to, [from]);
    else known.push(from);
  }
  return plan.tasks.map(({ execution_seq: executionSeq, stage, ...task }) => ({
    executionSeq,
    ...placeOfTask(task),
    needs: [...new Set([...(before.get(executionSeq) ?? []), ...watching.waitsFor(executionSeq)])].filter(
      (needed) => stageOf.get(needed) === stage,
    ),
    stage,
    sideBySide: plan.max_concurrency,
  }));
};
