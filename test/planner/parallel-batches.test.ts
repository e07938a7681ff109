import { expect, test } from 'vitest';
import { parallelBatches } from '../../src/planner/graph/parallel-batches.js';
import { graphOf } from './arbitrary-graph.js';

test('a node is in the first batch after all that it waits for', () => {
  const edges = [
    { from: 0, to: 2 },
    { from: 1, to: 3 },
    { from: 2, to: 3 },
  ];
  expect(parallelBatches(graphOf({ size: 5, edges }), [0, 1, 2, 3, 4])).toEqual([[0, 1, 4], [2], [3]]);
});

test('a batch keeps the order of the sort', () => {
  expect(parallelBatches(graphOf({ size: 3, edges: [{ from: 2, to: 0 }] }), [1, 2, 0])).toEqual([
    [1, 2],
    [0],
  ]);
});

test('a chain has a batch for each node, and an empty graph has none', () => {
  const edges = [
    { from: 0, to: 1 },
    { from: 1, to: 2 },
  ];
  expect(parallelBatches(graphOf({ size: 3, edges }), [0, 1, 2])).toEqual([[0], [1], [2]]);
  expect(parallelBatches(graphOf({ size: 0, edges: [] }), [])).toEqual([]);
});
