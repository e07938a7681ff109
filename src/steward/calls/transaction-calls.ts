import { pipe } from 'fp-ts/lib/function.js';
import { acting, changing } from '../acting.js';
import { queryBytes } from '../commit/query-bytes.js';
import { readTransaction } from '../commit/read-transaction.js';
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
    afterOpening(
      readTransaction(pond)(({ fs }) => queryPond(pond, fs)(sql, options), {
        operation: 'query',
        ...(at === undefined ? {} : { at }),
        ...(options.signal === undefined ? {} : { signal: options.signal }),
      }),
    ),
  queryBytes: (sql, options) => afterOpening(queryBytes(pond)(sql, options)),
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
