import { type PlanBody, rulesOfTask } from '../domain/plans/plan.js';
import { dependenciesOf } from './restrict-plan.js';

/** Tasks that each task waits for, and tasks that look at it, rejected entries alike, by `execution_seq`, ascending. */
export interface Watching {
  readonly waitsFor: (executionSeq: number) => readonly number[];
  /** Tasks that look at it when their turn has come, because they say when they run. */
  readonly watchedBy: (executionSeq: number) => readonly number[];
}

/** Tasks that the tasks of a plan look at: those that they name, or all of the stages before that say nothing themselves, and all rejected entries. */
export const watchingOf = (plan: WatchedPlan): Watching => {
  const known = ofPlans.get(plan);
  if (known !== undefined) return known;
  const watching = watchingIn(plan);
  ofPlans.set(plan, watching);
  return watching;
};

type WatchedPlan = Pick<PlanBody, 'tasks' | 'edges' | 'rejected'>;

/** A plan never changes, and whoever runs it asks several times. */
const ofPlans = new WeakMap<WatchedPlan, Watching>();

const watchingIn = (plan: WatchedPlan): Watching => {
  const named = dependenciesOf(plan);
  const waitsFor = new Map<number, readonly number[]>();
  const watchedBy = new Map<number, number[]>();
  for (const task of plan.tasks) {
    const rules = rulesOfTask(task);
    if (rules.runWhen === 'success') continue;
    const watched =
      rules.waitsFor === 'all'
        ? [
            ...plan.tasks
              .filter((other) => other.stage < task.stage && rulesOfTask(other).runWhen === 'success')
              .map(({ execution_seq }) => execution_seq),
            ...plan.rejected.map(({ execution_seq }) => execution_seq),
          ]
        : (named.get(task.execution_seq) ?? []);
    waitsFor.set(task.execution_seq, watched);
    for (const seq of watched) {
      const watchers = watchedBy.get(seq);
      if (watchers === undefined) watchedBy.set(seq, [task.execution_seq]);
      else watchers.push(task.execution_seq);
    }
  }
  return {
    waitsFor: (seq) => waitsFor.get(seq) ?? named.get(seq) ?? [],
    watchedBy: (seq) => watchedBy.get(seq) ?? [],
  };
};
