import { compareUtf8 } from '../../domain/text/bytes-order.js';
import { type Adjacency, adjacency, edgesOf, type Graph, successorsOf, turnedRound } from './graph.js';
import { topologicalSort } from './topological-sort.js';

/** Nodes that are to be put into stages, numbered in the order of their names. */
export interface Grouping {
  /** Dependencies, without cycles. */
  readonly graph: Graph;
  /** A topological order of the graph. */
  readonly order: readonly number[];
  readonly names: readonly string[];
  /** The group of a node; -1: no group names it. */
  readonly groupOf: Int32Array;
  /** The smallest name in each group, whether that entry runs or not; null for a group of unknown names. */
  readonly groupNames: readonly (string | null)[];
}

/** A dependency that the groups' order makes impossible, perhaps over entries that no group names. */
export interface Contradiction {
  readonly dependency: number;
  readonly dependent: number;
  /** The two, and what lies between them. */
  readonly concerned: readonly number[];
}

/** Dependencies that lead from a later group to an earlier one. */
export const contradictions = (grouping: Grouping): readonly Contradiction[] => {
  const before = adjacency(turnedRound(grouping.graph));
  const { latest, via } = latestGroups(grouping, before);
  const { groupOf } = grouping;
  return grouping.order.flatMap((dependent): readonly Contradiction[] => {
    const group = at(groupOf, dependent);
    if (group < 0 || at(latest, dependent) <= group) return [];
    const concerned = [dependent];
    for (let node = at(via, dependent); node >= 0; node = at(groupOf, node) >= 0 ? -1 : at(via, node))
      concerned.push(node);
    return [{ dependency: concerned.at(-1) ?? dependent, dependent, concerned }];
  });
};

/**
 * The stage of each node: the groups in their order, and what no group names at the place of its name, unless its
 * dependencies want it elsewhere. What must run between two members of one group runs with that group. The grouping
 * has no contradictions.
 */
export const groupStages = (grouping: Grouping): Int32Array => {
  const { graph, names, groupNames } = grouping;
  const unitOf = unitsOf(grouping);
  const keyOf = (unit: number): string => groupNames[unit] ?? names[unit - groupNames.length] ?? '';
  const units = [
    ...groupNames.flatMap((name, group) => (name === null ? [] : [group])),
    ...names.flatMap((_, node) => (at(unitOf, node) >= groupNames.length ? [at(unitOf, node)] : [])),
  ];
  // Of a group and an entry with the same name, which cannot be, the group would come first.
  const ranked = [...units].sort((a, b) => compareUtf8(keyOf(a), keyOf(b)) || a - b);
  const rankOf = new Map(ranked.map((unit, rank) => [unit, rank]));
  const rank = (unit: number): number => rankOf.get(unit) ?? 0;

  const groups = units.filter((unit) => unit < groupNames.length);
  const inOrder = groups
    .slice(1)
    .map((group, index) => ({ from: rank(groups[index] ?? 0), to: rank(group) }));
  const between = Array.from(graph.edges.from, (from, edge) => ({
    from: rank(at(unitOf, from)),
    to: rank(at(unitOf, at(graph.edges.to, edge))),
  })).filter(({ from, to }) => from !== to);
  const sorted = topologicalSort({ size: ranked.length, edges: edgesOf([...inOrder, ...between]) });
  // Without contradictions there is no cycle.
  const sequence = sorted._tag === 'Right' ? sorted.right : [...ranked.keys()];

  const occupied = new Set(unitOf);
  const stages = sequence.map((place) => ranked[place] ?? 0).filter((unit) => occupied.has(unit));
  const stageOf = new Map(stages.map((unit, stage) => [unit, stage]));
  return unitOf.map((unit) => stageOf.get(unit) ?? 0);
};

/** The unit that a node is in: its group, the group that surrounds it, or one of its own. */
const unitsOf = (grouping: Grouping): Int32Array => {
  const { graph, order, groupOf, groupNames } = grouping;
  const after = adjacency(graph);
  const { latest } = latestGroups(grouping, adjacency(turnedRound(graph)));
  const earliest = new Int32Array(graph.size).fill(groupNames.length);
  for (const node of [...order].reverse()) {
    for (const next of successorsOf(after, node)) {
      const bound = at(groupOf, next) >= 0 ? at(groupOf, next) : at(earliest, next);
      earliest[node] = Math.min(at(earliest, node), bound);
    }
  }
  return Int32Array.from({ length: graph.size }, (_, node) => {
    if (at(groupOf, node) >= 0) return at(groupOf, node);
    return at(latest, node) === at(earliest, node) ? at(latest, node) : groupNames.length + node;
  });
};

/** The last group that a node must come after or in, over entries that no group names, and who says so; -1: none. */
const latestGroups = (
  { graph, order, groupOf }: Grouping,
  before: Adjacency,
): { readonly latest: Int32Array; readonly via: Int32Array } => {
  const latest = new Int32Array(graph.size).fill(-1);
  const via = new Int32Array(graph.size).fill(-1);
  for (const node of order) {
    for (const previous of successorsOf(before, node)) {
      const bound = at(groupOf, previous) >= 0 ? at(groupOf, previous) : at(latest, previous);
      if (bound <= at(latest, node)) continue;
      latest[node] = bound;
      via[node] = previous;
    }
  }
  return { latest, via };
};

const at = (array: Int32Array, node: number): number => array[node] ?? -1;
