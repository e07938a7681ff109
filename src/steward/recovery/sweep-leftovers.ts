import type * as TE from 'fp-ts/lib/TaskEither.js';
import { steps } from '../../effects/steps.js';
import type { SweepOptions, Swept } from '../../tlogfs/tlog.js';
import type { PondError } from '../errors.js';
import type { Pond } from '../pond/pond.js';

/**
 * Removes files of the pond that nothing refers to; null, and nothing removed, where the control table knows a commit
 * that the log does not: what looks left over may be all that is left of it. The caller holds the writer's lock, and
 * whatever had landed is recorded.
 */
export const sweepLeftovers = (pond: Pond, options: SweepOptions): TE.TaskEither<PondError, Swept | null> =>
  steps(async ({ run }) => {
    const head = await run(pond.tlog.head());
    const { commit } = await run(pond.control.newestCommit());
    const recorded = commit?.txnSeq ?? 0;
    if (recorded <= head.txnSeq) return run(pond.tlog.sweep(options));
    pond.ports.logger.log('warn', 'log_behind_control_table', {
      recorded_txn_seq: recorded,
      logged_txn_seq: head.txnSeq,
    });
    return null;
  });
