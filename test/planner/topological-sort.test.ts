import { left, right } from 'fp-ts/lib/Either.js';
import { expect, test } from 'vitest';
import { topologicalSort } from '../../src/planner/graph/topological-sort.js';
import { graphOf } from './arbitrary-graph.js';

test('without edges the nodes come in their own order', () => {
  expect(topologicalSort(graphOf({ size: 4, edges: [] }))).toEqual(right([0, 1, 2, 3]));
  expect(topologicalSort(graphOf({ size: 0, edges: [] }))).toEqual(right([]));
});

test('a node comes after everything that it waits for, and as early as its number allows', () => {
  const edges = [
    { from: 3, to: 0 },
    { from: 2, to: 1 },
  ];
  expect(topologicalSort(graphOf({ size: 4, edges }))).toEqual(right([2, 1, 3, 0]));
});

test('an edge that is there twice counts once', () => {
  const edge = { from: 1, to: 0 };
  expect(topologicalSort(graphOf({ size: 2, edges: [edge, edge] }))).toEqual(right([1, 0]));
});

test('a cycle is returned instead of an order', () => {
  const edges = [
    { from: 0, to: 1 },
    { from: 1, to: 2 },
    { from: 2, to: 1 },
  ];
  expect(topologicalSort(graphOf({ size: 4, edges }))).toEqual(left({ _tag: 'Cycle', nodes: [1, 2, 1] }));
});

test('a chain of 100,000 nodes is sorted without exhausting the stack', () => {
  const size = 100_000;
  const edges = Array.from({ length: size - 1 }, (_, node) => ({ from: node + 1, to: node }));
  const expected = Array.from({ length: size }, (_, node) => size - 1 - node);
  expect(topologicalSort(graphOf({ size, edges }))).toEqual(right(expected));
});
