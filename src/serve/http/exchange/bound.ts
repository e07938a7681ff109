import { isLeft, left, right } from 'fp-ts/lib/Either.js';
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

interface Streaming {
  readonly places: Bound;
  readonly clock: Clock;
  /** Aborts when the client has gone. */
  readonly gone: AbortSignal;
  /** Milliseconds for which the bytes may come. */
  readonly longestMs: number;
}

/** Bytes that come while a place of a bound is held, until they end, their client has gone, or their time is over. */
export const streamedWithin =
  <E>(
    { places, clock, gone, longestMs }: Streaming,
    work: (ending: AbortSignal) => TaskEither<E, AsyncIterable<Uint8Array>>,
  ): TaskEither<E | RequestError, AsyncIterable<Uint8Array>> =>
  async () => {
    const giveBack = places.take();
    if (giveBack === null) return left(places.refused);
    const [late, over] = [new AbortController(), new AbortController()];
    const end = () => {
      over.abort();
      giveBack();
    };
    const ending = AbortSignal.any([gone, late.signal]);
    ending.addEventListener('abort', end, { once: true });
    void clock.sleep(longestMs, over.signal).then(() => {
      if (!over.signal.aborted) late.abort();
    });
    const begun = await work(ending)();
    if (isLeft(begun) || ending.aborted) end();
    return isLeft(begun) ? begun : right(endingWith(begun.right, end));
  };

async function* endingWith(bytes: AsyncIterable<Uint8Array>, end: () => void): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes;
  } finally {
    end();
  }
}

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
