import type { PlanBody, PlannedTask } from '../domain/plans/plan.js';

/** A task of a plan with those that it waits for. All of them by `execution_seq`, ascending. */
export interface SelectedTask {
  readonly task: PlannedTask;
  /** Tasks of the same selection that must have completed before. */
  readonly requires: readonly number[];
  /** Tasks of the same selection that must have ended before, well or not. */
  readonly after: readonly number[];
  /** Dependencies that are not selected: tasks, and rejected entries. */
  readonly outside: readonly number[];
}

/**
 * Some of a plan's tasks, for a retry or a recovery, in the plan's order. Requirements reach over what is not
 * selected: where a -> b -> c and b is not selected, c requires a. `selected` may name rejected entries, too. A task
 * that says when it runs requires nothing: it looks at what it waits for once that has ended.
 */
export const restrictPlan = (
  plan: Pick<PlanBody, 'tasks' | 'edges' | 'rejected'>,
  selected: ReadonlySet<number>,
): readonly SelectedTask[] => {
  const dependencies = dependenciesOf(plan);

  const looks = new Set(
    plan.tasks.filter(({ run_when }) => run_when !== undefined).map(({ execution_seq }) => execution_seq),
  );

  /** The selected ones among what a task depends on, over others that are not; `over`: which of those to go over. */
  const nearestSelected = (of: number, over: (node: number) => boolean): readonly number[] => {
    const found = new Set<number>();
    const seen = new Set<number>();
    const todo = [of];
    for (let node = todo.pop(); node !== undefined; node = todo.pop()) {
      if (!over(node)) continue;
      for (const from of dependencies.get(node) ?? []) {
        if (seen.has(from)) continue;
        seen.add(from);
        if (selected.has(from)) found.add(from);
        else todo.push(from);
      }
    }
    return [...found].sort((a, b) => a - b);
  };

  return plan.tasks
    .filter((task) => selected.has(task.execution_seq))
    .map((task) => {
      const { execution_seq: seq } = task;
      const isLooking = looks.has(seq);
      const requires = nearestSelected(seq, (node) => !looks.has(node));
      const required = new Set(requires);
      return {
        task,
        requires,
        // Whoever looks waits for all of it, and so does what depends on somebody who looks and is not selected.
        after:
          looks.size === 0 ? NONE : nearestSelected(seq, () => true).filter((from) => !required.has(from)),
        outside: isLooking ? NONE : (dependencies.get(seq) ?? []).filter((from) => !selected.has(from)),
      };
    });
};

const NONE: readonly number[] = [];

/** Dependencies of each task, rejected entries included, ascending. */
export const dependenciesOf = ({
  tasks,
  edges,
  rejected,
}: Pick<PlanBody, 'tasks' | 'edges' | 'rejected'>): ReadonlyMap<number, readonly number[]> => {
  const seqOfRejected = new Map(rejected.map(({ path, execution_seq }) => [path, execution_seq]));
  const dependencies = new Map<number, number[]>();
  const add = (to: number, from: number): void => {
    const known = dependencies.get(to);
    if (known === undefined) dependencies.set(to, [from]);
    else known.push(from);
  };
  for (const { from, to, reason } of edges) if (reason === 'depends_on') add(to, from);
  for (const { execution_seq, blocked_by } of tasks) {
    for (const path of blocked_by) {
      const seq = seqOfRejected.get(path);
      if (seq !== undefined) add(execution_seq, seq);
    }
  }
  for (const known of dependencies.values()) known.sort((a, b) => a - b);
  return dependencies;
};
