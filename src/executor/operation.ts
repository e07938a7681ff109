import type { AttemptAllowance } from './attempts.js';

/** One step of a plan, as an executor sees it. The rest of it is data for the handler of its kind. */
export interface Operation {
  /** Distinct within the plan. */
  readonly id: string;
  /** A word for what it does, which spans and checkpoints say. */
  readonly kind: string;
  /** Operations that must have ended before, well or not. */
  readonly after: readonly string[];
  /** Operations that must have succeeded before; implies `after`. */
  readonly requires: readonly string[];
  /** It waits until all operations of lower stages have ended, well or not. Without one: stage 0. */
  readonly stage?: number;
  /** Milliseconds that an attempt may take; null: as long as it needs. */
  readonly timeoutMs: number | null;
  /** Further attempts after one that failed; without it there are none. */
  readonly attempts?: AttemptAllowance;
  /** The span of the attempt that another execution made before, as W3C Trace Context writes it. */
  readonly follows?: string | null;
}

/** Operations in a topological order of `after`, `requires` and stages. */
export interface ExecutablePlan<Op extends Operation> {
  /** Identifies the plan in spans and checkpoints. */
  readonly checksum: string;
  readonly operations: readonly Op[];
}

/** Errors of an operation: its handler's own, and those that the executor adds. */
export type OperationError<E> = E | OperationTimedOut | OperationCancelled | OperationThrew;

/** The operation took longer than it may. */
export interface OperationTimedOut {
  readonly _tag: 'TimedOut';
  /** Milliseconds that it could have taken. */
  readonly timeoutMs: number;
}

/** Somebody wanted the operation to end. */
export interface OperationCancelled {
  readonly _tag: 'Cancelled';
}

/** The handler threw instead of returning an error: a defect in its code. */
export interface OperationThrew {
  readonly _tag: 'OperationThrew';
  /** Value that it threw, in words. */
  readonly message: string;
}

/** Error, and the operation that it belongs to; an empty `operation` is the plan as a whole. */
export interface OperationFailure<E> {
  readonly operation: string;
  readonly error: OperationError<E>;
}
