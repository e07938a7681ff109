import type { PlanEdge } from '../../domain/plans/plan.js';
import type { Adjacency } from '../graph/graph.js';
import type { Staged } from './ordered-candidates.js';

/** The edges of a plan, which are added task by task, in the order of the tasks. */
export interface PlanEdges {
  /** Adds the edges that lead to the task of a node; `seq`: its number. Returns the names of the nodes that it depends on. */
  readonly addThoseTo: (node: number, seq: number) => readonly string[];
  /** All that were added. */
  readonly all: readonly PlanEdge[];
}

/** Edges between nodes with these names, none of which has been added yet. `after`: their graph by node. */
export const planEdges = (
  { graph, order, stages }: Staged,
  after: Adjacency,
  names: readonly string[],
): PlanEdges => {
  const starts = firstEdges(after);
  const required = requiredSeqs(after, order, starts);
  const firstOfStage = firstSeqs(order, stages);
  // The number of the last task that required each task.
  const requiredBy = new Int32Array(order.length + 1);
  // Room for all dependencies at once: an array that grows with each of a hundred thousand is copied a dozen times.
  const all = new Array<PlanEdge>(graph.edges.from.length);
  let count = 0;

  // The edges that lead to a node are in the order of their names.
  const addDependencies = (node: number, to: number): readonly string[] => {
    const start = starts[node] ?? 0;
    const dependsOn = new Array<string>((starts[node + 1] ?? 0) - start);
    for (let edge = 0; edge < dependsOn.length; edge += 1) {
      dependsOn[edge] = names[graph.edges.from[start + edge] ?? 0] ?? '';
      const from = required[start + edge] ?? 0;
      requiredBy[from] = to;
      all[count] = { from, reason: 'depends_on', to };
      count += 1;
    }
    return dependsOn;
  };

  /** Adds those from the stage before, where one of the two stages has one task only: otherwise there would be too many. */
  const addOrder = (stage: number, to: number): void => {
    const own = firstOfStage[stage] ?? 0;
    const before = firstOfStage[stage - 1] ?? own;
    if (own - before !== 1 && (firstOfStage[stage + 1] ?? 0) - own !== 1) return;
    for (let from = before; from < own; from += 1) {
      if (requiredBy[from] === to) continue;
      all[count] = { from, reason: 'order', to };
      count += 1;
    }
  };

  return {
    addThoseTo: (node, seq) => {
      const dependsOn = addDependencies(node, seq);
      addOrder(stages[node] ?? 0, seq);
      return dependsOn;
    },
    all,
  };
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
