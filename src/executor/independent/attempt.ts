import { inspect } from 'node:util';
import { type Either, isLeft } from 'fp-ts/lib/Either.js';
import type { StopSign } from '../../effects/stop-sign.js';
import type { Span } from '../../ports/telemetry.js';
import { type FailureWish, type NextAttempt, nextAttempt } from '../attempts.js';
import type { Operation, OperationError } from '../operation.js';
import type { OperationEnd, StartOutcome } from './capabilities.js';
import { type Effect, effectOf } from './effect.js';
import type { Guarded } from './guarded.js';
import type { Outcome } from './outcome.js';
import type { Preparation } from './prepare.js';

/** One attempt of an operation. */
export interface Attempt<Op extends Operation, Prepared, E> {
  readonly operation: Op;
  /** Attempts that this execution has made before. */
  readonly tried: number;
  /** Result of preparing it; null where that is still to be done. */
  readonly prepared: Preparation<E, Prepared> | null;
  /** Aborts when everything is to stop. */
  readonly interrupt: AbortSignal;
  /** Says the same to any number of listeners. */
  readonly stopSign: StopSign;
  /** Begins the attempt's span; called again, returns the same. */
  readonly openSpan: () => Span;
  /** Gives the operation's place to the next one: all of its effects are over. */
  readonly giveUpPlace: () => void;
}

/**
 * Progress of an attempt.
 *
 *   Starting ──Go──> Running ──────────> Over ──recorded──┬──────────────> Ended    executed, failed
 *      │                │                 │               └─may be tried─> FailedForNow
 *      │                └─interrupt─┐     └─not recorded─────────────────> Ended    unfinished
 *      │                            v
 *      │                       Interrupted ──given up────────────────────> Ended    unfinished
 *      └─left to another, skipped, ended before, not recorded────────────> Ended    as it says
 *
 * What is durable: nothing in `Starting`, the intent in `Running`, `Over` and `Interrupted`, the end of the attempt in
 * `FailedForNow`. A crash leaves the first as a pending operation, the others as an interrupted one.
 */
export type AttemptState<Started, E> =
  | { readonly _tag: 'Starting' }
  /** It may have had effects. */
  | { readonly _tag: 'Running'; readonly started: Started; readonly cancelled: StopSign | undefined }
  | { readonly _tag: 'Over'; readonly started: Started; readonly end: Omit<OperationEnd<E>, 'next'> }
  /** `stillRunning`: resolves when one that ignores its interruption has stopped; null: it has. */
  | { readonly _tag: 'Interrupted'; readonly stillRunning: Promise<void> | null }
  | AttemptEnd<E>;

/** State that an attempt comes to. */
export type AttemptEnd<E> =
  /** Another attempt follows, after milliseconds. */
  | { readonly _tag: 'FailedForNow'; readonly waitMs: number }
  | { readonly _tag: 'Ended'; readonly outcome: Outcome<E> };

/** Brings an attempt from one state to the next. */
export const advance = <Op extends Operation, Prepared, Started, E>(
  execution: Guarded<Op, Prepared, Started, E>,
  attempt: Attempt<Op, Prepared, E>,
  state: AttemptState<Started, E>,
): Promise<AttemptState<Started, E>> => {
  switch (state._tag) {
    case 'Starting':
      return start(execution, attempt);
    case 'Running':
      return run(execution, attempt, state);
    case 'Over':
      return record(execution, attempt, state.started, state.end);
    case 'Interrupted':
      return giveUp(execution, attempt, state.stillRunning);
    case 'FailedForNow':
    case 'Ended':
      return Promise.resolve(state);
    default:
      return unknownState(state);
  }
};

const unknownState = (state: never): never => {
  throw new Error(`an attempt has no such state: ${inspect(state)}`);
};

const ended = <E>(outcome: Outcome<E>): AttemptEnd<E> => ({ _tag: 'Ended', outcome });

const start = <Op extends Operation, Prepared, Started, E>(
  { journal }: Guarded<Op, Prepared, Started, E>,
  { operation, interrupt, openSpan }: Attempt<Op, Prepared, E>,
): Promise<AttemptState<Started, E>> =>
  journal
    .start(operation, interrupt, openSpan)()
    .then((started) => stateAfter<Started, E>(started));

const stateAfter = <Started, E>(started: Either<E, StartOutcome<Started>>): AttemptState<Started, E> => {
  if (isLeft(started)) return ended({ _tag: 'Unfinished', error: started.left });
  switch (started.right._tag) {
    case 'Go':
      return { _tag: 'Running', started: started.right.started, cancelled: started.right.cancelled };
    case 'LeftToAnother':
      return ended<E>({ _tag: 'Unfinished', error: null });
    case 'Skipped':
      return ended({ _tag: 'Skipped', satisfies: started.right.satisfies });
    case 'Ended':
      return ended({ _tag: started.right.succeeded ? 'AlreadyExecuted' : 'AlreadyFailed' });
  }
};

const run = <Op extends Operation, Prepared, Started, E>(
  execution: Guarded<Op, Prepared, Started, E>,
  { operation, tried, prepared, stopSign, openSpan }: Attempt<Op, Prepared, E>,
  { started, cancelled }: Extract<AttemptState<Started, E>, { readonly _tag: 'Running' }>,
): Promise<AttemptState<Started, E>> => {
  const span = openSpan();
  const withPrepared = (ready: Preparation<E, Prepared>): Promise<AttemptState<Started, E>> =>
    effectOf(execution, { interrupt: stopSign, cancelled, span }, operation, ready, started).then(
      (effect: Effect<E>): AttemptState<Started, E> =>
        effect._tag === 'Interrupted' ? effect : { _tag: 'Over', started, end: effect.end },
    );
  return prepared === null
    ? execution.handler.prepare(operation, tried, span)().then(withPrepared)
    : withPrepared(prepared);
};

const record = async <Op extends Operation, Prepared, Started, E>(
  { handler, journal, random }: Guarded<Op, Prepared, Started, E>,
  { operation, tried, openSpan, giveUpPlace }: Attempt<Op, Prepared, E>,
  started: Started,
  end: Omit<OperationEnd<E>, 'next'>,
): Promise<AttemptState<Started, E>> => {
  const { result, durationMs, stillRunning } = end;
  // What has not stopped cannot be tried again: the next attempt would run beside it.
  const next: NextAttempt =
    result._tag === 'Failed' && stillRunning === null && !isCancelled(result.error)
      ? nextAttempt(operation.attempts, tried + 1, wishOf(handler, result.error), random.fraction)
      : { _tag: 'None' };
  const recording = journal.finish(operation, started, { next: nextOf(next), ...end }, openSpan())();
  // What waits for this operation waits for its record, too; what does not need not.
  if (next._tag !== 'Wait') giveUpPlace();
  const recorded = await recording;
  if (isLeft(recorded)) return ended({ _tag: 'Unfinished', error: recorded.left });
  if (result._tag === 'Executed') return ended({ _tag: 'Executed', durationMs });
  switch (next._tag) {
    case 'Wait':
      return { _tag: 'FailedForNow', waitMs: next.waitMs };
    case 'Later':
      return ended<E>({ _tag: 'Unfinished', error: null });
    case 'None':
      return ended({ _tag: 'Failed', error: result.error, durationMs });
  }
};

/** An operation that somebody wants to end is not tried again. */
const isCancelled = <E>(error: OperationError<E>): boolean =>
  typeof error === 'object' && error !== null && '_tag' in error && error._tag === 'Cancelled';

const nextOf = (next: NextAttempt): OperationEnd<unknown>['next'] => {
  switch (next._tag) {
    case 'None':
      return 'end';
    case 'Wait':
      return 'retry';
    case 'Later':
      return { laterMs: next.afterMs };
  }
};

/** Hint of a handler's own errors; those that the executor adds have none. */
const wishOf = <Op extends Operation, Prepared, Started, E>(
  { wishOf: wish }: Pick<Guarded<Op, Prepared, Started, E>['handler'], 'wishOf'>,
  error: OperationError<E>,
): FailureWish => wish?.(error) ?? { retryable: true, afterMs: null };

const giveUp = async <Op extends Operation, Prepared, Started, E>(
  execution: Guarded<Op, Prepared, Started, E>,
  { operation }: Attempt<Op, Prepared, E>,
  stillRunning: Promise<void> | null,
): Promise<AttemptState<Started, E>> => {
  if (stillRunning === null) return ended(await abandon(execution, operation));
  abandonOnceStopped(execution, operation, stillRunning);
  return ended<E>({ _tag: 'Unfinished', error: null });
};

/** Leaves an operation that never started, or that was interrupted and has stopped, for recovery. */
export const abandon = async <Op extends Operation, Prepared, Started, E>(
  { journal }: Guarded<Op, Prepared, Started, E>,
  operation: Op,
): Promise<Outcome<E>> => {
  const abandoned = await journal.abandon(operation)();
  return { _tag: 'Unfinished', error: isLeft(abandoned) ? abandoned.left : null };
};

/** An operation that ignores its interruption is not given up while it runs: the next attempt would run beside it. */
const abandonOnceStopped = <Op extends Operation, Prepared, Started, E>(
  { journal, logger }: Guarded<Op, Prepared, Started, E>,
  operation: Op,
  stopped: Promise<void>,
): void => {
  void stopped
    .then(() => journal.abandon(operation)())
    .then((abandoned) => {
      if (isLeft(abandoned)) logger.log('warn', 'operation_not_abandoned', { op_id: operation.id });
    });
};
