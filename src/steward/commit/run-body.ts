import { left } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { PondError } from '../errors.js';

/**
 * Runs a caller's code. A body returns its errors; one that throws instead has a bug, which must not leave the lock
 * held and the transaction open, so it becomes an error like any other.
 */
export const runBody =
  <E, A>(body: () => TaskEither<E, A>): TaskEither<PondError | E, A> =>
  async () => {
    try {
      return await body()();
    } catch (thrown) {
      const message = thrown instanceof Error ? thrown.message : String(thrown);
      return left({ _tag: 'BodyThrew', message, thrown });
    }
  };
