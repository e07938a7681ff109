import { expect, test } from 'vitest';
import { findCycle } from '../../src/planner/graph/find-cycle.js';
import { graphOf } from './arbitrary-graph.js';

test('a graph without cycles has none, also where two ways lead to one node', () => {
  const edges = [
    { from: 0, to: 1 },
    { from: 0, to: 2 },
    { from: 1, to: 3 },
    { from: 2, to: 3 },
  ];
  expect(findCycle(graphOf({ size: 4, edges }))).toEqual([]);
  expect(findCycle(graphOf({ size: 0, edges: [] }))).toEqual([]);
});

test('a cycle starts and ends with its smallest node and leaves out what only leads to it', () => {
  const edges = [
    { from: 0, to: 3 },
    { from: 3, to: 2 },
    { from: 2, to: 1 },
    { from: 1, to: 3 },
  ];
  expect(findCycle(graphOf({ size: 4, edges }))).toEqual([1, 3, 2, 1]);
});

test('a node that waits for itself is a cycle', () => {
  expect(findCycle(graphOf({ size: 3, edges: [{ from: 1, to: 1 }] }))).toEqual([1, 1]);
});

test('a cycle of 100,000 nodes is found without exhausting the stack', () => {
  const size = 100_000;
  const edges = Array.from({ length: size }, (_, node) => ({ from: node, to: (node + 1) % size }));
  const cycle = findCycle(graphOf({ size, edges }));
  expect(cycle).toHaveLength(size + 1);
  expect([cycle[0], cycle[1], cycle[size]]).toEqual([0, 1, 0]);
});
