import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { Attributes, Span } from '../ports/telemetry.js';
import type { AttemptAllowance } from './attempts.js';

/** One step of a plan, as the executor sees it. The rest of it is data for the handler of its kind. */
export interface Operation {
  /** Distinct within the plan. */
  readonly id: string;
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
  readonly checksum: string;
  readonly operations: readonly Op[];
}

/** What the executor calls for each operation. A handler that throws has failed like one that answers an error. */
export interface OperationHandler<Op extends Operation, Prepared, Started, E> {
  /**
   * Validates the operation and checks its preconditions. `tried`: attempts that this execution has made before.
   * `span`: of phase one, or of the attempt where it is not the first.
   */
  readonly prepare: (operation: Op, tried: number, span: Span) => TaskEither<E, Prepared>;
  /** The effect. Must stop its work when the signal aborts. */
  readonly execute: (
    operation: Op,
    prepared: Prepared,
    started: Started,
    signal: AbortSignal,
    span: Span,
  ) => TaskEither<E, void>;
  /** What the attempt's span says beside the operation's id and kind. */
  readonly attributesOf?: (operation: Op, tried: number) => Attributes;
}

/** What came of asking to start an operation. */
export type StartAnswer<Started> =
  /** Its intent is durable: it may have effects now. */
  | { readonly _tag: 'Go'; readonly started: Started }
  /** Somebody else runs it, or will. */
  | { readonly _tag: 'Left' }
  /** It will not run, because of something outside this execution; that is recorded. */
  | { readonly _tag: 'Skipped' }
  /** It had ended before, well or not. */
  | { readonly _tag: 'Ended'; readonly succeeded: boolean };

/** How an operation ended. */
export interface OperationEnd<E> {
  readonly durationMs: number;
  readonly result:
    | { readonly _tag: 'Executed' }
    | { readonly _tag: 'Failed'; readonly error: OperationError<E> };
  /** Whether another attempt follows. */
  readonly next: 'end' | 'retry';
  /** Resolves when an operation that ignored its abort has stopped after all; null for one that has stopped. */
  readonly stillRunning: Promise<void> | null;
}

/** What an operation fails with: its handler's own errors, and what the executor adds. */
export type OperationError<E> = E | OperationTimedOut | OperationThrew;

/** The operation took longer than it may. */
export interface OperationTimedOut {
  readonly _tag: 'TimedOut';
  readonly timeoutMs: number;
}

/** The handler threw instead of answering: a defect in its code. */
export interface OperationThrew {
  readonly _tag: 'OperationThrew';
  /** What it threw, in words. */
  readonly message: string;
}

/**
 * The durable record of an execution. What it says is durable when it answers: an intent before the effect, an end
 * before the next operation that needs it. A crash between the two leaves an intent without an end.
 */
export interface Journal<Op extends Operation, Started, E> {
  /** `openSpan` begins the attempt's span, whose context belongs to the record of the intent; asked again, the same. */
  readonly start: (
    operation: Op,
    signal: AbortSignal,
    openSpan: () => Span,
  ) => TaskEither<E, StartAnswer<Started>>;
  readonly finish: (operation: Op, started: Started, end: OperationEnd<E>, span: Span) => TaskEither<E, void>;
  /** The operation will not run, because one that it requires did not succeed. */
  readonly skip: (operation: Op, because: string) => TaskEither<E, void>;
  /**
   * The operation was interrupted, or never started: it is left as it is, for recovery. Called once it has stopped,
   * which for one that ignores its interruption may be after the execution has ended.
   */
  readonly abandon: (operation: Op) => TaskEither<E, void>;
}
