import type { Graph } from '../graph/graph.js';

/** The candidates that are left, as nodes without gaps, in the same order. */
export interface Ordered {
  /** The candidate of each node, ascending. */
  readonly kept: readonly number[];
  /** Dependencies; the edges that lead to a node stand together, nodes ascending. */
  readonly graph: Graph;
  /** The nodes in a topological order: the lexicographically smallest one, of the whole or stage by stage. */
  readonly order: readonly number[];
}

/** Candidates in their final order. */
export interface Staged extends Ordered {
  /** The stage of each node. */
  readonly stages: Int32Array;
}
