import * as fc from 'fast-check';
import { edgesOf, type Graph } from '../../src/planner/graph/graph.js';

/** A graph as tests speak of it: its edges one by one. */
export interface Pairs {
  readonly size: number;
  readonly edges: readonly { readonly from: number; readonly to: number }[];
}

export const graphOf = ({ size, edges }: Pairs): Graph => ({ size, edges: edgesOf(edges) });

/** Any graph, cycles, loops and repeated edges included. */
export const anyGraph: fc.Arbitrary<Pairs> = fc.integer({ min: 1, max: 9 }).chain((size) => {
  const node = fc.integer({ min: 0, max: size - 1 });
  return fc.array(fc.record({ from: node, to: node }), { maxLength: 14 }).map((edges) => ({ size, edges }));
});

/** A graph without cycles whose nodes are not numbered in a topological order. */
export const acyclicGraph: fc.Arbitrary<Pairs> = anyGraph.chain(({ size, edges }) =>
  fc.shuffledSubarray([...Array(size).keys()], { minLength: size }).map((rank) => ({
    size,
    edges: edges
      .filter(({ from, to }) => from !== to)
      .map(({ from, to }) => {
        const [a = 0, b = 0] = [rank[Math.min(from, to)], rank[Math.max(from, to)]];
        return { from: a, to: b };
      }),
  })),
);
