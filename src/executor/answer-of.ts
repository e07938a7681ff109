import { inspect } from 'node:util';
import { type Either, left } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { Eventually } from '../effects/eventually.js';
import type { OperationThrew } from './operation.js';

/** What a handler answers; one that throws or rejects instead has failed, and nothing around it breaks. */
export const answerOf =
  <E, A>(ask: () => TaskEither<E, A>): TaskEither<E | OperationThrew, A> =>
  async () => {
    try {
      return await ask()();
    } catch (thrown) {
      return left(threw(thrown));
    }
  };

/** The same of a handler that may answer at once. */
export const answerNow = <E, A>(
  ask: () => Eventually<Either<E, A>>,
): Eventually<Either<E | OperationThrew, A>> => {
  try {
    const answer = ask();
    return answer instanceof Promise ? answer.catch((thrown: unknown) => left(threw(thrown))) : answer;
  } catch (thrown) {
    return left(threw(thrown));
  }
};

const threw = (thrown: unknown): OperationThrew => ({ _tag: 'OperationThrew', message: messageOf(thrown) });

const messageOf = (thrown: unknown): string =>
  thrown instanceof Error && thrown.message !== '' ? thrown.message : inspect(thrown);
