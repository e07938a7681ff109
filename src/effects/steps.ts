import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import { isSome, none, type Option, some } from 'fp-ts/lib/Option.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';

/** Tools of a body of {@link steps}. */
export interface Steps<E> {
  /** The value of one step; an error of it ends the whole. */
  readonly run: <A>(step: TaskEither<E, A>) => Promise<A>;
  /** The same for what is there already. */
  readonly take: <A>(outcome: Either<E, A>) => A;
  /** Ends the whole with an error. */
  readonly fail: (error: E) => Promise<never>;
}

/**
 * Do-notation for what has loops: the body awaits one step after another, and the first error is the error of all.
 * What the body throws otherwise is a defect and rejects the promise.
 */
export const steps =
  <E, A>(body: (s: Steps<E>) => Promise<A>): TaskEither<E, A> =>
  async (): Promise<Either<E, A>> => {
    const ended: { error: Option<E> } = { error: none };
    const take = <B>(outcome: Either<E, B>): B => {
      if (!isLeft(outcome)) return outcome.right;
      ended.error = some(outcome.left);
      throw ended;
    };
    const run = <B>(step: TaskEither<E, B>): Promise<B> => step().then(take<B>);
    const fail = async (error: E): Promise<never> => take(left(error));
    try {
      return right(await body({ run, take, fail }));
    } catch (thrown) {
      if (thrown === ended && isSome(ended.error)) return left(ended.error.value);
      throw thrown;
    }
  };
