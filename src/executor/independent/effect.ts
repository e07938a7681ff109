import { isLeft, isRight } from 'fp-ts/lib/Either.js';
import type { StopSign } from '../../effects/stop-sign.js';
import type { Span } from '../../ports/telemetry.js';
import type { Operation, OperationError, OperationThrew } from '../operation.js';
import type { OperationEnd } from './capabilities.js';
import type { Guarded } from './guarded.js';
import type { Preparation } from './prepare.js';
import { type DeadlineOutcome, runWithDeadline } from './run-with-deadline.js';

/** Result of an effect. `stillRunning` as in {@link OperationEnd}. */
export type Effect<E> =
  | { readonly _tag: 'Ended'; readonly end: Omit<OperationEnd<E>, 'next'> }
  | { readonly _tag: 'Interrupted'; readonly stillRunning: Promise<void> | null };

/** The effect with its deadline. */
export const effectOf = <Op extends Operation, Prepared, Started, E>(
  { handler, clock, graceMs, deadlines }: Guarded<Op, Prepared, Started, E>,
  {
    interrupt,
    cancelled,
    span,
  }: {
    readonly interrupt: StopSign;
    readonly cancelled: StopSign | undefined;
    readonly span: Span;
  },
  operation: Op,
  prepared: Preparation<E, Prepared>,
  started: Started,
): Promise<Effect<E>> => {
  const begun = clock.monotonicMs();
  const ended = (
    result: OperationEnd<E>['result'],
    stillRunning: OperationEnd<E>['stillRunning'] = null,
  ): Effect<E> => ({
    _tag: 'Ended',
    end: { durationMs: Math.round((clock.monotonicMs() - begun) * 1000) / 1000, result, stillRunning },
  });
  const failed = (error: OperationError<E>) => ({ _tag: 'Failed', error }) as const;

  if (isLeft(prepared)) return Promise.resolve(ended(failed(prepared.left)));
  // Interrupted while the journal was asked: the effect need not begin.
  if (interrupt.aborted) return Promise.resolve({ _tag: 'Interrupted', stillRunning: null });
  const endOf = (outcome: DeadlineOutcome<E | OperationThrew, void>): Effect<E> => {
    if (outcome._tag === 'Ignored') {
      return outcome.reason._tag === 'Interrupted'
        ? { _tag: 'Interrupted', stillRunning: outcome.settled }
        : ended(failed(outcome.reason), outcome.settled);
    }
    // What was done in time after all is done, whatever the signal said meanwhile.
    if (isRight(outcome.result)) return ended({ _tag: 'Executed' });
    if (outcome._tag === 'Settled') return ended(failed(outcome.result.left));
    return outcome.reason._tag === 'Interrupted'
      ? { _tag: 'Interrupted', stillRunning: null }
      : ended(failed(outcome.reason));
  };
  return runWithDeadline(
    { clock, timeoutMs: operation.timeoutMs, graceMs, interrupt, cancelled, deadlines },
    (signal) => handler.execute(operation, prepared.right, started, signal, span),
  ).then(endOf);
};
