import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { StopSign } from '../../effects/stop-sign.js';
import type { Clock } from '../../ports/clock.js';
import type { Logger } from '../../ports/logger.js';
import type { Random } from '../../ports/random.js';
import type { Attributes, Span } from '../../ports/telemetry.js';
import type { FailureWish } from '../attempts.js';
import type { ExecutionTelemetry } from '../execution-telemetry.js';
import type { Operation, OperationError } from '../operation.js';

/** Functions that are called for each operation. A handler that throws has failed like one that returns an error. */
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
  /** Hint of a failure about another attempt; without it there is none. */
  readonly wishOf?: (error: OperationError<E>) => FailureWish;
  /** Attributes of the attempt's span beside the operation's id and kind. */
  readonly attributesOf?: (operation: Op, tried: number) => Attributes;
}

/** Result of asking to start an operation. */
export type StartOutcome<Started> =
  /** Its intent is durable: it may have effects now. */
  | {
      readonly _tag: 'Go';
      readonly started: Started;
      /** Aborts when somebody wants this operation to end, for good; it ends like one whose time is over. */
      readonly cancelled?: StopSign;
    }
  /** Somebody else runs it, or will. */
  | { readonly _tag: 'LeftToAnother' }
  /** It will not run, which is recorded. `satisfies`: what requires it may follow all the same. */
  | { readonly _tag: 'Skipped'; readonly satisfies: boolean }
  /** It had ended before, well or not. */
  | { readonly _tag: 'Ended'; readonly succeeded: boolean };

/** End of an operation. */
export interface OperationEnd<E> {
  readonly durationMs: number;
  readonly result:
    | { readonly _tag: 'Executed' }
    | { readonly _tag: 'Failed'; readonly error: OperationError<E> };
  /** Tells whether another attempt follows. `later`: by another execution, not before milliseconds have passed. */
  readonly next: 'end' | 'retry' | { readonly laterMs: number };
  /** Resolves when an operation that ignored its abort has stopped after all; null for one that has stopped. */
  readonly stillRunning: Promise<void> | null;
}

/**
 * The durable record of an execution. What it is told is durable when it returns: an intent before the effect, an end
 * before the next operation that needs it. A crash between the two leaves an intent without an end.
 */
export interface Journal<Op extends Operation, Started, E> {
  /** `openSpan` begins the attempt's span, whose context belongs to the record of the intent; asked again, the same. */
  readonly start: (
    operation: Op,
    signal: AbortSignal,
    openSpan: () => Span,
  ) => TaskEither<E, StartOutcome<Started>>;
  /** Records how an operation that was started has ended. Where that fails, it counts as unfinished. */
  readonly finish: (operation: Op, started: Started, end: OperationEnd<E>, span: Span) => TaskEither<E, void>;
  /** The operation will not run, because one that it requires did not succeed. */
  readonly skip: (operation: Op, because: string) => TaskEither<E, void>;
  /**
   * The operation was interrupted, or never started: it is left as it is, for recovery. Called once it has stopped,
   * which for one that ignores its interruption may be after the execution has ended.
   */
  readonly abandon: (operation: Op) => TaskEither<E, void>;
}

/** Capabilities that executing a plan needs whose operations fail independently. */
export interface IndependentCapabilities<Op extends Operation, Prepared, Started, E> {
  readonly handler: OperationHandler<Op, Prepared, Started, E>;
  readonly journal: Journal<Op, Started, E>;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Default: none. */
  readonly telemetry?: ExecutionTelemetry<E>;
  /** Milliseconds that an operation has to stop in once it is told to. */
  readonly graceMs: number;
}
