import { adjacency, type Graph } from './graph.js';

/**
 * The levels of an acyclic graph: every node is in the first batch that lies after all its predecessors'. The nodes
 * of one batch do not depend on each other. `order` is a topological order of the graph; batches keep it inside.
 *
 * With `stageOf` every node of a stage also lies after all nodes of the stages before; `order` must then list the
 * nodes stage by stage.
 */
export const parallelBatches = (
  graph: Graph,
  order: readonly number[],
  stageOf: (node: number) => number = () => 0,
): readonly (readonly number[])[] => {
  const after = adjacency(graph);
  const level = new Int32Array(graph.size);
  const batches: number[][] = [];
  let stage = 0;
  let firstLevel = 0;
  for (const node of order) {
    if (stageOf(node) !== stage) {
      stage = stageOf(node);
      firstLevel = batches.length;
    }
    const own = Math.max(level[node] ?? 0, firstLevel);
    const batch = batches[own];
    if (batch === undefined) batches[own] = [node];
    else batch.push(node);
    const end = after.starts[node + 1] ?? 0;
    for (let place = after.starts[node] ?? 0; place < end; place += 1) {
      const next = after.targets[place] ?? 0;
      level[next] = Math.max(level[next] ?? 0, own + 1);
    }
  }
  return batches;
};
