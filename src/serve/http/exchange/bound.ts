import { left } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { RequestError } from './http-error.js';

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
