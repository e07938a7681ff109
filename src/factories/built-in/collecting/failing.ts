import { isLeft, left } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { TinyFsError } from '../../../tinyfs/errors.js';
import { isTinyFsError } from '../../../tinyfs/thrown-error.js';
import type { FactoryError, RetryWish } from '../../factory.js';
import { thrownMessage } from '../../thrown-message.js';

/** The errors of one factory that runs for one configuration. */
export interface Failing {
  readonly failed: (message: string, wish?: RetryWish) => FactoryError;
  /** A step of which any error, returned or thrown, is one of the factory, in words. */
  readonly orFailed: <E, A>(step: TaskEither<E, A>) => TaskEither<FactoryError, A>;
}

/** `describe` puts the filesystem's own errors into words. */
export const failingOf = (
  factory: string,
  { path }: { readonly path: string },
  describe: (error: TinyFsError) => string,
): Failing => {
  const failed: Failing['failed'] = (message, wish = {}) => ({
    ...{ _tag: 'FactoryFailed', path, factory, message },
    ...wish,
  });
  return {
    failed,
    orFailed: (step) => async () => {
      try {
        const outcome = await step();
        return isLeft(outcome) ? left(failed(describeThrown(describe, outcome.left))) : outcome;
      } catch (thrown) {
        return left(failed(describeThrown(describe, thrown)));
      }
    },
  };
};

/** An error of the filesystem in its own words, anything else in words as good as may be. */
export const describeThrown = (describe: (error: TinyFsError) => string, thrown: unknown): string =>
  isTinyFsError(thrown) ? describe(thrown) : thrownMessage(thrown);
