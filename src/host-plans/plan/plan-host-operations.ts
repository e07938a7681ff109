import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import { canonicalJson } from '../../domain/documents/canonical-json.js';
import { sha256 } from '../../domain/documents/sha256.js';
import { compareUtf8 } from '../../domain/text/bytes-order.js';
import { adjacency, type Graph, successorsOf, turnedRound } from '../../planner/graph/graph.js';
import { parallelBatches } from '../../planner/graph/parallel-batches.js';
import { topologicalSort } from '../../planner/graph/topological-sort.js';
import { kindOf } from '../kinds/host-kinds.js';
import {
  type ClaimedPath,
  type ClaimedTwice,
  claimedPaths,
  type HostClaims,
} from '../operations/host-claims.js';
import type { HostOperation } from '../operations/host-operation.js';
import { hostPathProblem, isWithin } from '../operations/host-path.js';
import { hostDependencies } from './host-dependencies.js';
import type { HostPlan, HostPlanError, PlannedHostOperation } from './host-plan.js';

/** Part of every plan's checksum: raised when the same operations give another plan. */
const PLANNER_VERSION = 1;

/**
 * A plan of operations on the host's filesystem, or everything that is wrong with them. Dependencies come from the
 * paths (`hostDependencies`); among what may come next, the smallest id does, so that the order in which the
 * operations were written changes nothing. Looks at no filesystem: whether the plan can be executed is for prepare.
 */
export const planHostOperations = (
  operations: readonly HostOperation[],
): Either<readonly HostPlanError[], HostPlan> => {
  if (operations.length === 0) return left([{ _tag: 'EmptyPlan' }]);
  const sorted = [...operations].sort((a, b) => compareUtf8(a.id, b.id));
  const claims = sorted.map((operation) => kindOf(operation).claims(operation));
  const paths = claimedPaths(claims);
  const errors = [
    ...duplicateIds(sorted),
    ...pathErrors(sorted, claims),
    ...claimedTwice(sorted, paths.createdTwice, 'create'),
    ...claimedTwice(sorted, paths.removedTwice, 'remove'),
  ];
  if (errors.length > 0) return left(errors);

  const graph = hostDependencies(claims, paths);
  const order = topologicalSort(graph);
  const idAt = (at: number) => sorted[at]?.id ?? '';
  if (isLeft(order)) return left([{ _tag: 'CyclicOperations', cycle: order.left.nodes.map(idAt) }]);
  const dependencies = predecessors(graph, idAt);
  const planned: PlannedHostOperation[] = [];
  for (const at of order.right) {
    const operation = sorted[at];
    if (operation !== undefined) planned.push({ depends_on: dependencies[at] ?? [], operation });
  }
  return right(
    sealed({
      batches: parallelBatches(graph, order.right).map((batch) => batch.map(idAt)),
      operations: planned,
      planner_version: PLANNER_VERSION,
    }),
  );
};

/** The checksum covers whatever stands in the plan. */
const sealed = (body: Omit<HostPlan, 'checksum'>): HostPlan => {
  const operations = body.operations.map(({ depends_on, operation }) => ({
    depends_on,
    operation: { ...operation },
  }));
  return { ...body, checksum: sha256(canonicalJson({ ...body, operations })) };
};

/** The ids of what comes before each operation, each once, sorted. */
const predecessors = (graph: Graph, idAt: (at: number) => string): readonly (readonly string[])[] => {
  const before = adjacency(turnedRound(graph));
  /** Most operations come after one other, and many after the same one. */
  const alone = new Map<number, readonly string[]>();
  const onlyOf = (at: number): readonly string[] => {
    const known = alone.get(at);
    if (known !== undefined) return known;
    const only = [idAt(at)];
    alone.set(at, only);
    return only;
  };
  return Array.from({ length: graph.size }, (_, at) => {
    const places = successorsOf(before, at);
    const [first] = places;
    if (first === undefined) return NOBODY;
    return places.length === 1 ? onlyOf(first) : [...new Set(places)].map(idAt).sort(compareUtf8);
  });
};

const NOBODY: readonly string[] = [];

const duplicateIds = (sorted: readonly HostOperation[]): readonly HostPlanError[] => {
  const twice = sorted.filter(({ id }, at) => sorted[at + 1]?.id === id && sorted[at - 1]?.id !== id);
  return twice.map(({ id }) => ({ _tag: 'DuplicateId', operation: id }));
};

const pathErrors = (
  sorted: readonly HostOperation[],
  claims: readonly HostClaims[],
): readonly HostPlanError[] => {
  const errors: HostPlanError[] = [];
  const check = (operation: string, claimed: ClaimedPath | null, mayBe?: 'root'): void => {
    const problem = claimed === null ? null : hostPathProblem(claimed.path);
    if (claimed === null || problem === null || problem === mayBe) return;
    errors.push({ _tag: 'InvalidHostPath', operation, key: claimed.key, path: claimed.path, problem });
  };
  claims.forEach(({ creates, removes, reads, leadsTo }, at) => {
    const operation = sorted[at]?.id ?? '';
    const found = errors.length;
    check(operation, creates);
    check(operation, removes);
    check(operation, reads);
    // A link may lead to the root.
    check(operation, leadsTo, 'root');
    const from = removes ?? reads ?? leadsTo;
    if (errors.length > found || creates === null || from === null) return;
    const intoItself = leadsTo !== null ? creates.path === from.path : isWithin(creates.path, from.path);
    if (!intoItself) return;
    errors.push({ _tag: 'IntoItself', operation, key: creates.key, from: from.path, to: creates.path });
  });
  return errors;
};

const claimedTwice = (
  sorted: readonly HostOperation[],
  twice: readonly ClaimedTwice[],
  claim: 'create' | 'remove',
): readonly HostPlanError[] =>
  twice.map(({ path, first, again }) => ({
    _tag: 'PathClaimedTwice',
    path,
    claim,
    operations: [sorted[first]?.id ?? '', sorted[again]?.id ?? ''],
  }));
