/** A directed graph over the nodes `0 .. size - 1`. An edge `from -> to` says that `from` comes before `to`. */
export interface Graph {
  readonly size: number;
  readonly edges: readonly { readonly from: number; readonly to: number }[];
}

/** A graph by node. The successors of `n` are `targets` from `starts[n]` up to, without, `starts[n + 1]`. */
export interface Adjacency {
  readonly starts: Int32Array;
  readonly targets: Int32Array;
  /** The number of edges that lead to each node. */
  readonly waitingFor: Int32Array;
}

/** Successors of each node, in the order of the edges. Edges from or to what is no node are as if they came from nowhere. */
export const adjacency = ({ size, edges }: Graph): Adjacency => {
  const starts = new Int32Array(size + 1);
  const waitingFor = new Int32Array(size);
  for (const { from, to } of edges) {
    if (from >= 0 && from < size) starts[from + 1] = (starts[from + 1] ?? 0) + 1;
    waitingFor[to] = (waitingFor[to] ?? 0) + 1;
  }
  for (let node = 0; node < size; node += 1) starts[node + 1] = (starts[node + 1] ?? 0) + (starts[node] ?? 0);
  const targets = new Int32Array(starts[size] ?? 0);
  const next = starts.slice();
  for (const { from, to } of edges) {
    if (from < 0 || from >= size) continue;
    const place = next[from] ?? 0;
    targets[place] = to;
    next[from] = place + 1;
  }
  return { starts, targets, waitingFor };
};

/** The same graph with every edge turned round. */
export const turnedRound = ({ size, edges }: Graph): Graph => ({
  size,
  edges: edges.map(({ from, to }) => ({ from: to, to: from })),
});

/** The successors of one node. */
export const successorsOf = ({ starts, targets }: Adjacency, node: number): Int32Array =>
  targets.subarray(starts[node] ?? 0, starts[node + 1] ?? 0);
