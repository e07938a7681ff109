import { inspect } from 'node:util';
import { left } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { OperationThrew } from './operation.js';

/** What a handler answers; one that throws or rejects instead has failed, and nothing around it breaks. */
export const answerOf =
  <E, A>(ask: () => TaskEither<E, A>): TaskEither<E | OperationThrew, A> =>
  async () => {
    try {
      return await ask()();
    } catch (thrown) {
      return left({ _tag: 'OperationThrew', message: messageOf(thrown) });
    }
  };

const messageOf = (thrown: unknown): string =>
  thrown instanceof Error && thrown.message !== '' ? thrown.message : inspect(thrown);
