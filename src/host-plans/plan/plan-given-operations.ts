import { type Either, isLeft, left } from 'fp-ts/lib/Either.js';
import { kindOf } from '../../domain/invalid-argument.js';
import { decodeHostOperation, type HostOperation } from '../operations/host-operation.js';
import type { HostPlan, HostPlanError } from './host-plan.js';
import { planHostOperations } from './plan-host-operations.js';

/** Something that was given as an operation and is not one, or has a key that its kind does not know. */
export interface InvalidOperation {
  readonly _tag: 'InvalidOperation';
  /** The way to what is wrong: `operations[3].path`. */
  readonly key: string;
  readonly message: string;
}

/**
 * A plan of operations on the host's filesystem, or everything that is wrong with them. Dependencies come from the
 * paths; among what may come next, the smallest id does, so that the order in which the operations were written changes
 * nothing. Looks at no filesystem: whether the plan can be executed is for prepare.
 */
export const planGivenOperations = (
  operations: readonly HostOperation[],
): Either<readonly (HostPlanError | InvalidOperation)[], HostPlan> => {
  const wrong = wrongWith(operations);
  return wrong.length > 0 ? left(wrong) : planHostOperations(operations);
};

const wrongWith = (given: unknown): readonly InvalidOperation[] => {
  if (!Array.isArray(given)) return [invalid('operations', `expected a list, got ${kindOf(given)}`)];
  return given.flatMap((operation, at) => {
    const decoded = decodeHostOperation(operation, () => `operations[${at}]`);
    return isLeft(decoded) ? decoded.left.map(({ key, message }) => invalid(key, message)) : [];
  });
};

const invalid = (key: string, message: string): InvalidOperation => ({
  _tag: 'InvalidOperation',
  key,
  message,
});
