import type { PlanBody } from '../domain/plans/plan.js';
import { dependenciesOf } from './restrict-plan.js';
import { watchingOf } from './watched-tasks.js';

/**
 * State of a task, for those that might follow it. `pending`: it has not begun. `waiting`: it was skipped because of
 * another one. `completed`: what depends on it may follow.
 */
export type FollowingState = 'pending' | 'waiting' | 'completed' | 'other';

/**
 * The tasks that can follow when selected ones complete: those that depend on them, directly or over one another,
 * that are waiting to be run, and of which every other dependency has completed; and those that have not begun and look
 * at what becomes of them. In the plan's order.
 */
export const freedDependents = (
  plan: Pick<PlanBody, 'tasks' | 'edges' | 'rejected'>,
  selected: ReadonlySet<number>,
  state: (executionSeq: number) => FollowingState,
): readonly number[] => {
  const dependencies = dependenciesOf(plan);
  const watching = watchingOf(plan);
  const running = new Set(selected);
  const freed: number[] = [];
  for (const { execution_seq, run_when } of plan.tasks) {
    if (running.has(execution_seq)) continue;
    const own = state(execution_seq);
    const follows =
      run_when === undefined
        ? (own === 'waiting' || own === 'pending') &&
          isFreed(dependencies.get(execution_seq) ?? [], (seq) => running.has(seq), state)
        : own === 'pending' && watching.waitsFor(execution_seq).some((seq) => running.has(seq));
    if (!follows) continue;
    running.add(execution_seq);
    freed.push(execution_seq);
  }
  return freed;
};

const isFreed = (
  dependencies: readonly number[],
  isRunning: (seq: number) => boolean,
  state: (seq: number) => FollowingState,
): boolean =>
  dependencies.some(isRunning) && dependencies.every((seq) => isRunning(seq) || state(seq) === 'completed');
