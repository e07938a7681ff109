import { isRight } from 'fp-ts/lib/Either.js';
import type { Groups } from '../entries/find-names.js';
import type { Schedule } from '../entries/schedule.js';
import type { Graph } from '../graph/graph.js';
import { type Grouping, groupStages } from '../graph/group-stages.js';
import { topologicalSort } from '../graph/topological-sort.js';
import type { Ordered, Staged } from './ordered-candidates.js';

/** Puts nodes into the stages that a schedule of this kind wants, and orders them by these. `names`: those of the candidates. */
export const stagesOf = (
  ordered: Ordered,
  kind: Schedule['kind'],
  groups: Groups,
  names: readonly string[],
): Staged => {
  switch (kind) {
    case 'graph':
      return { ...ordered, stages: new Int32Array(ordered.kept.length) };
    case 'sequential': {
      const stages = new Int32Array(ordered.kept.length);
      ordered.order.forEach((node, place) => {
        stages[node] = place;
      });
      return { ...ordered, stages };
    }
    case 'groups': {
      const stages = groupStages(groupingOf(ordered, groups, names));
      return { ...ordered, stages, order: stageByStage(ordered.graph, stages) };
    }
  }
};

/** The groups of a schedule as those of nodes. */
export const groupingOf = (
  { kept, graph, order }: Ordered,
  groups: Groups,
  names: readonly string[],
): Grouping => ({
  graph,
  order,
  names: kept.map((candidate) => names[candidate] ?? ''),
  groupOf: Int32Array.from(kept, (candidate) => groups.groupOf[candidate] ?? -1),
  groupNames: groups.groupNames,
});

/** The lexicographically smallest topological order that goes through one stage after the other. */
const stageByStage = ({ size, edges }: Graph, stages: Int32Array): readonly number[] => {
  const byStage = [...stages.keys()].sort((a, b) => (stages[a] ?? 0) - (stages[b] ?? 0) || a - b);
  const placeOf = new Int32Array(size);
  for (const [place, node] of byStage.entries()) placeOf[node] = place;
  const place = (node: number): number => placeOf[node] ?? 0;
  const sorted = topologicalSort({ size, edges: { from: edges.from.map(place), to: edges.to.map(place) } });
  return isRight(sorted) ? sorted.right.map((at) => byStage[at] ?? 0) : byStage;
};
