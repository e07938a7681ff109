import { isLeft } from 'fp-ts/lib/Either.js';
import type { HostFileSystem } from '../ports/file-system.js';
import { kindOf } from './kinds/host-kinds.js';
import type { HostOperation } from './operations/host-operation.js';
import { parentOf } from './operations/host-path.js';
import { withPaths } from './operations/with-paths.js';
import type { HostPlan, HostPlanError } from './plan/host-plan.js';
import { planHostOperations } from './plan/plan-host-operations.js';
import type { HostOperationError } from './steps/host-error.js';

/** A plan whose paths lead through no symlink that was there before it. */
export interface ResolvedPlan {
  readonly plan: HostPlan;
  /** What cannot be done since paths that look different lead to one place, by operation. */
  readonly refused: ReadonlyMap<string, HostOperationError>;
}

/**
 * Follows the symlinks on the way to a plan's paths, once: `/tmp/x` is `/private/tmp/x` from then on. Links that the plan itself
 * makes, replaces or removes are not followed, and refused later. What comes before what is found out again, since it
 * follows from the paths; the checksum stays that of the plan as it was given.
 */
export const resolvedPlan = (
  files: Pick<HostFileSystem, 'stat' | 'realPath'>,
  plan: HostPlan,
): ResolvedPlan => {
  const real = realPaths(files, changedPaths(plan));
  const given = plan.operations.map(({ operation }) => operation);
  if (!given.some((operation) => isOnTheWay(operation, real))) return { plan, refused: NONE };
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

const isOnTheWay = (operation: HostOperation, real: (path: string) => string): boolean =>
  pathsOf(operation).some((path) => real(path) !== path);

const pathsOf = (operation: HostOperation): readonly string[] => {
  const { creates, removes, reads, leadsTo } = kindOf(operation).claims(operation);
  return [creates, removes, reads, leadsTo].flatMap((claimed) => (claimed === null ? [] : [claimed.path]));
};

const changedPaths = (plan: HostPlan): ReadonlySet<string> =>
  new Set(
    plan.operations.flatMap(({ operation }) => {
      const { creates, removes } = kindOf(operation).claims(operation);
      return [creates, removes].flatMap((claimed) => (claimed === null ? [] : [claimed.path]));
    }),
  );

/** The last name of a path is left as it is: a link there is what the operation is about. */
const realPaths = (
  files: Pick<HostFileSystem, 'stat' | 'realPath'>,
  changed: ReadonlySet<string>,
): ((path: string) => string) => {
  const known = new Map<string, string>([['/', '/']]);
  const realDirectory = (directory: string): string => {
    const waiting: string[] = [];
    let at = directory;
    for (; !known.has(at); at = parentOf(at)) waiting.push(at);
    let real = known.get(at) ?? at;
    for (const path of waiting.toReversed()) {
      const here = below(real, path.slice(path.lastIndexOf('/') + 1));
      real = changed.has(path) || changed.has(here) ? here : followed(files, here);
      known.set(path, real);
    }
    return real;
  };
  return (path) =>
    path === '/' ? path : below(realDirectory(parentOf(path)), path.slice(path.lastIndexOf('/') + 1));
};

/** A link that leads nowhere is found in the way by prepare. */
const followed = (files: Pick<HostFileSystem, 'stat' | 'realPath'>, path: string): string => {
  const found = files.stat(path)();
  if (isLeft(found) || found.right.kind !== 'symlink') return path;
  const real = files.realPath(path)();
  return isLeft(real) ? path : real.right;
};

const below = (directory: string, name: string): string =>
  directory === '/' ? `/${name}` : `${directory}/${name}`;

/** What is wrong with the paths once links are followed, for one of the operations that it is about. */
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
