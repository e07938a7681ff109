import type { PlanBody, PlanEdge, PlannedTask } from '../domain/plan.js';
import type { PondPath } from '../domain/pond-path.js';
import type { Candidate } from './candidate.js';
import { adjacency, type Graph } from './graph.js';
import { parallelBatches } from './parallel-batches.js';

/** Candidates in their final order. */
export interface Staged {
  /** The candidate of each node, ascending. */
  readonly kept: readonly number[];
  /** Dependencies; the edges that lead to a node stand together, nodes ascending. */
  readonly graph: Graph;
  /** The nodes in the order of the tasks. */
  readonly order: readonly number[];
  /** The stage of each node. */
  readonly stages: Int32Array;
}

/** The tasks of a plan, numbered, with their batches and edges. */
export const plannedTasks = (
  { kept, graph, order, stages }: Staged,
  candidates: readonly Candidate[],
  blockedBy: (candidate: number) => readonly PondPath[],
): Pick<PlanBody, 'tasks' | 'batches' | 'edges'> => {
  const seqOf = new Int32Array(kept.length);
  order.forEach((node, place) => {
    seqOf[node] = place + 1;
  });
  const seq = (node: number): number => seqOf[node] ?? 0;
  const batches = parallelBatches(graph, order, (node) => stages[node] ?? 0);
  const batchOf = new Int32Array(kept.length);
  batches.forEach((nodes, batch) => {
    for (const node of nodes) batchOf[node] = batch;
  });
  const starts = firstEdges(graph);
  const required = requiredSeqs(graph, order, starts);
  const orderBefore = orderEdges(order, stages);

  const nameOf = kept.map((candidate) => candidates[candidate]?.name ?? '');
  // The node that was the last to require each node.
  const requiredBy = new Int32Array(kept.length).fill(-1);
  const edges: PlanEdge[] = [];
  const tasks = order.map((node): PlannedTask => {
    const { path, name, factory, retry, timeoutMs } = candidates[kept[node] ?? 0] ?? NOBODY;
    const to = seq(node);
    // The edges that lead to a node are in the order of their names.
    const start = starts[node] ?? 0;
    const count = (starts[node + 1] ?? 0) - start;
    const names = new Array<string>(count);
    for (let place = 0; place < count; place += 1) {
      const dependency = graph.edges.from[start + place] ?? 0;
      names[place] = nameOf[dependency] ?? '';
      requiredBy[dependency] = node;
      edges.push({ from: required[start + place] ?? 0, reason: 'depends_on', to });
    }
    for (const other of orderBefore(node)) {
      if (requiredBy[other] !== node) edges.push({ from: seq(other), reason: 'order', to });
    }
    return {
      batch: batchOf[node] ?? 0,
      blocked_by: blockedBy(kept[node] ?? 0),
      config_path: path,
      depends_on: names,
      execution_seq: to,
      factory,
      name,
      retry,
      stage: stages[node] ?? 0,
      timeout_ms: timeoutMs,
    };
  });
  return { tasks, batches: batches.map((nodes) => nodes.map(seq)), edges };
};

/** Every node has its candidate; this is here for the types. */
const NOBODY: Candidate = {
  path: '/' as PondPath,
  name: '',
  factory: '',
  retry: null,
  timeoutMs: null,
  dependsOn: [],
};

/** Where the edges that lead to each node begin. */
const firstEdges = ({ size, edges }: Graph): Int32Array => {
  const starts = new Int32Array(size + 1);
  for (const to of edges.to) starts[to + 1] = (starts[to + 1] ?? 0) + 1;
  for (let node = 0; node < size; node += 1) starts[node + 1] = (starts[node + 1] ?? 0) + (starts[node] ?? 0);
  return starts;
};

/** For each node the numbers of the tasks that it requires, ascending: where the edges are that lead to it. */
const requiredSeqs = (graph: Graph, order: readonly number[], starts: Int32Array): Int32Array => {
  const { starts: begin, targets } = adjacency(graph);
  const seqs = new Int32Array(graph.edges.to.length);
  const next = starts.slice();
  let seq = 0;
  for (const node of order) {
    seq += 1;
    const end = begin[node + 1] ?? 0;
    for (let edge = begin[node] ?? 0; edge < end; edge += 1) {
      const place = next[targets[edge] ?? 0] ?? 0;
      seqs[place] = seq;
      next[targets[edge] ?? 0] = place + 1;
    }
  }
  return seqs;
};

const NONE: readonly number[] = [];

/** The nodes of the stage before that order alone puts before a node: where one of the two stages has one node only. */
const orderEdges = (order: readonly number[], stages: Int32Array): ((node: number) => readonly number[]) => {
  const members: number[][] = [];
  for (const node of order) {
    const stage = stages[node] ?? 0;
    const known = members[stage];
    if (known === undefined) members[stage] = [node];
    else known.push(node);
  }
  return (node) => {
    const stage = stages[node] ?? 0;
    const before = members[stage - 1] ?? NONE;
    return before.length <= 1 || members[stage]?.length === 1 ? before : NONE;
  };
};
