import { isLeft, left } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { FactoryError, RetryWish } from '../../factory.js';
import { thrownMessage } from '../../thrown-message.js';

/** The errors of one factory that runs for one configuration. */
export interface Failing {
  readonly failed: (message: string, wish?: RetryWish) => FactoryError;
  /** A step of which any error, returned or thrown, is one of the factory, in words. */
  readonly orFailed: <E, A>(step: TaskEither<E, A>) => TaskEither<FactoryError, A>;
}

export const failingOf = (factory: string, { path }: { readonly path: string }): Failing => {
  const failed: Failing['failed'] = (message, wish = {}) => ({
    _tag: 'FactoryFailed',
    path,
    factory,
    message,
    ...wish,
  });
  return {
    failed,
    orFailed: (step) => async () => {
      try {
        const outcome = await step();
        return isLeft(outcome) ? left(failed(thrownMessage(outcome.left))) : outcome;
      } catch (thrown) {
        return left(failed(thrownMessage(thrown)));
      }
    },
  };
};
