import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import type * as TE from 'fp-ts/lib/TaskEither.js';
import type { WrittenRows } from '../../ports/query-engine.js';
import type { ByteStream } from '../../tinyfs/persistence.js';
import type { PondError } from '../errors.js';
import type { Pond } from '../pond/pond.js';
import { queryPondAs } from '../pond/query-pond.js';
import type { QueryPondOptions } from '../shapes/query-options.js';
import { readTransaction } from './read-transaction.js';

type QueryBytesOptions = Omit<QueryPondOptions, 'maxRows' | 'maxCharacters'> & {
  readonly at?: number;
  readonly as: WrittenRows;
};

/**
 * Rows of a query as bytes, while they are computed. The transaction and the engine are there until the bytes end, whoever ends them;
 * until the first of them are there a failure is the caller's, later it is thrown to whoever reads.
 */
export const queryBytes =
  (pond: Pond) =>
  (sql: string, { at, ...options }: QueryBytesOptions): TE.TaskEither<PondError, ByteStream> =>
  () =>
    new Promise((resolve, reject) => {
      let begun = false;
      const begin = (answer: Either<PondError, ByteStream>): void => {
        begun = true;
        resolve(answer);
      };
      const reading = readTransaction(pond)(
        ({ fs }) =>
          queryPondAs(pond, fs)(sql, options, (bytes) => async () => {
            const pieces = bytes[Symbol.asyncIterator]();
            const first = await pieces.next();
            const ended = new Promise<void>((end) => {
              options.signal?.addEventListener('abort', () => end(), { once: true });
              if (options.signal?.aborted === true) end();
              begin(right(rest(first, pieces, { end, signal: options.signal })));
            });
            await ended;
            return right(undefined);
          }),
        {
          operation: 'query',
          ...(at === undefined ? {} : { at }),
          ...(options.signal === undefined ? {} : { signal: options.signal }),
        },
      );
      reading().then((outcome) => {
        if (!begun && isLeft(outcome)) begin(left(outcome.left));
      }, reject);
    });

/** The bytes of an iterator whose first piece has been taken. Those that were interrupted do not end as if they were whole. */
async function* rest(
  first: IteratorResult<Uint8Array, unknown>,
  pieces: AsyncIterator<Uint8Array>,
  { end, signal }: { readonly end: () => void; readonly signal: AbortSignal | undefined },
): AsyncGenerator<Uint8Array> {
  try {
    for (let next = first; ; next = await pieces.next()) {
      if (signal?.aborted === true) throw INTERRUPTED;
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    end();
  }
}

const INTERRUPTED: PondError = { _tag: 'Interrupted', call: 'query' };
