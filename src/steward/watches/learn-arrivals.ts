import type * as TE from 'fp-ts/lib/TaskEither.js';
import type { Arrival } from '../../control/records/arrival-record.js';
import { arrivalMarkIn } from '../../domain/watches/arrival-mark.js';
import { steps } from '../../effects/steps.js';
import type { PondError } from '../errors.js';
import type { Pond } from '../pond/pond.js';

/** Arrivals that the data says of a watch and that are not known here yet, in the order of their commits. Reads only. */
export const unlearntArrivals = (
  { control, tlog }: Pick<Pond, 'control' | 'tlog'>,
  watch: string,
  txnSeq: number,
): TE.TaskEither<PondError, readonly Arrival[]> =>
  steps(async ({ run }) => {
    const known = await run(control.knownArrivals(watch));
    if (known >= txnSeq) return [];
    const rows = await run((await run(tlog.snapshot(txnSeq))).rowsAfter(known));
    const arrivals = rows.flatMap((row): readonly Arrival[] => {
      const mark = arrivalMarkIn(row.attributes, row.txnSeq);
      if (mark === null || mark.watch !== watch) return [];
      const { path, size, modifiedAt, sha256 } = mark;
      return [
        {
          path,
          size,
          modifiedAt,
          sha256,
          outcome: 'taken',
          reason: null,
          txnSeq: row.txnSeq,
          arrivedAt: row.timestamp,
          aside: null,
          isSettled: false,
        },
      ];
    });
    return arrivals.sort((a, b) => (a.txnSeq ?? 0) - (b.txnSeq ?? 0));
  });

/**
 * Brings to the control table what the data says was taken in for a watch up to a commit: by this process before it could say so,
 * by another one, or before the control table was lost. What is committed is known by this, whatever happened since.
 */
export const learnArrivals = (
  pond: Pick<Pond, 'control' | 'tlog'>,
  watch: string,
  txnSeq: number,
): TE.TaskEither<PondError, void> =>
  steps(async ({ run }) => {
    if ((await run(pond.control.knownArrivals(watch))) >= txnSeq) return;
    const arrivals = await run(unlearntArrivals(pond, watch, txnSeq));
    await run(pond.control.learnArrivals({ watch, knownTxnSeq: txnSeq, arrivals }));
  });
