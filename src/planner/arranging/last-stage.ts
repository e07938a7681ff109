import { isRight } from 'fp-ts/lib/Either.js';
import { adjacency, type Graph, successorsOf } from '../graph/graph.js';
import { topologicalSort } from '../graph/topological-sort.js';
import type { Ordered, Staged } from './ordered-candidates.js';

/** Those that wait for everything are `waiting`; what depends on them comes `behind`. */
export type PartOfPlan = 'first' | 'waiting' | 'behind';

/**
 * Puts those that wait for everything into a stage behind all others, and what depends on them behind that. Each of the
 * three parts has its own stages; where nobody waits for everything there is one part.
 */
export const inLastStage = (
  all: Ordered,
  waitsForAll: (node: number) => boolean,
  stagesOf: (ordered: Ordered, part: PartOfPlan) => Staged,
): Staged => {
  const waiting = new Set<number>();
  for (let node = 0; node < all.kept.length; node += 1) if (waitsForAll(node)) waiting.add(node);
  if (waiting.size === 0) return stagesOf(all, 'first');
  const behind = descendants(all.graph, [...waiting]);
  const belongsTo = (node: number): PartOfPlan =>
    waiting.has(node) ? 'waiting' : behind.has(node) ? 'behind' : 'first';

  const stages = new Int32Array(all.kept.length);
  const order: number[] = [];
  let next = 0;
  for (const of of PARTS) {
    const { nodes, part } = partOf(all, (node) => belongsTo(node) === of);
    const staged = stagesOf(part, of);
    for (const at of staged.order) order.push(nodes[at] ?? 0);
    for (const [at, node] of nodes.entries()) stages[node] = next + (staged.stages[at] ?? 0);
    next += staged.stages.reduce((most, stage) => Math.max(most, stage + 1), 0);
  }
  return { kept: all.kept, graph: all.graph, order, stages };
};

const PARTS: readonly PartOfPlan[] = ['first', 'waiting', 'behind'];

/** Nodes that depend on these, directly or over one another. */
const descendants = (graph: Graph, nodes: readonly number[]): ReadonlySet<number> => {
  const after = adjacency(graph);
  const found = new Set<number>();
  const todo = [...nodes];
  for (let node = todo.pop(); node !== undefined; node = todo.pop()) {
    for (const next of successorsOf(after, node)) {
      if (found.has(next)) continue;
      found.add(next);
      todo.push(next);
    }
  }
  return found;
};

interface Part {
  /** The node of the whole that each node of the part is, ascending. */
  readonly nodes: readonly number[];
  readonly part: Ordered;
}

const partOf = ({ kept, graph }: Ordered, belongs: (node: number) => boolean): Part => {
  const nodes = [...kept.keys()].filter(belongs);
  const placeOf = new Int32Array(kept.length).fill(-1);
  for (const [place, node] of nodes.entries()) placeOf[node] = place;
  const from: number[] = [];
  const to: number[] = [];
  for (let edge = 0; edge < graph.edges.from.length; edge += 1) {
    const [source, target] = [
      placeOf[graph.edges.from[edge] ?? 0] ?? -1,
      placeOf[graph.edges.to[edge] ?? 0] ?? -1,
    ];
    if (source < 0 || target < 0) continue;
    from.push(source);
    to.push(target);
  }
  const own: Graph = { size: nodes.length, edges: { from: Int32Array.from(from), to: Int32Array.from(to) } };
  const sorted = topologicalSort(own);
  return {
    nodes,
    // A part of what has an order has one, too.
    part: {
      kept: nodes.map((node) => kept[node] ?? 0),
      graph: own,
      order: isRight(sorted) ? sorted.right : [],
    },
  };
};
