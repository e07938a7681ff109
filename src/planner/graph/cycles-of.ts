import { type Adjacency, adjacency, type Graph, successorsOf } from './graph.js';

/**
 * One cycle for every node that lies on one: its nodes in order, the first one repeated at the end, starting
 * with its smallest. A node that only leads to a cycle, or comes after one, has none.
 */
export const cyclesOf = (graph: Graph): ReadonlyMap<number, readonly number[]> => {
  const after = adjacency(graph);
  const componentOf = components(graph.size, after);
  const cycles = new Map<number, readonly number[]>();
  for (let node = 0; node < graph.size; node += 1) {
    if (cycles.has(node)) continue;
    const cycle = shortestCycle(after, componentOf, node);
    const closed = startingWithSmallest(cycle);
    for (const member of cycle) if (!cycles.has(member)) cycles.set(member, closed);
  }
  return cycles;
};

const startingWithSmallest = (cycle: readonly number[]): readonly number[] => {
  const smallest = cycle.reduce((best, node, index) => (node < (cycle[best] ?? node) ? index : best), 0);
  const turned = [...cycle.slice(smallest), ...cycle.slice(0, smallest)];
  return [...turned, ...turned.slice(0, 1)];
};

/** A shortest cycle through a node, not closed; empty where there is none. It never leaves the node's component. */
const shortestCycle = (after: Adjacency, componentOf: Int32Array, start: number): readonly number[] => {
  const cameFrom = new Map<number, number>();
  const queue = [start];
  for (const node of queue) {
    for (const next of successorsOf(after, node)) {
      if (next === start) return wayTo(node, start, cameFrom);
      if (componentOf[next] !== componentOf[start] || cameFrom.has(next)) continue;
      cameFrom.set(next, node);
      queue.push(next);
    }
  }
  return [];
};

const wayTo = (last: number, start: number, cameFrom: ReadonlyMap<number, number>): readonly number[] => {
  const way = [last];
  for (let node = last; node !== start; ) {
    node = cameFrom.get(node) ?? start;
    way.push(node);
  }
  return way.reverse();
};

/** The strongly connected components, numbered (Tarjan's algorithm without recursion: chains may be long). */
const components = (size: number, after: Adjacency): Int32Array => {
  const componentOf = new Int32Array(size).fill(-1);
  const visited = new Int32Array(size).fill(-1);
  const lowest = new Int32Array(size);
  const open: number[] = [];
  let visits = 0;
  let found = 0;
  const at = (array: Int32Array, node: number): number => array[node] ?? -1;
  const lower = (node: number, bound: number): void => {
    lowest[node] = Math.min(at(lowest, node), bound);
  };

  for (let root = 0; root < size; root += 1) {
    const path: { readonly node: number; next: number }[] = [];
    const enter = (node: number): void => {
      visited[node] = visits;
      lowest[node] = visits;
      visits += 1;
      open.push(node);
      path.push({ node, next: 0 });
    };
    if (visited[root] === -1) enter(root);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const { node } = top;
      const next = successorsOf(after, node)[top.next];
      top.next += 1;
      if (next === undefined) {
        path.pop();
        const parent = path.at(-1);
        if (parent !== undefined) lower(parent.node, at(lowest, node));
        if (lowest[node] !== visited[node]) continue;
        for (let member = open.pop(); member !== undefined; member = member === node ? undefined : open.pop())
          componentOf[member] = found;
        found += 1;
      } else if (visited[next] === -1) enter(next);
      else if (componentOf[next] === -1) lower(node, at(visited, next));
    }
  }
  return componentOf;
};
