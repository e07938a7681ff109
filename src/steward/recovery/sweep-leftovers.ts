import type * as TE from 'fp-ts/lib/TaskEither.js';
import { steps } from '../../effects/steps.js';
import type { SweepOptions, Swept } from '../../tlogfs/tlog.js';
import { withWriterLock } from '../commit/writers/writer-lock.js';
import type { PondError } from '../errors.js';
import type { Pond } from '../pond/pond.js';

/**
 * Removes files of the pond that nothing refers to; null, and nothing removed, where the control table knows a commit
 * that the log does not: what looks left over may be all that is left of it. The caller holds the writer's lock, and
 * whatever had landed is recorded.
 */
export const sweepLeftovers = (pond: Pond, options: SweepOptions): TE.TaskEither<PondError, Swept | null> =>
  steps(async ({ run }) => ((await run(isLogWhole(pond))) ? run(pond.tlog.sweep(options)) : null));

/** Removes such files after finding them while others may write: the writer's lock is held for removing them alone. */
export const sweepBeside = (pond: Pond, signal: AbortSignal): TE.TaskEither<PondError, Swept | null> =>
  steps(async ({ run }) => {
    const strays = await run(pond.tlog.strays());
    if (strays.files.length === 0) return null;
    return run(
      withWriterLock(
        pond,
        signal,
        steps(async (locked) =>
          (await locked.run(isLogWhole(pond))) ? locked.run(pond.tlog.removeStrays(strays)) : null,
        ),
      ),
    );
  });

const isLogWhole = (pond: Pond): TE.TaskEither<PondError, boolean> =>
  steps(async ({ run }) => {
    const head = await run(pond.tlog.head());
    const { commit } = await run(pond.control.newestCommit());
    const recorded = commit?.txnSeq ?? 0;
    if (recorded <= head.txnSeq) return true;
    pond.ports.logger.log('warn', 'log_behind_control_table', {
      recorded_txn_seq: recorded,
      logged_txn_seq: head.txnSeq,
    });
    return false;
  });
