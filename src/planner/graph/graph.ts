/** A directed graph over the nodes `0 .. size - 1`. An edge `from -> to` says that `from` comes before `to`. */
export interface Graph {
  readonly size: number;
  readonly edges: Edges;
}

/** Edges by number: the one called `e` leads from `from[e]` to `to[e]`. (Not objects, because there are many.) */
export interface Edges {
  readonly from: Int32Array;
  readonly to: Int32Array;
}

/** Edges that are given one by one. */
export const edgesOf = (pairs: readonly { readonly from: number; readonly to: number }[]): Edges => {
  const from = new Int32Array(pairs.length);
  const to = new Int32Array(pairs.length);
  for (const [edge, pair] of pairs.entries()) {
    from[edge] = pair.from;
    to[edge] = pair.to;
  }
  return { from, to };
};

/** A graph by node. The successors of `n` are `targets` from `starts[n]` up to, without, `starts[n + 1]`. */
export interface Adjacency {
  readonly starts: Int32Array;
  readonly targets: Int32Array;
  /** The number of edges that lead to each node. */
  readonly waitingFor: Int32Array;
}

/** Successors of each node, in the order of the edges. Edges from or to what is not a node are as if they came from nowhere. */
export const adjacency = ({ size, edges }: Graph): Adjacency => {
  const starts = new Int32Array(size + 1);
  const waitingFor = new Int32Array(size);
  for (let edge = 0; edge < edges.from.length; edge += 1) {
    const from = at(edges.from, edge);
    const to = at(edges.to, edge);
    if (from >= 0 && from < size) starts[from + 1] = at(starts, from + 1) + 1;
    waitingFor[to] = at(waitingFor, to) + 1;
  }
  for (let node = 0; node < size; node += 1) starts[node + 1] = at(starts, node + 1) + at(starts, node);
  const targets = new Int32Array(at(starts, size));
  const next = starts.slice();
  for (let edge = 0; edge < edges.from.length; edge += 1) {
    const from = at(edges.from, edge);
    if (from < 0 || from >= size) continue;
    const place = at(next, from);
    targets[place] = at(edges.to, edge);
    next[from] = place + 1;
  }
  return { starts, targets, waitingFor };
};

const at = (array: Int32Array, index: number): number => array[index] ?? 0;

/** The same graph with every edge turned round. */
export const turnedRound = ({ size, edges }: Graph): Graph => ({
  size,
  edges: { from: edges.to, to: edges.from },
});

/** The successors of one node. */
export const successorsOf = ({ starts, targets }: Adjacency, node: number): Int32Array =>
  targets.subarray(starts[node] ?? 0, starts[node + 1] ?? 0);
