import type { Either } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { StopSign } from '../../effects/stop-sign.js';
import type { Clock } from '../../ports/clock.js';
import type { OperationCancelled, OperationTimedOut } from '../operation.js';
import { type Deadlines, deadlinesBy } from './deadlines.js';

/** Reason why a signal was aborted; found as its `reason`. */
export type AbortReason = OperationTimedOut | OperationCancelled | { readonly _tag: 'Interrupted' };

export interface Deadline {
  readonly clock: Clock;
  /** Milliseconds until the work is told to stop; null: never. */
  readonly timeoutMs: number | null;
  /** Milliseconds that it then has to stop in. */
  readonly graceMs: number;
  /** Aborts when everything is to stop. */
  readonly interrupt: StopSign;
  /** Aborts when this work alone is to stop, for good. */
  readonly cancelled?: StopSign | undefined;
  /** Deadlines of all that runs side by side with it. Without them it has a timer of its own. */
  readonly deadlines?: Deadlines | undefined;
}

/** End of the work. */
export type DeadlineOutcome<E, A> =
  | { readonly _tag: 'Settled'; readonly result: Either<E, A> }
  /** It was told to stop, for `reason`, and has stopped. */
  | { readonly _tag: 'Stopped'; readonly reason: AbortReason; readonly result: Either<E, A> }
  /** It was told to stop and has not: it goes on until `settled`. */
  | { readonly _tag: 'Ignored'; readonly reason: AbortReason; readonly settled: Promise<void> };

/**
 * Runs work that is told to stop by its signal, at a timeout, an interrupt or because it was cancelled, and waits for it to do so: a
 * timeout that leaves its work running would let the next attempt run beside it. `work` never throws.
 */
export const runWithDeadline = <E, A>(
  { clock, timeoutMs, graceMs, interrupt, cancelled, deadlines }: Deadline,
  work: (signal: AbortSignal) => TaskEither<E, A>,
): Promise<DeadlineOutcome<E, A>> =>
  new Promise((resolve, reject) => {
    const stop = new AbortController();
    const own = deadlines ?? deadlinesBy(clock);
    let grace: AbortController | null = null;
    let isOver = false;
    let letGo = (): void => undefined;

    /** Lets go of everything that could still tell it to stop; what has ended ends once. */
    const over = (outcome: () => DeadlineOutcome<E, A>): void => {
      if (isOver) return;
      isOver = true;
      letGo();
      if (deadlines === undefined) own.end();
      grace?.abort(OVER);
      interrupt.removeEventListener('abort', onInterrupt);
      cancelled?.removeEventListener('abort', onCancelled);
      resolve(outcome());
    };
    const tellToStop = (reason: AbortReason): void => {
      if (stop.signal.aborted) return;
      grace = new AbortController();
      stop.abort(reason);
      void clock
        .sleep(graceMs, grace.signal)
        .then(() => over(() => ({ _tag: 'Ignored', reason, settled: settling.then(() => undefined) })));
    };

    const onInterrupt = () => tellToStop({ _tag: 'Interrupted' });
    if (interrupt.aborted) onInterrupt();
    else interrupt.addEventListener('abort', onInterrupt);

    const onCancelled = () => tellToStop({ _tag: 'Cancelled' });
    if (cancelled?.aborted === true) onCancelled();
    else cancelled?.addEventListener('abort', onCancelled);

    const settling = work(stop.signal)();
    if (timeoutMs !== null) letGo = own.set(timeoutMs, () => tellToStop({ _tag: 'TimedOut', timeoutMs }));
    settling.then((result) => {
      const reason = reasonOf(stop.signal);
      over(() => (reason === null ? { _tag: 'Settled', result } : { _tag: 'Stopped', reason, result }));
    }, reject);
  });

/** A reason that is there already: without one each abort would make an error. */
const OVER = 'over';

const reasonOf = (signal: AbortSignal): AbortReason | null => {
  const reason: unknown = signal.aborted ? signal.reason : null;
  return isAbortReason(reason) ? reason : null;
};

const isAbortReason = (reason: unknown): reason is AbortReason =>
  typeof reason === 'object' && reason !== null && '_tag' in reason;
