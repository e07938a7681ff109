import type { Either } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { Clock } from '../../ports/clock.js';
import type { OperationCancelled, OperationTimedOut } from '../operation.js';

/** Reason why a signal was aborted; found as its `reason`. */
export type AbortReason = OperationTimedOut | OperationCancelled | { readonly _tag: 'Interrupted' };

export interface Deadline {
  readonly clock: Clock;
  /** Milliseconds until the work is told to stop; null: never. */
  readonly timeoutMs: number | null;
  /** Milliseconds that it then has to stop in. */
  readonly graceMs: number;
  /** Aborts when everything is to stop. */
  readonly interrupt: AbortSignal;
  /** Aborts when this work alone is to stop, for good. */
  readonly cancelled?: AbortSignal | undefined;
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
export const runWithDeadline = async <E, A>(
  { clock, timeoutMs, graceMs, interrupt, cancelled }: Deadline,
  work: (signal: AbortSignal) => TaskEither<E, A>,
): Promise<DeadlineOutcome<E, A>> => {
  const stop = new AbortController();
  // Made where something waits for it: a signal costs more than most of what is done here.
  const over = onceOver();
  const graceOver = promised<null>();
  const tellToStop = (reason: AbortReason) => {
    if (stop.signal.aborted) return;
    stop.abort(reason);
    void clock.sleep(graceMs, over.signal()).then(() => graceOver.resolve(null));
  };
  const onInterrupt = () => tellToStop({ _tag: 'Interrupted' });
  if (interrupt.aborted) onInterrupt();
  else interrupt.addEventListener('abort', onInterrupt, { once: true });

  const onCancelled = () => tellToStop({ _tag: 'Cancelled' });
  if (cancelled?.aborted === true) onCancelled();
  else cancelled?.addEventListener('abort', onCancelled, { once: true });

  const settling = work(stop.signal)();
  if (timeoutMs !== null) {
    void clock.sleep(timeoutMs, over.signal()).then(() => {
      if (!over.isOver()) tellToStop({ _tag: 'TimedOut', timeoutMs });
    });
  }

  try {
    const result = await Promise.race([settling, graceOver.promise]);
    const reason = reasonOf(stop.signal);
    if (result === null) {
      return {
        _tag: 'Ignored',
        reason: reason ?? { _tag: 'Interrupted' },
        settled: settling.then(() => undefined),
      };
    }
    return reason === null ? { _tag: 'Settled', result } : { _tag: 'Stopped', reason, result };
  } finally {
    over.end();
    interrupt.removeEventListener('abort', onInterrupt);
    cancelled?.removeEventListener('abort', onCancelled);
  }
};

/** A promise with what keeps it. */
const promised = <A>() => {
  let resolve: (value: A) => void = () => undefined;
  const promise = new Promise<A>((keep) => {
    resolve = keep;
  });
  return { promise, resolve };
};

/** The end of some work, and a signal of it for those who ask. */
const onceOver = () => {
  let controller: AbortController | null = null;
  let isOver = false;
  return {
    isOver: () => isOver,
    signal: (): AbortSignal => {
      controller ??= new AbortController();
      if (isOver) controller.abort(OVER);
      return controller.signal;
    },
    end: () => {
      isOver = true;
      controller?.abort(OVER);
    },
  };
};

/** A reason that is there already: without one each abort would make an error. */
const OVER = 'over';

const reasonOf = (signal: AbortSignal): AbortReason | null => {
  const reason: unknown = signal.aborted ? signal.reason : null;
  return isAbortReason(reason) ? reason : null;
};

const isAbortReason = (reason: unknown): reason is AbortReason =>
  typeof reason === 'object' && reason !== null && '_tag' in reason;
