import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { findCycle } from './find-cycle.js';
import { adjacency, type Graph } from './graph.js';
import { smallestFirst } from './smallest-first.js';

/** The nodes of a cycle in order, the first one repeated at the end. */
export interface Cycle {
  readonly _tag: 'Cycle';
  readonly nodes: readonly number[];
}

/**
 * The lexicographically smallest topological order: among the nodes whose predecessors are all placed, the one with
 * the smallest number comes next (Kahn's algorithm with a heap). Permuting the edges changes nothing.
 */
export const topologicalSort = (graph: Graph): Either<Cycle, readonly number[]> => {
  // Names mostly are in the order of their dependencies already (10-..., 20-...), and then there is nothing to find.
  if (allEdgesAscend(graph)) return right(inTurn(graph.size));
  const { starts, targets, waitingFor } = adjacency(graph);
  const ready = smallestFirst();
  for (let node = 0; node < graph.size; node += 1) if (waitingFor[node] === 0) ready.push(node);

  const order: number[] = [];
  for (let node = ready.pop(); node !== undefined; node = ready.pop()) {
    order.push(node);
    const end = starts[node + 1] ?? 0;
    for (let place = starts[node] ?? 0; place < end; place += 1) {
      const next = targets[place] ?? 0;
      const remaining = (waitingFor[next] ?? 0) - 1;
      waitingFor[next] = remaining;
      if (remaining === 0) ready.push(next);
    }
  }
  return order.length === graph.size ? right(order) : left({ _tag: 'Cycle', nodes: findCycle(graph) });
};

const inTurn = (size: number): readonly number[] => {
  const nodes = new Array<number>(size);
  for (let node = 0; node < size; node += 1) nodes[node] = node;
  return nodes;
};

const allEdgesAscend = ({ size, edges }: Graph): boolean => {
  for (let edge = 0; edge < edges.from.length; edge += 1) {
    const from = edges.from[edge] ?? 0;
    const to = edges.to[edge] ?? 0;
    if (from < 0 || from >= to || to >= size) return false;
  }
  return true;
};
