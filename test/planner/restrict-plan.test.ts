import { expect, test } from 'vitest';
import type { PlanEdge, PlannedTask, RejectedEntry } from '../../src/domain/plans/plan.js';
import { restrictPlan } from '../../src/planner/restrict-plan.js';
import { path, plannedTask } from './entries.js';

const tasks = (count: number): readonly PlannedTask[] =>
  Array.from({ length: count }, (_, index) => plannedTask(index + 1));

const edge = (from: number, to: number, reason: PlanEdge['reason'] = 'depends_on'): PlanEdge => ({
  from,
  to,
  reason,
});

const restricted = (edges: readonly PlanEdge[], selected: readonly number[], count = 5) =>
  restrictPlan({ tasks: tasks(count), edges, rejected: [] }, new Set(selected)).map(
    ({ task, requires, outside }) => ({ seq: task.execution_seq, requires, outside }),
  );

test('where everything is selected every task requires what the plan says, and order is not a requirement', () => {
  expect(restricted([edge(1, 2, 'order'), edge(2, 3)], [1, 2, 3])).toEqual([
    { seq: 1, requires: [], outside: [] },
    { seq: 2, requires: [], outside: [] },
    { seq: 3, requires: [2], outside: [] },
  ]);
});

test('a requirement reaches over what is not selected, which is named beside it', () => {
  expect(restricted([edge(1, 2), edge(2, 3), edge(3, 4), edge(4, 5)], [1, 5])).toEqual([
    { seq: 1, requires: [], outside: [] },
    { seq: 5, requires: [1], outside: [4] },
  ]);
});

test('a requirement reaches over requirements only, never over mere order', () => {
  const mixed = [edge(1, 2), edge(2, 3, 'order'), edge(1, 4), edge(4, 5)];
  expect(restricted(mixed, [1, 3, 5])).toEqual([
    { seq: 1, requires: [], outside: [] },
    { seq: 3, requires: [], outside: [] },
    { seq: 5, requires: [1], outside: [4] },
  ]);
});

test('what requires many requires each of them once, in order', () => {
  const many = [edge(2, 5), edge(1, 5), edge(1, 4), edge(4, 5)];
  expect(restricted(many, [1, 2, 5]).at(-1)).toEqual({ seq: 5, requires: [1, 2], outside: [4] });
});

test('a rejected entry is required where it is selected, and outside where it is not', () => {
  const rejected: readonly RejectedEntry[] = [
    { path: path('/etc/system.d/bad'), execution_seq: 3, factory: null, errors: [] },
  ];
  const plan = {
    tasks: [plannedTask(1), plannedTask(2, { blocked_by: [path('/etc/system.d/bad')] })],
    edges: [edge(1, 2)],
    rejected,
  };
  expect(restrictPlan(plan, new Set([1, 2])).at(-1)).toMatchObject({ requires: [1], outside: [3] });
  expect(restrictPlan(plan, new Set([2, 3]))).toMatchObject([{ requires: [3], outside: [1] }]);
});

test('a selection keeps the order of the plan and ignores what the plan does not have', () => {
  expect(restricted([], [9, 3, 1]).map(({ seq }) => seq)).toEqual([1, 3]);
});

test('a task that requires 20,000 others is restricted at once', () => {
  const count = 20_000;
  const fanIn = Array.from({ length: count - 1 }, (_, index) => edge(index + 1, count));
  expect(restricted(fanIn, [1, count], count).at(-1)).toMatchObject({ seq: count, requires: [1] });
}, 5_000);
