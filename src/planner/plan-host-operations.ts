import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import { compareUtf8 } from '../domain/bytes-order.js';
import type { HostOperation } from '../domain/host-operation.js';
import { hostPathProblem, isWithin } from '../domain/host-path.js';
import type { HostPlan, HostPlanError, PlannedHostOperation } from '../domain/host-plan.js';
import { sha256 } from '../domain/sha256.js';
import type { Graph } from './graph.js';
import { claimsOf, type HostClaims } from './host-claims.js';
import { hostDependencies } from './host-dependencies.js';
import { parallelBatches } from './parallel-batches.js';
import { topologicalSort } from './topological-sort.js';

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
  const claims = sorted.map(claimsOf);
  const errors = [
    ...duplicateIds(sorted),
    ...sorted.flatMap((operation, at) => pathErrors(operation, claims[at])),
    ...claimedTwice(sorted, claims, 'create'),
    ...claimedTwice(sorted, claims, 'remove'),
  ];
  if (errors.length > 0) return left(errors);

  const graph = hostDependencies(claims);
  const order = topologicalSort(graph);
  const idAt = (at: number) => sorted[at]?.id ?? '';
  if (isLeft(order)) return left([{ _tag: 'CyclicOperations', cycle: order.left.nodes.map(idAt) }]);
  const dependencies = predecessors(graph);
  return right(
    sealed({
      planner_version: PLANNER_VERSION,
      operations: order.right.flatMap((at): readonly PlannedHostOperation[] => {
        const operation = sorted[at];
        const before = dependencies[at] ?? [];
        return operation === undefined ? [] : [{ operation, depends_on: before.map(idAt).sort(compareUtf8) }];
      }),
      batches: parallelBatches(graph, order.right).map((batch) => batch.map(idAt)),
    }),
  );
};

/** Every key of a plan, in the order of RFC 8785: so the native writer gives its canonical JSON, many times faster. */
const KEYS: string[] = [
  ...['backup', 'batches', 'content', 'content_base64', 'depends_on', 'dest', 'from', 'id', 'kind', 'mode'],
  ...['operation', 'operations', 'path', 'planner_version', 'replace', 'source', 'target', 'to'],
];

const sealed = (body: Omit<HostPlan, 'checksum'>): HostPlan => ({
  ...body,
  checksum: sha256(JSON.stringify(body, KEYS)),
});

const predecessors = ({ size, edges }: Graph): readonly (readonly number[])[] => {
  const lists: number[][] = Array.from({ length: size }, () => []);
  for (const [edge, to] of edges.to.entries()) lists[to]?.push(edges.from[edge] ?? 0);
  return lists;
};

const duplicateIds = (sorted: readonly HostOperation[]): readonly HostPlanError[] => {
  const twice = sorted.filter(({ id }, at) => sorted[at + 1]?.id === id && sorted[at - 1]?.id !== id);
  return twice.map(({ id }) => ({ _tag: 'DuplicateId', operation: id }));
};

const pathErrors = ({ id }: HostOperation, claims: HostClaims | undefined): readonly HostPlanError[] => {
  if (claims === undefined) return [];
  const { creates, removes, reads, leadsTo } = claims;
  const wrong = [creates, removes, reads, leadsTo].flatMap((claimed): readonly HostPlanError[] => {
    const problem = claimed === null ? null : hostPathProblem(claimed.path);
    // A link may lead to the root.
    if (claimed === null || problem === null || (problem === 'root' && claimed === leadsTo)) return [];
    return [{ _tag: 'InvalidHostPath', operation: id, key: claimed.key, path: claimed.path, problem }];
  });
  const from = removes ?? reads ?? leadsTo;
  if (wrong.length > 0 || creates === null || from === null) return wrong;
  const intoItself = leadsTo !== null ? creates.path === from.path : isWithin(creates.path, from.path);
  return intoItself
    ? [{ _tag: 'IntoItself', operation: id, key: creates.key, from: from.path, to: creates.path }]
    : [];
};

const claimedTwice = (
  sorted: readonly HostOperation[],
  claims: readonly HostClaims[],
  claim: 'create' | 'remove',
): readonly HostPlanError[] => {
  const first = new Map<string, string>();
  return claims.flatMap(({ creates, removes }, at): readonly HostPlanError[] => {
    const path = (claim === 'create' ? creates : removes)?.path;
    const id = sorted[at]?.id ?? '';
    if (path === undefined) return [];
    const other = first.get(path);
    if (other === undefined) {
      first.set(path, id);
      return [];
    }
    return [{ _tag: 'PathClaimedTwice', path, claim, operations: [other, id] }];
  });
};
