import { isRight } from 'fp-ts/lib/Either.js';
import { compareUtf8 } from '../domain/documents/bytes-order.js';
import type { PondPath } from '../domain/paths/pond-path.js';
import type { EntryError, PlanBody } from '../domain/plans/plan.js';
import type { Arrangement, Bystander, Candidate } from './entries/candidate.js';
import { entryNames } from './entries/entry-names.js';
import { findDependencies, findGroups, type Groups, type Wishes, wishesOf } from './entries/find-names.js';
import type { Schedule } from './entries/schedule.js';
import { cyclesOf } from './graph/cycles-of.js';
import { edgesOf, type Graph } from './graph/graph.js';
import { contradictions, type Grouping, groupStages } from './graph/group-stages.js';
import { topologicalSort } from './graph/topological-sort.js';
import { inLastStage, type Ordered, type PartOfPlan } from './last-stage.js';
import { plannedTasks, type Staged } from './planned-tasks.js';

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
  const wishes = findDependencies(arrangement, names, find, rejections.reject);
  const groups = ungrouped(findGroups(arrangement, names, find, rejections.reject), candidates);

  const acyclic = rejectCycles(candidates, wishes, rejections);
  const ordered =
    schedule.kind === 'groups'
      ? rejectContradictions(acyclic, candidates, wishes, groups, rejections)
      : acyclic;
  return {
    ...plannedTasks(
      inLastStage(
        ordered,
        (node) => candidates[ordered.kept[node] ?? -1]?.rules.waitsFor === 'all',
        (ordered, part) => stagesOf(ordered, kindWithin(part, schedule.kind), groups, names),
      ),
      candidates,
      names,
      blockersOf(arrangement, wishes, rejections),
    ),
    warnings: groups.warnings,
    rejected: rejections.byPath(),
  };
};

/** Each pass over a hundred thousand candidates waits for memory: what is asked of them is asked together, or only where it can matter. */
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

/** Candidates that cannot run, with what is wrong with them. */
interface Rejections {
  readonly reject: (candidate: number, error: EntryError) => void;
  readonly has: (candidate: number) => boolean;
  readonly any: () => boolean;
  readonly byPath: () => ReadonlyMap<PondPath, readonly EntryError[]>;
}

const rejectionsOf = (candidates: readonly Candidate[]): Rejections => {
  const errors = new Map<number, EntryError[]>();
  return {
    reject: (candidate, error) => {
      const known = errors.get(candidate);
      if (known === undefined) errors.set(candidate, [error]);
      else known.push(error);
    },
    has: (candidate) => errors.has(candidate),
    any: () => errors.size > 0,
    byPath: () =>
      new Map(
        [...errors].flatMap(([candidate, own]) => {
          const path = candidates[candidate]?.path;
          return path === undefined ? [] : [[path, own] as const];
        }),
      ),
  };
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

const graphOfKept = (wishes: Wishes, rejections: Rejections): Omit<Ordered, 'order'> => {
  const candidates = wishes.starts.length - 1;
  const nodeOf = new Int32Array(candidates).fill(-1);
  const kept: number[] = [];
  for (let candidate = 0; candidate < candidates; candidate += 1) {
    if (rejections.has(candidate)) continue;
    nodeOf[candidate] = kept.length;
    kept.push(candidate);
  }
  const from = new Int32Array(wishes.entries.length);
  const to = new Int32Array(wishes.entries.length);
  let count = 0;
  for (let node = 0; node < kept.length; node += 1) {
    const candidate = kept[node] ?? 0;
    const end = wishes.starts[candidate + 1] ?? 0;
    for (let wish = wishes.starts[candidate] ?? 0; wish < end; wish += 1) {
      // Neither bystanders nor who is rejected.
      const other = nodeOf[wishes.entries[wish] ?? 0] ?? -1;
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

const ordered = (wishes: Wishes, rejections: Rejections): Ordered | null => {
  const left = graphOfKept(wishes, rejections);
  const sorted = topologicalSort(left.graph);
  return isRight(sorted) ? { ...left, order: sorted.right } : null;
};

/** Rejects every member of a cycle, with the way round that it is on. */
const rejectCycles = (candidates: readonly Candidate[], wishes: Wishes, rejections: Rejections): Ordered => {
  const first = ordered(wishes, rejections);
  if (first !== null) return first;
  const { kept, graph } = graphOfKept(wishes, rejections);
  for (const [node, cycle] of cyclesOf(graph)) {
    // Edges lead from a dependency to its dependents; people read a -> b as "a depends on b".
    const names = cycle.toReversed().map((member) => candidates[kept[member] ?? -1]?.name ?? '');
    rejections.reject(kept[node] ?? -1, { _tag: 'CyclicDependency', cycle: names });
  }
  return ordered(wishes, rejections) ?? EMPTY;
};

/** A graph without its cycles has an order; this is here for the types. */
const EMPTY: Ordered = { kept: [], graph: { size: 0, edges: edgesOf([]) }, order: [] };

const rejectContradictions = (
  left: Ordered,
  candidates: readonly Candidate[],
  wishes: Wishes,
  groups: Groups,
  rejections: Rejections,
): Ordered => {
  const found = contradictions(groupingOf(left, groups, []));
  const nameOf = (node: number): string => candidates[left.kept[node] ?? -1]?.name ?? '';
  for (const { dependency, dependent, concerned } of found) {
    for (const node of concerned) {
      rejections.reject(left.kept[node] ?? -1, {
        _tag: 'GroupContradiction',
        dependency: nameOf(dependency),
        dependent: nameOf(dependent),
      });
    }
  }
  return found.length === 0 ? left : (ordered(wishes, rejections) ?? EMPTY);
};

const groupingOf = ({ kept, graph, order }: Ordered, groups: Groups, names: readonly string[]): Grouping => ({
  graph,
  order,
  names: kept.map((candidate) => names[candidate] ?? ''),
  groupOf: Int32Array.from(kept, (candidate) => groups.groupOf[candidate] ?? -1),
  groupNames: groups.groupNames,
});

/** Those that wait for everything are in no group, so that they run side by side where groups do. */
const kindWithin = (part: PartOfPlan, kind: Schedule['kind']): Schedule['kind'] =>
  part === 'waiting' && kind === 'groups' ? 'graph' : kind;

const stagesOf = (
  left: Ordered,
  kind: Schedule['kind'],
  groups: Groups,
  names: readonly string[],
): Staged => {
  switch (kind) {
    case 'graph':
      return { ...left, stages: new Int32Array(left.kept.length) };
    case 'sequential': {
      const stages = new Int32Array(left.kept.length);
      left.order.forEach((node, place) => {
        stages[node] = place;
      });
      return { ...left, stages };
    }
    case 'groups': {
      const stages = groupStages(groupingOf(left, groups, names));
      return { ...left, stages, order: stageByStage(left.graph, stages) };
    }
  }
};

/** The lexicographically smallest topological order that goes through one stage after the other. */
const stageByStage = ({ size, edges }: Graph, stages: Int32Array): readonly number[] => {
  const byStage = [...stages.keys()].sort((a, b) => (stages[a] ?? 0) - (stages[b] ?? 0) || a - b);
  const placeOf = new Int32Array(size);
  for (const [place, node] of byStage.entries()) placeOf[node] = place;
  const place = (node: number): number => placeOf[node] ?? 0;
  const sorted = topologicalSort({ size, edges: { from: edges.from.map(place), to: edges.to.map(place) } });
  return isRight(sorted) ? sorted.right.map((at) => byStage[at] ?? 0) : byStage;
};

/** The rejected entries that each candidate depends on. */
const blockersOf = (
  { candidates, bystanders }: Arrangement,
  wishes: Wishes,
  rejections: Rejections,
): ((candidate: number) => readonly PondPath[]) => {
  const isBlocker = (entry: number): boolean =>
    entry < candidates.length
      ? rejections.has(entry)
      : bystanders[entry - candidates.length]?.fate === 'rejected';
  const mayBlock = rejections.any() || bystanders.some(({ fate }) => fate === 'rejected');
  return (candidate) => {
    if (!mayBlock) return NO_PATHS;
    const blocking = [...wishesOf(wishes, candidate)].filter(isBlocker);
    if (blocking.length === 0) return NO_PATHS;
    return blocking
      .flatMap((entry) => (candidates[entry] ?? bystanders[entry - candidates.length])?.path ?? [])
      .sort(compareUtf8);
  };
};

const NO_PATHS: readonly PondPath[] = [];
