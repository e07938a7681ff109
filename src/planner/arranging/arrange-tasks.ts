import { isRight } from 'fp-ts/lib/Either.js';
import type { PondPath } from '../../domain/paths/pond-path.js';
import type { EntryError, PlanBody } from '../../domain/plans/plan.js';
import { compareUtf8 } from '../../domain/text/bytes-order.js';
import type { Arrangement, Bystander, Candidate } from '../entries/candidate.js';
import { entryNames } from '../entries/entry-names.js';
import {
  type Dependencies,
  dependenciesOf,
  findDependencies,
  findGroups,
  type Groups,
} from '../entries/find-names.js';
import type { Schedule } from '../entries/schedule.js';
import { cyclesOf } from '../graph/cycles-of.js';
import { edgesOf } from '../graph/graph.js';
import { contradictions } from '../graph/group-stages.js';
import { topologicalSort } from '../graph/topological-sort.js';
import { inLastStage, type PartOfPlan } from './last-stage.js';
import type { Ordered } from './ordered-candidates.js';
import { plannedTasks } from './planned-tasks.js';
import { type Rejections, rejectionsOf } from './rejections.js';
import { groupingOf, stagesOf } from './stages-of.js';

/** Tasks in order, and the candidates that could not become tasks. */
export interface Arranged extends Pick<PlanBody, 'tasks' | 'batches' | 'edges' | 'warnings'> {
  readonly rejected: ReadonlyMap<PondPath, readonly EntryError[]>;
}

/** Orders candidates by their dependencies and the schedule. Who cannot be ordered is rejected; all the others go on. */
export const arrangeTasks = (arrangement: Arrangement): Arranged => {
  const { candidates, bystanders, schedule } = arrangement;
  const rejections = rejectionsOf(candidates);
  const names = namesOf(candidates, bystanders);
  const find = entryNames(names);
  const dependencies = findDependencies(arrangement, names, find, rejections.reject);
  const groups = ungrouped(findGroups(arrangement, names, find, rejections.reject), candidates);

  const acyclic = rejectCycles(candidates, dependencies, rejections);
  const ordered =
    schedule.kind === 'groups'
      ? rejectContradictions(acyclic, candidates, dependencies, groups, rejections)
      : acyclic;
  const staged = inLastStage(
    ordered,
    (node) => candidates[ordered.kept[node] ?? -1]?.rules.waitsFor === 'all',
    (ordered, part) => stagesOf(ordered, kindWithin(part, schedule.kind), groups, names),
  );
  return {
    ...plannedTasks(staged, candidates, names, blockersOf(arrangement, dependencies, rejections)),
    warnings: groups.warnings,
    rejected: rejections.byPath(),
  };
};

/** Names of candidates, then of bystanders. Each pass over a hundred thousand candidates waits for memory, so this is one. */
const namesOf = (
  candidates: readonly Pick<Candidate, 'name'>[],
  bystanders: readonly Pick<Bystander, 'name'>[],
): readonly string[] => {
  const names = new Array<string>(candidates.length + bystanders.length);
  for (let at = 0; at < candidates.length; at += 1) names[at] = candidates[at]?.name ?? '';
  for (let at = 0; at < bystanders.length; at += 1)
    names[candidates.length + at] = bystanders[at]?.name ?? '';
  return names;
};

/** Takes those that wait for everything out of the groups, whatever the schedule says: they come after all of them. */
const ungrouped = (groups: Groups, candidates: readonly Candidate[]): Groups =>
  groups.groupNames.length === 0
    ? groups
    : {
        ...groups,
        groupOf: groups.groupOf.map((group, candidate) =>
          candidates[candidate]?.rules.waitsFor === 'all' ? -1 : group,
        ),
      };

/** Rejects every member of a cycle, with the way round that it is on. */
const rejectCycles = (
  candidates: readonly Candidate[],
  dependencies: Dependencies,
  rejections: Rejections,
): Ordered => {
  const first = ordered(dependencies, rejections);
  if (first !== null) return first;
  const { kept, graph } = graphOfKept(dependencies, rejections);
  for (const [node, cycle] of cyclesOf(graph)) {
    // Edges lead from a dependency to its dependents; people read a -> b as "a depends on b".
    const names = cycle.toReversed().map((member) => candidates[kept[member] ?? -1]?.name ?? '');
    rejections.reject(kept[node] ?? -1, { _tag: 'CyclicDependency', cycle: names });
  }
  return ordered(dependencies, rejections) ?? EMPTY;
};

const rejectContradictions = (
  acyclic: Ordered,
  candidates: readonly Candidate[],
  dependencies: Dependencies,
  groups: Groups,
  rejections: Rejections,
): Ordered => {
  const found = contradictions(groupingOf(acyclic, groups, []));
  const nameOf = (node: number): string => candidates[acyclic.kept[node] ?? -1]?.name ?? '';
  for (const { dependency, dependent, concerned } of found) {
    for (const node of concerned) {
      rejections.reject(acyclic.kept[node] ?? -1, {
        _tag: 'GroupContradiction',
        dependency: nameOf(dependency),
        dependent: nameOf(dependent),
      });
    }
  }
  return found.length === 0 ? acyclic : (ordered(dependencies, rejections) ?? EMPTY);
};

/** The candidates that are not rejected, in order; null where their dependencies go round in a circle. */
const ordered = (dependencies: Dependencies, rejections: Rejections): Ordered | null => {
  const left = graphOfKept(dependencies, rejections);
  const sorted = topologicalSort(left.graph);
  return isRight(sorted) ? { ...left, order: sorted.right } : null;
};

const graphOfKept = (dependencies: Dependencies, rejections: Rejections): Omit<Ordered, 'order'> => {
  const candidates = dependencies.starts.length - 1;
  const nodeOf = new Int32Array(candidates).fill(-1);
  const kept: number[] = [];
  for (let candidate = 0; candidate < candidates; candidate += 1) {
    if (rejections.has(candidate)) continue;
    nodeOf[candidate] = kept.length;
    kept.push(candidate);
  }
  const from = new Int32Array(dependencies.entries.length);
  const to = new Int32Array(dependencies.entries.length);
  let count = 0;
  for (let node = 0; node < kept.length; node += 1) {
    const candidate = kept[node] ?? 0;
    const end = dependencies.starts[candidate + 1] ?? 0;
    for (let at = dependencies.starts[candidate] ?? 0; at < end; at += 1) {
      // Neither bystanders nor who is rejected.
      const other = nodeOf[dependencies.entries[at] ?? 0] ?? -1;
      if (other < 0) continue;
      from[count] = other;
      to[count] = node;
      count += 1;
    }
  }
  return {
    kept,
    graph: { size: kept.length, edges: { from: from.subarray(0, count), to: to.subarray(0, count) } },
  };
};

/** A graph without its cycles has an order; this is here for the types. */
const EMPTY: Ordered = { kept: [], graph: { size: 0, edges: edgesOf([]) }, order: [] };

/** Those that wait for everything are in no group, so that they run side by side where groups do. */
const kindWithin = (part: PartOfPlan, kind: Schedule['kind']): Schedule['kind'] =>
  part === 'waiting' && kind === 'groups' ? 'graph' : kind;

/** The rejected entries that each candidate depends on. */
const blockersOf = (
  { candidates, bystanders }: Arrangement,
  dependencies: Dependencies,
  rejections: Rejections,
): ((candidate: number) => readonly PondPath[]) => {
  const isBlocker = (entry: number): boolean =>
    entry < candidates.length
      ? rejections.has(entry)
      : bystanders[entry - candidates.length]?.fate === 'rejected';
  const mayBlock = rejections.any() || bystanders.some(({ fate }) => fate === 'rejected');
  return (candidate) => {
    if (!mayBlock) return NO_PATHS;
    const blocking = [...dependenciesOf(dependencies, candidate)].filter(isBlocker);
    if (blocking.length === 0) return NO_PATHS;
    return blocking
      .flatMap((entry) => (candidates[entry] ?? bystanders[entry - candidates.length])?.path ?? [])
      .sort(compareUtf8);
  };
};

const NO_PATHS: readonly PondPath[] = [];
