import { isLeft, left } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { Clock } from '../../../ports/clock.js';
import type { HttpError, RequestError } from './http-error.js';

/** Milliseconds for which a query may go on. */
const LONGEST_QUERY = 60_000;

/** A number of things that may go on at once; more are refused. */
export interface Bound {
  /** Takes a place; null where there is none. The function gives it back, however often it is called. */
  readonly take: () => (() => void) | null;
  readonly refused: RequestError;
}

export const bound = (what: string, most: number): Bound => {
  let taken = 0;
  return {
    refused: { _tag: 'TooBusy', what },
    take: () => {
      if (taken >= most) return null;
      taken += 1;
      let isHeld = true;
      return () => {
        if (isHeld) taken -= 1;
        isHeld = false;
      };
    },
  };
};

/** Runs work in one of the places of a bound. */
export const within =
  <E, A>(places: Bound, work: TaskEither<E, A>): TaskEither<E | RequestError, A> =>
  async () => {
    const giveBack = places.take();
    if (giveBack === null) return left(places.refused);
    try {
      return await work();
    } finally {
      giveBack();
    }
  };

/** A query that ends when its client has gone, and when its time is over. */
export const inTime =
  <A>(
    clock: Clock,
    signal: AbortSignal,
    work: (ending: AbortSignal) => TaskEither<HttpError, A>,
  ): TaskEither<HttpError, A> =>
  async () => {
    const [ending, over] = [new AbortController(), new AbortController()];
    const end = () => ending.abort();
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
    let isLate = false;
    void clock.sleep(LONGEST_QUERY, over.signal).then(() => {
      if (over.signal.aborted) return;
      isLate = true;
      end();
    });
    try {
      const outcome = await work(ending.signal)();
      return isLeft(outcome) && isLate ? left({ _tag: 'TookTooLong', milliseconds: LONGEST_QUERY }) : outcome;
    } finally {
      over.abort();
      signal.removeEventListener('abort', end);
    }
  };
