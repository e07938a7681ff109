import { isLeft } from 'fp-ts/lib/Either.js';
import type { HostFileSystem } from '../ports/file-system.js';
import type { Neighbours } from './kinds/check-operation.js';
import { kindOf } from './kinds/host-kinds.js';
import type { ClaimedPath, HostClaims } from './operations/host-claims.js';
import type { HostOperation } from './operations/host-operation.js';
import { parentOf } from './operations/host-path.js';
import { withPaths } from './operations/with-paths.js';
import type { HostPlan, HostPlanError } from './plan/host-plan.js';
import { planHostOperations } from './plan/plan-host-operations.js';
import type { HostOperationError } from './steps/host-error.js';
import { realDirectories } from './steps/real-directories.js';

type Looking = Pick<HostFileSystem, 'lstat' | 'readLink'>;

/** A plan whose paths lead through no symlink that was there before it. */
export interface ResolvedPlan {
  readonly plan: HostPlan;
  /** Operations that cannot be done since paths that look different lead to one place, by operation. */
  readonly refused: ReadonlyMap<string, HostOperationError>;
}

/**
 * Follows the symlinks on the way to a plan's paths, once: `/tmp/x` is `/private/tmp/x` from then on. Links that the plan itself
 * makes, replaces or removes are not followed, and refused later, nor are links that another user could exchange. What comes before what is found out again, since it
 * follows from the paths; the checksum stays that of the plan as it was given.
 */
export const resolvedPlan = (files: Looking, neighbours: Neighbours, plan: HostPlan): ResolvedPlan => {
  const claimed = plan.operations.map(({ operation }) => kindOf(operation).claims(operation));
  const realDirectory = realDirectories(files, { ...neighbours, changed: changedPaths(claimed) });
  if (!claimed.some((claims) => linkIsOnTheWay(claims, realDirectory))) return { plan, refused: NONE };
  const real = realPaths(realDirectory);
  const given = plan.operations.map(({ operation }) => operation);
  const planned = planHostOperations(given.map((operation) => wholly(operation, real)));
  if (isLeft(planned)) {
    // Its order does not matter any more: prepare refuses it.
    const operations = plan.operations.map((one) => ({ ...one, operation: withPaths(one.operation, real) }));
    return { plan: { ...plan, operations }, refused: new Map(planned.left.flatMap(sameness)) };
  }
  const named = new Map(given.map((operation) => [operation.id, withPaths(operation, real)]));
  const operations = planned.right.operations.map((one) => ({
    ...one,
    operation: named.get(one.operation.id) ?? one.operation,
  }));
  return { plan: { ...planned.right, operations, checksum: plan.checksum }, refused: NONE };
};

const NONE: ReadonlyMap<string, HostOperationError> = new Map();

/** The operation with what a link leads to resolved, too: the order depends on it. */
const wholly = (operation: HostOperation, real: (path: string) => string): HostOperation => {
  const resolved = withPaths(operation, real);
  return resolved.kind === 'LinkCreate' ? { ...resolved, source: real(resolved.source) } : resolved;
};

type RealDirectory = ReturnType<typeof realDirectories>;

const linkIsOnTheWay = (
  { creates, removes, reads, leadsTo }: HostClaims,
  realDirectory: RealDirectory,
): boolean => {
  const isElsewhere = (claimed: ClaimedPath | null): boolean => {
    if (claimed === null) return false;
    const parent = parentOf(claimed.path);
    return realDirectory(parent) !== parent;
  };
  return isElsewhere(creates) || isElsewhere(removes) || isElsewhere(reads) || isElsewhere(leadsTo);
};

const changedPaths = (claimed: readonly HostClaims[]): ReadonlySet<string> => {
  const changed = new Set<string>();
  for (const { creates, removes } of claimed) {
    if (creates !== null) changed.add(creates.path);
    if (removes !== null) changed.add(removes.path);
  }
  return changed;
};

/** The last name of a path is left as it is: a link there is what the operation is about. */
const realPaths =
  (realDirectory: RealDirectory) =>
  (path: string): string => {
    if (path === '/') return path;
    const parent = realDirectory(parentOf(path));
    return `${parent === '/' ? '' : parent}${path.slice(path.lastIndexOf('/'))}`;
  };

/** Fault of the paths once links are followed, for one of the operations that it is about. */
const sameness = (error: HostPlanError): readonly (readonly [string, HostOperationError])[] => {
  switch (error._tag) {
    case 'PathClaimedTwice': {
      const [first, again] = error.operations;
      return [[again, { _tag: 'SamePlace', path: error.path, operations: [first, again] }]];
    }
    case 'IntoItself':
      return [[error.operation, { _tag: 'SamePlace', path: error.to, operations: [error.operation] }]];
    case 'CyclicOperations': {
      const [first = ''] = error.cycle;
      return [[first, { _tag: 'SamePlace', path: '', operations: error.cycle }]];
    }
    case 'InvalidHostPath':
      return [[error.operation, { _tag: 'SamePlace', path: error.path, operations: [error.operation] }]];
    case 'EmptyPlan':
    case 'DuplicateId':
      // The plan was one before.
      return [];
  }
};
