import { type Adjacency, adjacency, type Graph } from './graph.js';

/**
 * The levels of an acyclic graph: every node is in the first batch that lies after all its predecessors'. The nodes
 * of one batch do not depend on each other. `order` is a topological order of the graph; batches keep it inside.
 */
export const parallelBatches = (graph: Graph, order: readonly number[]): readonly (readonly number[])[] => {
  const levels = levelsOf(adjacency(graph), order, new Int32Array(graph.size));
  const batches: number[][] = [];
  for (const node of order) {
    const level = levels[node] ?? 0;
    const batch = batches[level];
    if (batch === undefined) batches[level] = [node];
    else batch.push(node);
  }
  return batches;
};

/**
 * The level of each node, from 0 and without gaps: the first one after all its predecessors' and after those of all
 * nodes of the stages before. `order` is a topological order that lists the nodes stage by stage.
 */
export const levelsOf = (after: Adjacency, order: readonly number[], stages: Int32Array): Int32Array => {
  const levels = new Int32Array(order.length);
  let stage = 0;
  let firstLevel = 0;
  let lastLevel = -1;
  for (const node of order) {
    const ownStage = stages[node] ?? 0;
    if (ownStage !== stage) {
      stage = ownStage;
      firstLevel = lastLevel + 1;
    }
    const level = Math.max(levels[node] ?? 0, firstLevel);
    levels[node] = level;
    lastLevel = Math.max(lastLevel, level);
    const end = after.starts[node + 1] ?? 0;
    for (let place = after.starts[node] ?? 0; place < end; place += 1) {
      const next = after.targets[place] ?? 0;
      levels[next] = Math.max(levels[next] ?? 0, level + 1);
    }
  }
  return levels;
};
