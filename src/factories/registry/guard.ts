import { left } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { Redact } from '../../domain/secrets/redactor.js';
import type { TinyFsError } from '../../tinyfs/errors.js';
import type { ByteStream } from '../../tinyfs/persistence.js';
import type { FactoryError } from '../factory.js';
import { failureOf } from '../retry-wish.js';
import { thrownMessage } from '../thrown-message.js';

/** The factory whose code runs, and the configuration that it runs for. */
export interface Guarded {
  readonly path: string;
  readonly factory: string;
}

/** Calls a factory so that whatever it throws or rejects with becomes its own failure and nobody else's. */
export const guardTask =
  <A>({ path, factory }: Guarded, call: () => TaskEither<FactoryError, A>): TaskEither<FactoryError, A> =>
  async () => {
    try {
      return await call()();
    } catch (thrown) {
      return left(failureOf({ path, factory }, thrown));
    }
  };

/** The same for the bytes that a factory makes while they are read. The filesystem's own errors pass as they are. */
export const guardStream = (
  { path, factory }: Guarded,
  open: () => ByteStream,
  redact: Redact,
): ByteStream => ({
  async *[Symbol.asyncIterator]() {
    try {
      yield* open();
    } catch (thrown) {
      if (typeof thrown === 'object' && thrown !== null && '_tag' in thrown) throw thrown;
      const message = redact(thrownMessage(thrown));
      throw { _tag: 'DynamicNodeFailed', path, factory, message } satisfies TinyFsError;
    }
  },
});
