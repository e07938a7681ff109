import type { PlanBody } from '../domain/plan.js';
import { dependenciesOf } from './restrict-plan.js';

/**
 * The tasks that can follow when selected ones complete: those that depend on them, directly or over one another,
 * that are waiting to be run, and of which every other dependency has completed. In the plan's order.
 */
export const freedDependents = (
  plan: Pick<PlanBody, 'tasks' | 'edges' | 'rejected'>,
  selected: ReadonlySet<number>,
  state: (executionSeq: number) => 'waiting' | 'completed' | 'other',
): readonly number[] => {
  const dependencies = dependenciesOf(plan);
  const running = new Set(selected);
  const freed: number[] = [];
  for (const { execution_seq } of plan.tasks) {
    if (running.has(execution_seq) || state(execution_seq) !== 'waiting') continue;
    const own = dependencies.get(execution_seq) ?? [];
    if (!own.some((seq) => running.has(seq))) continue;
    if (!own.every((seq) => running.has(seq) || state(seq) === 'completed')) continue;
    running.add(execution_seq);
    freed.push(execution_seq);
  }
  return freed;
};
