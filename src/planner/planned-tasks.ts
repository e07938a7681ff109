import type { PondPath } from '../domain/paths/pond-path.js';
import type { PlanBody, PlanEdge, PlannedTask, TaskRules } from '../domain/plans/plan.js';
import { DEFAULT_QUEUE, placeOfTask, type TaskPlace } from '../domain/plans/task-place.js';
import type { Candidate } from './entries/candidate.js';
import { type Adjacency, adjacency, type Graph } from './graph/graph.js';
import { levelsOf } from './graph/parallel-batches.js';

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
  /** Names of the candidates. */
  candidateNames: readonly string[],
  blockedBy: (candidate: number) => readonly PondPath[],
): Pick<PlanBody, 'tasks' | 'batches' | 'edges'> => {
  const after = adjacency(graph);
  const levels = levelsOf(after, order, stages);
  const starts = firstEdges(after);
  const required = requiredSeqs(after, order, starts);
  const firstOfStage = firstSeqs(order, stages);
  const names = kept.map((candidate) => candidateNames[candidate] ?? '');
  // The number of the last task that required each task.
  const requiredBy = new Int32Array(order.length + 1);

  const batches: number[][] = [];
  // Room for all dependencies at once: an array that grows with each of a hundred thousand is copied a dozen times.
  const edges = new Array<PlanEdge>(graph.edges.from.length);
  let edgeCount = 0;
  const tasks = order.map((node, place): PlannedTask => {
    const {
      path,
      name,
      factory,
      retry,
      timeoutMs,
      rules,
      place: where,
    } = candidates[kept[node] ?? 0] ?? NOBODY;
    const to = place + 1;
    const batch = levels[node] ?? 0;
    const others = batches[batch];
    if (others === undefined) batches[batch] = [to];
    else others.push(to);

    // The edges that lead to a node are in the order of their names.
    const start = starts[node] ?? 0;
    const count = (starts[node + 1] ?? 0) - start;
    const dependsOn = new Array<string>(count);
    for (let edge = 0; edge < count; edge += 1) {
      dependsOn[edge] = names[graph.edges.from[start + edge] ?? 0] ?? '';
      const from = required[start + edge] ?? 0;
      requiredBy[from] = to;
      edges[edgeCount] = { from, reason: 'depends_on', to };
      edgeCount += 1;
    }
    const stage = stages[node] ?? 0;
    const own = firstOfStage[stage] ?? 0;
    const before = firstOfStage[stage - 1] ?? own;
    // Only where one of the two stages has one task only: otherwise there would be too many.
    if (own - before === 1 || (firstOfStage[stage + 1] ?? 0) - own === 1) {
      for (let from = before; from < own; from += 1) {
        if (requiredBy[from] === to) continue;
        edges[edgeCount] = { from, reason: 'order', to };
        edgeCount += 1;
      }
    }
    const blocked_by = blockedBy(kept[node] ?? 0);
    if (saysNoMore(rules, where)) {
      return {
        batch,
        blocked_by,
        config_path: path,
        depends_on: dependsOn,
        execution_seq: to,
        factory,
        name,
        retry,
        stage,
        timeout_ms: timeoutMs,
      };
    }
    return {
      batch,
      blocked_by,
      config_path: path,
      depends_on: dependsOn,
      ...(rules.derived ? DERIVED : NOTHING),
      execution_seq: to,
      factory,
      ...(where.host === null ? NOTHING : { host: where.host }),
      ...(rules.ifSuperseded === 'run' ? NOTHING : { if_superseded: rules.ifSuperseded }),
      name,
      ...(where.queue === DEFAULT_QUEUE ? NOTHING : { queue: where.queue }),
      retry,
      ...(rules.runWhen === 'success' ? NOTHING : { run_when: rules.runWhen }),
      stage,
      timeout_ms: timeoutMs,
      ...(rules.waitsFor === 'all' ? WAITS_FOR_ALL : NOTHING),
    };
  });
  return { tasks, batches, edges };
};

/** Tells whether a task has only what all tasks have. Most do, and objects that are put together take much longer to make. */
const saysNoMore = (
  { derived, ifSuperseded, runWhen, waitsFor }: TaskRules,
  { host, queue }: TaskPlace,
): boolean =>
  !derived &&
  ifSuperseded === 'run' &&
  runWhen === 'success' &&
  waitsFor !== 'all' &&
  host === null &&
  queue === DEFAULT_QUEUE;

// What is not said is not there.
const NOTHING = {};
const DERIVED = { derived: true } as const;
const WAITS_FOR_ALL = { waits_for: 'all' } as const;

const NO_RULES: TaskRules = {
  derived: false,
  ifSuperseded: 'run',
  runWhen: 'success',
  waitsFor: 'depends_on',
};

/** Every node has its candidate; this is here for the types. */
const NOBODY: Candidate = {
  path: '/' as PondPath,
  name: '',
  factory: '',
  retry: null,
  timeoutMs: null,
  dependsOn: [],
  rules: NO_RULES,
  place: placeOfTask({}),
};

/** Index at which the edges that lead to each node begin. */
const firstEdges = ({ waitingFor }: Adjacency): Int32Array => {
  const starts = new Int32Array(waitingFor.length + 1);
  for (let node = 0; node < waitingFor.length; node += 1) {
    starts[node + 1] = (starts[node] ?? 0) + (waitingFor[node] ?? 0);
  }
  return starts;
};

/** Numbers, for each node, of the tasks that it requires, ascending: where the edges are that lead to it. */
const requiredSeqs = (after: Adjacency, order: readonly number[], starts: Int32Array): Int32Array => {
  const seqs = new Int32Array(after.targets.length);
  const next = starts.slice();
  let seq = 0;
  for (const node of order) {
    seq += 1;
    const end = after.starts[node + 1] ?? 0;
    for (let edge = after.starts[node] ?? 0; edge < end; edge += 1) {
      const target = after.targets[edge] ?? 0;
      const place = next[target] ?? 0;
      seqs[place] = seq;
      next[target] = place + 1;
    }
  }
  return seqs;
};

/** The number of the first task of each stage, and behind the last stage the one that would come next. */
const firstSeqs = (order: readonly number[], stages: Int32Array): readonly number[] => {
  const first: number[] = [];
  for (let place = 0; place < order.length; place += 1) {
    // A stage without tasks begins where the next one does.
    while (first.length <= (stages[order[place] ?? 0] ?? 0)) first.push(place + 1);
  }
  first.push(order.length + 1);
  return first;
};
