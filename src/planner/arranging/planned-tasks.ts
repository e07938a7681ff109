import { type PondPath, ROOT } from '../../domain/paths/pond-path.js';
import type { PlanBody, PlannedTask } from '../../domain/plans/plan.js';
import { placeOfTask } from '../../domain/plans/task-place.js';
import type { Candidate } from '../entries/candidate.js';
import { adjacency } from '../graph/graph.js';
import { levelsOf } from '../graph/parallel-batches.js';
import type { Staged } from './ordered-candidates.js';
import { planEdges } from './plan-edges.js';
import { type PlainTask, saysNoMore, withWords } from './words-of-task.js';

/** The tasks of a plan, numbered, with their batches and edges. `blockersOf`: rejected entries that a candidate depends on. */
export const plannedTasks = (
  staged: Staged,
  candidates: readonly Candidate[],
  candidateNames: readonly string[],
  blockersOf: (candidate: number) => readonly PondPath[],
): Pick<PlanBody, 'tasks' | 'batches' | 'edges'> => {
  const { kept, graph, order, stages } = staged;
  const after = adjacency(graph);
  const levels = levelsOf(after, order, stages);
  const names = kept.map((candidate) => candidateNames[candidate] ?? '');
  const edges = planEdges(staged, after, names);

  const batches: number[][] = [];
  const tasks = order.map((node, at): PlannedTask => {
    const candidate = kept[node] ?? 0;
    const { path, name, factory, retry, timeoutMs, rules, place } = candidates[candidate] ?? NOBODY;
    const execution_seq = at + 1;
    const batch = levels[node] ?? 0;
    const others = batches[batch];
    if (others === undefined) batches[batch] = [execution_seq];
    else others.push(execution_seq);
    const task: PlainTask = {
      batch,
      blocked_by: blockersOf(candidate),
      config_path: path,
      depends_on: edges.addThoseTo(node, execution_seq),
      execution_seq,
      factory,
      name,
      retry,
      stage: stages[node] ?? 0,
      timeout_ms: timeoutMs,
    };
    return saysNoMore(rules, place) ? task : withWords(task, rules, place);
  });
  return { tasks, batches, edges: edges.all };
};

/** Every node has its candidate; this is here for the types. */
const NOBODY: Candidate = {
  path: ROOT,
  name: '',
  factory: '',
  retry: null,
  timeoutMs: null,
  dependsOn: [],
  rules: { derived: false, ifSuperseded: 'run', runWhen: 'success', waitsFor: 'depends_on' },
  place: placeOfTask({}),
};
