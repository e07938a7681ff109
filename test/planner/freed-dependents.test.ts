import { expect, test } from 'vitest';
import { freedDependents } from '../../src/planner/freed-dependents.js';
import { path, plannedTask } from './entries.js';

type States = Readonly<Record<number, 'waiting' | 'completed' | 'other'>>;

const freed = (
  dependencies: readonly (readonly [number, number])[],
  selected: readonly number[],
  states: States,
) =>
  freedDependents(
    {
      tasks: [1, 2, 3, 4, 5].map((seq) => plannedTask(seq)),
      edges: dependencies.map(([from, to]) => ({ from, to, reason: 'depends_on' })),
      rejected: [],
    },
    new Set(selected),
    (seq) => states[seq] ?? 'other',
  );

test('what was skipped because of a task follows it, over any number of others', () => {
  const chain = [
    [1, 2],
    [2, 3],
    [4, 5],
  ] as const;
  expect(freed(chain, [1], { 2: 'waiting', 3: 'waiting', 5: 'waiting' })).toEqual([2, 3]);
});

test('what another failed task blocks as well does not', () => {
  const diamond = [
    [1, 3],
    [2, 3],
    [3, 4],
  ] as const;
  expect(freed(diamond, [1], { 2: 'other', 3: 'waiting', 4: 'waiting' })).toEqual([]);
  expect(freed(diamond, [1], { 2: 'completed', 3: 'waiting', 4: 'waiting' })).toEqual([3, 4]);
  expect(freed(diamond, [1, 2], { 3: 'waiting', 4: 'waiting' })).toEqual([3, 4]);
});

test('what has completed or failed by itself is not run again', () => {
  expect(
    freed(
      [
        [1, 2],
        [1, 3],
      ],
      [1],
      { 2: 'completed', 3: 'other' },
    ),
  ).toEqual([]);
});

test('what only depends on a rejected entry follows that one', () => {
  const bad = path('/etc/system.d/bad');
  const plan = {
    tasks: [plannedTask(1, { blocked_by: [bad] })],
    edges: [],
    rejected: [{ path: bad, execution_seq: 2, factory: null, errors: [] }],
  };
  expect(freedDependents(plan, new Set([2]), () => 'waiting')).toEqual([1]);
});
