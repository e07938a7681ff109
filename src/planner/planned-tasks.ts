import type { PlanBody, PlanEdge, PlannedTask } from '../domain/plan.js';
import type { PondPath } from '../domain/pond-path.js';
import type { Candidate } from './candidate.js';
import type { Graph } from './graph.js';
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
  const orderBefore = orderEdges(order, stages);

  const edges: PlanEdge[] = [];
  const tasks = order.map((node): PlannedTask => {
    const { path, name, factory, retry, timeoutMs } = candidates[kept[node] ?? 0] ?? NOBODY;
    const seqs: number[] = [];
    const names: string[] = [];
    // In the order of their names: that is how the edges were put in.
    for (let place = starts[node] ?? 0; place < (starts[node + 1] ?? 0); place += 1) {
      const dependency = graph.edges[place]?.from ?? 0;
      seqs.push(seq(dependency));
      names.push(candidates[kept[dependency] ?? 0]?.name ?? '');
    }
    if (seqs.length > 1) seqs.sort((a, b) => a - b);
    for (const from of seqs) edges.push({ from, reason: 'depends_on', to: seq(node) });
    const before = orderBefore(node);
    if (before.length > 0) {
      const required = new Set(seqs);
      for (const other of before) {
        if (!required.has(seq(other))) edges.push({ from: seq(other), reason: 'order', to: seq(node) });
      }
    }
    return {
      batch: batchOf[node] ?? 0,
      blocked_by: blockedBy(kept[node] ?? 0),
      config_path: path,
      depends_on: names,
      execution_seq: seq(node),
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
  for (const { to } of edges) starts[to + 1] = (starts[to + 1] ?? 0) + 1;
  for (let node = 0; node < size; node += 1) starts[node + 1] = (starts[node + 1] ?? 0) + (starts[node] ?? 0);
  return starts;
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
