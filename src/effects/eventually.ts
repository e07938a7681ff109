import { type Either, isLeft } from 'fp-ts/lib/Either.js';

/** A value that is there, or a promise of it. What takes microseconds returns at once: a promise would take longer. */
export type Eventually<A> = A | Promise<A>;

/** Goes on with a value, at once where it is there. */
export const whenThere = <A, B>(value: Eventually<A>, use: (value: A) => Eventually<B>): Eventually<B> =>
  value instanceof Promise ? value.then(use) : use(value);

/** Goes on with what was returned, unless that is an error. */
export const andThen = <E, A, B>(
  answer: Eventually<Either<E, A>>,
  next: (value: A) => Eventually<Either<E, B>>,
): Eventually<Either<E, B>> =>
  whenThere(answer, (either): Eventually<Either<E, B>> => (isLeft(either) ? either : next(either.right)));
