import * as E from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';

/*
 * What `fp-ts/TaskEither` has under longer names, for what is done for each task of a commit: one promise where that makes three,
 * each of which Node follows as long as anybody asks inside what something runs.
 */

/** Goes on with the value of a step. */
export const mapped =
  <A, B>(use: (value: A) => B) =>
  <Err>(step: TaskEither<Err, A>): TaskEither<Err, B> =>
  () =>
    step().then(E.map(use));

/** Goes on with the error of a step. */
export const mappedLeft =
  <Err, Other>(use: (error: Err) => Other) =>
  <A>(step: TaskEither<Err, A>): TaskEither<Other, A> =>
  () =>
    step().then(E.mapLeft(use));
