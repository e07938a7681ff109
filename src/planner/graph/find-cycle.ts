import { adjacency, type Graph, successorsOf } from './graph.js';

/**
 * A cycle of a graph that has one, found by a depth-first search without recursion (chains may be long): its nodes
 * in order, the first one repeated at the end, starting with its smallest. Empty for a graph without cycles.
 */
export const findCycle = (graph: Graph): readonly number[] => {
  const after = adjacency(graph);
  const done = new Uint8Array(graph.size);
  const onPath = new Uint8Array(graph.size);

  for (let root = 0; root < graph.size; root += 1) {
    const path: { readonly node: number; next: number }[] = [];
    const enter = (node: number) => {
      onPath[node] = 1;
      path.push({ node, next: 0 });
    };
    if (done[root] === 0) enter(root);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const next = successorsOf(after, top.node)[top.next];
      top.next += 1;
      if (next === undefined) {
        done[top.node] = 1;
        onPath[top.node] = 0;
        path.pop();
      } else if (onPath[next] === 1) {
        const nodes = path.map((step) => step.node);
        return startingWithSmallest(nodes.slice(nodes.indexOf(next)));
      } else if (done[next] === 0) {
        enter(next);
      }
    }
  }
  return [];
};

const startingWithSmallest = (cycle: readonly number[]): readonly number[] => {
  const smallest = cycle.reduce((best, node, index) => (node < (cycle[best] ?? node) ? index : best), 0);
  const turned = [...cycle.slice(smallest), ...cycle.slice(0, smallest)];
  return [...turned, ...turned.slice(0, 1)];
};
