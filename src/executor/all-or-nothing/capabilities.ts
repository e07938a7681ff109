import type { Either } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { Eventually } from '../../effects/eventually.js';
import type { Clock } from '../../ports/clock.js';
import type { Logger } from '../../ports/logger.js';
import type { ExecutionTelemetry } from '../execution-telemetry.js';
import type { ExecutablePlan, Operation, OperationThrew } from '../operation.js';

/** A plan that is executed batch by batch; operations of one batch do not depend on each other. */
export interface BatchedPlan<Op extends Operation> extends ExecutablePlan<Op> {
  /** Places in `operations`. */
  readonly batches: readonly (readonly number[])[];
}

/** Result of undoing. `Nothing`: the operation had had no effect. */
export type Undone = 'Undone' | 'Nothing';

/** Operations that can be undone. A handler that throws has failed like one that returns an error. */
export interface UndoableHandler<Op extends Operation, Undo, E> {
  /** Validates the operation and checks its preconditions, given what those prepared before will do. Changes nothing. */
  readonly prepare: (operation: Op) => Either<E, void>;
  /** Describes what will be done, in so far as undoing it needs to know; asked when everything before has been done. Changes nothing. */
  readonly intend: (operation: Op) => Either<E, Undo>;
  /** The effect, begun at once. May stop when the signal aborts, and then returns an error. */
  readonly execute: (operation: Op, undo: Undo, signal: AbortSignal) => Eventually<Either<E, void>>;
  /** Takes back what of the effect is there, be it a part; what is not the plan's stays. May be repeated. */
  readonly undo: (operation: Pick<Op, 'id'>, undo: Undo) => TaskEither<E, Undone>;
  /** Makes everything that was done or undone until now durable. */
  readonly secure: () => TaskEither<E, void>;
}

/** End of executing a plan. */
export type CheckpointEnd<E> =
  | { readonly _tag: 'Executed' }
  | { readonly _tag: 'RolledBack' }
  | {
      readonly _tag: 'Incomplete';
      readonly failures: readonly { readonly operation: string; readonly error: E | OperationThrew }[];
    };

/** The durable journal of one plan's execution. What it is told is durable when it returns. */
export interface Checkpoint<Op extends Operation, Undo, E> {
  /** Names it in errors, and for recovery. */
  readonly id: string;
  /** Called before anything else: the plan is going to be executed, in a span with this context. */
  readonly create: (plan: ExecutablePlan<Op>, traceParent: string) => TaskEither<E, void>;
  /** Called before the effects of a batch; one write. */
  readonly intend: (intents: readonly Intent<Op, Undo>[]) => TaskEither<E, void>;
  /** The operation has been undone. Need not be durable: undoing can be repeated. */
  readonly undone: (operation: Pick<Op, 'id'>) => Either<E, void>;
  /**
   * Called after everything else, once effects are secured. Lets go of the checkpoint. Returns what was executed, or undone, and
   * could not be tidied up: there is no way back from there.
   */
  readonly settle: (
    end: CheckpointEnd<E>,
  ) => TaskEither<E, readonly { readonly operation: string; readonly error: E | OperationThrew }[]>;
}

/** An operation that may have effects, and how to undo them. */
export interface Intent<Op extends Pick<Operation, 'id'>, Undo> {
  readonly operation: Op;
  readonly undo: Undo;
}

/** Capabilities that executing a plan needs that is all or nothing. */
export interface UndoableCapabilities<Op extends Operation, Undo, E> {
  readonly handler: UndoableHandler<Op, Undo, E>;
  readonly checkpoint: Checkpoint<Op, Undo, E>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Default: none. */
  readonly telemetry?: ExecutionTelemetry<E>;
  /** Called after each operation with how many have ended; for a progress line. */
  readonly onProgress?: (ended: number) => void;
}

/** Options of committing a plan. */
export interface CommitOptions {
  /** Operations side by side, at most. One is the sequential path. */
  readonly concurrency: number;
  /** Aborts when everything is to stop, and to be undone. */
  readonly signal: AbortSignal;
}
