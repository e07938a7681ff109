import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { PondError } from '../errors.js';
import type { Pond } from '../pond/pond.js';

/**
 * `NotTrusted` where this user has not approved the configuration of one of these transactions: whoever is going to run
 * tasks with it asks before anything happens, and again right before they run.
 */
export const refuseUntrusted = (pond: Pond, txnSeqs: readonly number[]): TE.TaskEither<PondError, void> =>
  pipe(
    [...new Set(txnSeqs)],
    TE.traverseSeqArray((txnSeq) =>
      pipe(
        pond.tlog.snapshot(txnSeq),
        TE.flatMap((view) => pond.trust.judge(view)),
        TE.flatMap(
          (verdict): TE.TaskEither<PondError, void> =>
            verdict._tag === 'Trusted' ? TE.right(undefined) : TE.left(verdict.refusal),
        ),
      ),
    ),
    TE.map(() => undefined),
  );
