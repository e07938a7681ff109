import type { Either } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { TLogError } from '../tlog.js';

/** Work that is done in the middle of a commit; what it throws is for {@link committingBeside}. */
export type Beside = (() => Promise<void>) | undefined;

/** Commits with work of somebody else's in the middle: an error of it ends the commit, and is the commit's. */
export const committingBeside =
  <E, A>(
    beside: TaskEither<E, void> | undefined,
    commit: (work: Beside) => TaskEither<TLogError, A>,
  ): TaskEither<TLogError | E, A> =>
  async () => {
    if (beside === undefined) return commit(undefined)();
    const failed: { outcome: Either<E, never> | null } = { outcome: null };
    try {
      return await commit(async () => {
        const done = await beside();
        if (done._tag === 'Right') return;
        failed.outcome = done;
        throw failed;
      })();
    } catch (thrown) {
      if (thrown === failed && failed.outcome !== null) return failed.outcome;
      throw thrown;
    }
  };
