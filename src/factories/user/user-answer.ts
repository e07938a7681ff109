import { type Either, left, right } from 'fp-ts/lib/Either.js';

/** A function of a user's module, of which nothing is known but that it can be called. */
export type Callable = (...args: readonly unknown[]) => unknown;

export const isCallable = (value: unknown): value is Callable => typeof value === 'function';

/**
 * Calls a user's function and waits for its result, in whichever style it is written: a value, a promise of it, or
 * fp-ts's `TaskEither` (a function that returns a promise of an `Either`). Rejects where the function throws.
 */
export const settle = async (call: Callable): Promise<Either<unknown, unknown>> => {
  let answer: unknown = await call();
  if (isCallable(answer)) answer = await answer();
  if (isEitherLike(answer)) {
    return answer._tag === 'Left' ? left(answer.left) : right(answer.right);
  }
  return right(answer);
};

interface EitherLike {
  readonly _tag: 'Left' | 'Right';
  readonly left?: unknown;
  readonly right?: unknown;
}

export const isEitherLike = (value: unknown): value is EitherLike =>
  typeof value === 'object' && value !== null && '_tag' in value && isSide(value._tag);

const isSide = (tag: unknown): boolean => tag === 'Left' || tag === 'Right';
