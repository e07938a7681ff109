import type { ExecutionReport } from '../execution-report.js';
import type { Operation, OperationFailure, OperationThrew } from '../operation.js';
import type { BatchedPlan, Intent } from './capabilities.js';

/** Reason why a plan that is all or nothing was not executed. The report says what became of each operation. */
export type AllOrNothingError<E> =
  | EmptyPlan
  | PrepareFailed<E>
  | ExecutionFailed<E>
  | ExecutionInterrupted<E>;

/** A plan without operations is a mistake of whoever made it. */
export interface EmptyPlan {
  readonly _tag: 'EmptyPlan';
}

/** Preconditions do not hold: nothing was touched. */
export interface PrepareFailed<E> {
  readonly _tag: 'PrepareFailed';
  /** Finding that came first; the report has all of them. */
  readonly cause: OperationFailure<E>;
  readonly report: ExecutionReport<E>;
}

/**
 * Something failed on the way. Everything was undone, except for the report's `rollbackFailures`; where operations are `executed`
 * in the report, everything was done, and what failed could only not be tidied up.
 */
export interface ExecutionFailed<E> {
  readonly _tag: 'ExecutionFailed';
  /** `checkpoint`: it could not be made durable, and nothing was touched. `commit`: an operation failed. */
  readonly phase: 'checkpoint' | 'commit';
  /** Failure that came first, and stopped the rest. */
  readonly cause: OperationFailure<E>;
  /** Id of the checkpoint. */
  readonly checkpoint: string;
  readonly report: ExecutionReport<E>;
}

/** The signal aborted. Everything was undone, except for the report's `rollbackFailures`. */
export interface ExecutionInterrupted<E> {
  readonly _tag: 'Interrupted';
  readonly phase: 'prepare' | 'commit';
  /** Id of the checkpoint; null where there was none yet. */
  readonly checkpoint: string | null;
  readonly report: ExecutionReport<E>;
}

/** A plan of which every operation could be executed when it was looked at. */
export interface PreparedPlan<Op extends Operation> {
  readonly _tag: 'PreparedPlan';
  readonly plan: BatchedPlan<Op>;
}

/** An execution that has stopped on its way: its effects are there until it is rolled back. */
export interface StoppedExecution<Op extends Operation, Undo, E> {
  readonly _tag: 'Stopped';
  readonly plan: BatchedPlan<Op>;
  /** Null where the signal aborted. */
  readonly cause: OperationFailure<E> | null;
  /** Id of the checkpoint. */
  readonly checkpoint: string;
  /** Operations that may have had effects, in the order in which they began. */
  readonly begun: readonly Intent<Op, Undo>[];
  /** State of the operations until now. */
  readonly report: ExecutionReport<E>;
}

/** Result of undoing a plan's operations. */
export interface Rollback<E> {
  /** Ids of the operations whose effects were taken back; those that had none are not among them. */
  readonly rolledBack: readonly string[];
  /** Operations that could not be taken back; the checkpoint is kept then. */
  readonly failures: readonly { readonly operation: string; readonly error: E | OperationThrew }[];
}
