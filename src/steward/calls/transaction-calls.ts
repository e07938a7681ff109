import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { acting, changing } from '../acting.js';
import { queryBytes } from '../commit/query-bytes.js';
import { readTransaction } from '../commit/read-transaction.js';
import type { PondError } from '../errors.js';
import { queryPond } from '../pond/query-pond.js';
import type { Steward } from '../steward.js';
import type { OpenedPond } from './opened-pond.js';

/** Calls that read and write what is in the pond. */
export const transactionCalls = ({
  pond,
  afterOpening,
  takingOverAfter,
}: OpenedPond): Pick<Steward, 'read' | 'query' | 'queryBytes' | 'write' | 'run'> => ({
  read: (body, options) => afterOpening(readTransaction(pond)(body, options)),
  query: (sql, { at, ...options } = {}) =>
    interruptible(
      options.signal,
      afterOpening(
        readTransaction(pond)(({ fs }) => queryPond(pond, fs)(sql, options), {
          operation: 'query',
          ...(at === undefined ? {} : { at }),
          ...(options.signal === undefined ? {} : { signal: options.signal }),
        }),
      ),
    ),
  queryBytes: (sql, options) => interruptible(options.signal, afterOpening(queryBytes(pond)(sql, options))),
  write: (body, options) =>
    pipe(
      changing(({ writeTransaction }) => writeTransaction(pond)(body, options)),
      takingOverAfter(options?.signal),
      afterOpening,
    ),
  run: (path, options = {}) =>
    pipe(
      acting(({ runByHand }) => runByHand(pond, path, options)),
      takingOverAfter(options.signal),
      afterOpening,
    ),
});

/** A query that its caller has ended was interrupted, whatever the engine says of it; one that has an end already is not begun. */
const interruptible = <A>(
  signal: AbortSignal | undefined,
  work: TE.TaskEither<PondError, A>,
): TE.TaskEither<PondError, A> => {
  if (signal?.aborted === true) return TE.left({ _tag: 'Interrupted', call: 'query' });
  return pipe(
    work,
    TE.mapLeft((error) =>
      signal?.aborted === true && error._tag === 'QueryFailed'
        ? { _tag: 'Interrupted', call: 'query' }
        : error,
    ),
  );
};
