import { inspect } from 'node:util';
import { type Either, left } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { Eventually } from '../effects/eventually.js';
import type { OperationThrew } from './operation.js';

/** The result of a call of a handler or journal; one that throws has failed, and nothing around it breaks. */
export const catching = <E, A>(call: () => Either<E, A>): Either<E | OperationThrew, A> => {
  try {
    return call();
  } catch (thrown) {
    return left(threw(thrown));
  }
};

/** The same of a call whose result may be a promise. */
export const catchingEventually = <E, A>(
  call: () => Eventually<Either<E, A>>,
): Eventually<Either<E | OperationThrew, A>> => {
  try {
    const result = call();
    return result instanceof Promise ? result.catch((thrown: unknown) => left(threw(thrown))) : result;
  } catch (thrown) {
    return left(threw(thrown));
  }
};

/** The same of a call whose result is a task. */
export const catchingTask =
  <E, A>(call: () => TaskEither<E, A>): TaskEither<E | OperationThrew, A> =>
  () => {
    try {
      return call()().catch((thrown: unknown) => left(threw(thrown)));
    } catch (thrown) {
      return Promise.resolve(left(threw(thrown)));
    }
  };

const threw = (thrown: unknown): OperationThrew => ({ _tag: 'OperationThrew', message: messageOf(thrown) });

const messageOf = (thrown: unknown): string =>
  thrown instanceof Error && thrown.message !== '' ? thrown.message : inspect(thrown);
