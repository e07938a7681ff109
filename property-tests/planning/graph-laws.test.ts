import * as fc from 'fast-check';
import { isRight, right } from 'fp-ts/lib/Either.js';
import { cyclesOf } from '../../src/planner/graph/cycles-of.js';
import { findCycle } from '../../src/planner/graph/find-cycle.js';
import { parallelBatches } from '../../src/planner/graph/parallel-batches.js';
import { topologicalSort } from '../../src/planner/graph/topological-sort.js';
import { acyclicGraph, anyGraph, graphOf, type Pairs } from '../../test/planner/arbitrary-graph.js';
import { testLaw } from '../../test/planner/law.js';

type Sort = (graph: Pairs) => ReturnType<typeof topologicalSort>;
type Find = (graph: Pairs) => readonly number[];
type Batch = (graph: Pairs, order: readonly number[]) => readonly (readonly number[])[];

const sortPairs: Sort = (graph) => topologicalSort(graphOf(graph));
const findIn: Find = (graph) => findCycle(graphOf(graph));
const batchesOf: Batch = (graph, order) => parallelBatches(graphOf(graph), order);

const isPermutation = (order: readonly number[], size: number): boolean =>
  order.length === size && new Set(order).size === size && order.every((node) => node >= 0 && node < size);

const respects = (order: readonly number[], { edges }: Pairs): boolean =>
  edges.every(({ from, to }) => order.indexOf(from) < order.indexOf(to));

const orderRespectsEdges = (sort: Sort) =>
  fc.property(acyclicGraph, (graph) => {
    const sorted = sort(graph);
    return isRight(sorted) && isPermutation(sorted.right, graph.size) && respects(sorted.right, graph);
  });

/** The definition, without thought of time: again and again the smallest node that waits for nothing left. */
const naiveSort = ({ size, edges }: Pairs): readonly number[] => {
  const order: number[] = [];
  const nodes = [...Array(size).keys()];
  for (;;) {
    const next = nodes.find(
      (node) => !order.includes(node) && edges.every(({ from, to }) => to !== node || order.includes(from)),
    );
    if (next === undefined) return order;
    order.push(next);
  }
};

const orderIsSmallest = (sort: Sort) =>
  fc.property(acyclicGraph, (graph) => {
    const sorted = sort(graph);
    return isRight(sorted) && JSON.stringify(sorted.right) === JSON.stringify(naiveSort(graph));
  });

const isCycleOf = (nodes: readonly number[], { edges }: Pairs): boolean =>
  nodes.length >= 2 &&
  nodes[0] === nodes.at(-1) &&
  new Set(nodes).size === nodes.length - 1 &&
  nodes.slice(1).every((to, index) => edges.some((edge) => edge.from === nodes[index] && edge.to === to));

/** A cycle exists exactly when the definition cannot place every node. */
const cyclesAreCycles = (find: Find) =>
  fc.property(anyGraph, (graph) => {
    const found = find(graph);
    return naiveSort(graph).length === graph.size ? found.length === 0 : isCycleOf(found, graph);
  });

const sortAnswersCycles = (sort: Sort) =>
  fc.property(anyGraph, (graph) => {
    const sorted = sort(graph);
    return isRight(sorted)
      ? naiveSort(graph).length === graph.size
      : isCycleOf(sorted.left.nodes, graph) && naiveSort(graph).length < graph.size;
  });

const edgesMayBePermuted = (sort: Sort) =>
  fc.property(
    acyclicGraph.chain(({ size, edges }) =>
      fc
        .shuffledSubarray([...edges], { minLength: edges.length })
        .map((shuffled) => ({ size, edges, shuffled })),
    ),
    ({ size, edges, shuffled }) =>
      JSON.stringify(sort({ size, edges })) === JSON.stringify(sort({ size, edges: shuffled })),
  );

const batchesAreLevels = (batch: Batch) =>
  fc.property(acyclicGraph, (graph) => {
    const order = naiveSort(graph);
    const batches = batch(graph, order);
    const levelOf = new Map(batches.flatMap((nodes, level) => nodes.map((node) => [node, level] as const)));
    const level = (node: number): number => levelOf.get(node) ?? Number.NaN;
    return (
      isPermutation(batches.flat(), graph.size) &&
      order.every((node) => {
        const before = graph.edges.filter(({ to }) => to === node).map(({ from }) => level(from));
        return level(node) === Math.max(-1, ...before) + 1;
      })
    );
  });

type Cycles = (graph: Pairs) => ReadonlyMap<number, readonly number[]>;
const cyclesIn: Cycles = (graph) => cyclesOf(graphOf(graph));

/** Whether a way leads from one node to another: what is reached grows until it does not. */
const reaches = ({ edges }: Pairs, from: number, to: number): boolean => {
  const reached = new Set(edges.filter((edge) => edge.from === from).map((edge) => edge.to));
  for (const node of reached) for (const edge of edges) if (edge.from === node) reached.add(edge.to);
  return reached.has(to);
};

const cyclesAreOfTheirNodes = (cycles: Cycles) =>
  fc.property(anyGraph, (graph) => {
    const found = cycles(graph);
    return [...Array(graph.size).keys()].every((node) => {
      const cycle = found.get(node);
      if (!reaches(graph, node, node)) return cycle === undefined;
      return cycle?.includes(node) && isCycleOf(cycle, graph) && cycle[0] === Math.min(...cycle);
    });
  });

// Each law, and that it can fail.

testLaw('an order respects every edge', orderRespectsEdges, sortPairs, {
  'a sort that drops an edge': ({ size, edges }) => sortPairs({ size, edges: edges.slice(1) }),
});

testLaw('an order is the lexicographically smallest one', orderIsSmallest, sortPairs, {
  'a sort that goes level by level': (graph) => right(batchesOf(graph, naiveSort(graph)).flat()),
});

testLaw('a reported cycle is a cycle, and only a graph with one has one reported', cyclesAreCycles, findIn, {
  'a search that forgets to close the cycle': (graph) => findIn(graph).slice(0, -1),
  'a search that takes whatever leads to a cycle for it': (graph) => {
    const [first] = graph.edges;
    const cycle = findIn(graph);
    return first === undefined || cycle.length === 0 ? cycle : [first.from, ...cycle];
  },
});

testLaw('a sort returns either an order or a cycle of the graph', sortAnswersCycles, sortPairs, {
  'a sort that leaves out what it cannot place': (graph) => right(naiveSort(graph)),
});

testLaw('permuting the edges changes no order', edgesMayBePermuted, sortPairs, {
  'a sort that begins where the first edge begins': (graph) => {
    const first = graph.edges.slice(0, 1).map(({ from }) => from);
    return right([...first, ...naiveSort(graph).filter((node) => !first.includes(node))]);
  },
});

testLaw('batches partition the nodes into the levels of the graph', batchesAreLevels, batchesOf, {
  'levels that forget an edge': ({ size, edges }, order) => batchesOf({ size, edges: edges.slice(1) }, order),
  'levels of one node each': (_graph, order) => order.map((node) => [node]),
});

testLaw('a node has a cycle exactly when it lies on one', cyclesAreOfTheirNodes, cyclesIn, {
  'one that takes what a cycle leads to for a member': (graph) => {
    const found = cyclesIn(graph);
    const [first] = found.values();
    const behind = graph.edges.filter(({ from }) => found.has(from)).map(({ to }) => to);
    return new Map([...behind.map((node) => [node, found.get(node) ?? first ?? []] as const), ...found]);
  },
  'one that knows a single cycle': (graph) => {
    const cycle = findIn(graph);
    return new Map(cycle.map((node) => [node, cycle]));
  },
});
