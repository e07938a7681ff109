import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { steps } from '../../effects/steps.js';
import { describeAnyError } from '../describe-any-error.js';
import { describeError } from '../describe-error.js';
import type { PondError } from '../errors.js';
import type { Pond } from '../pond/pond.js';
import type { Stopwatch } from '../pond/stopwatch.js';
import type { TransactionOptions } from '../shapes/transactions.js';
import { beginRecord, type RunAbout } from './begin-record.js';

/** A transaction that did not come to its beginning. */
export interface Refused {
  readonly transactionType: 'read' | 'write';
  readonly stopwatch: Stopwatch;
  readonly traceParent?: string | null;
  readonly about?: RunAbout;
  readonly describe?: TransactionOptions['describe'];
}

/**
 * Records that a transaction was refused before it began: somebody else is writing, what it would run is not approved,
 * nothing is there to be run. Whatever becomes of that, the refusal is what the caller is told.
 */
export const recordRefused = <E>(
  pond: Pond,
  { transactionType, stopwatch, traceParent = null, about, describe }: Refused,
  error: PondError | E,
): TE.TaskEither<PondError | E, never> =>
  pipe(
    pond.control.readOnly !== null || pond.control.isOlder()
      ? TE.right(undefined)
      : steps<PondError, void>(async ({ run }) => {
          const { txnSeq } = await run(pond.tlog.head());
          const identity = {
            txnSeq: transactionType === 'write' ? txnSeq + 1 : txnSeq,
            txnId: pond.ports.ids.uuidV7(),
            timestamp: stopwatch.startedAt,
          };
          await run(
            pond.control.recordRefused(
              beginRecord(pond, transactionType, identity, txnSeq, traceParent, about),
              {
                ...stopwatch.ended(),
                errorMessage: pond.redact(describeAnyError(error, describe)),
              },
            ),
          );
        }),
    TE.match(
      (second) => {
        if (isTheSame(second, error)) return;
        pond.ports.logger.log('warn', 'refusal_not_recorded', { error: describeError(second) });
      },
      () => undefined,
    ),
    TE.fromTask,
    TE.flatMap(() => TE.left(error)),
  );

/** Tells whether what keeps the control table from recording a refusal is what was refused: the caller is told that already. */
const isTheSame = <E>(second: PondError, error: PondError | E): boolean =>
  second._tag === 'ControlFailed' &&
  typeof error === 'object' &&
  error !== null &&
  '_tag' in error &&
  error._tag === second._tag &&
  'code' in error &&
  error.code === second.code;
