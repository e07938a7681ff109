import { pipe } from 'fp-ts/lib/function.js';
import type * as T from 'fp-ts/lib/Task.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { ControlError } from '../../control/control-error.js';
import type { OpenTransaction } from '../../control/records/transaction-summary.js';
import { steps } from '../../effects/steps.js';
import { findInterruption, type RolledForward, rollForward } from '../commit/rolling-forward/roll-forward.js';
import { withWriterLock } from '../commit/writers/writer-lock.js';
import { describeError } from '../describe-error.js';
import type { PondError } from '../errors.js';
import type { Pond } from '../pond/pond.js';
import { sweepBeside, sweepLeftovers } from './sweep-leftovers.js';
import { findIncomplete, isDeadRead } from './unfinished-work.js';

/** Transactions that are brought to their ends. */
export type Repaired = Omit<RolledForward, 'commits'> & {
  readonly commits: readonly { readonly txnSeq: number; readonly txnId: string }[];
};

/** Brings what crashes left of transactions to its end, under the lock of the writer, and removes what is left over of them. */
export const repair = (pond: Pond, signal: AbortSignal): TE.TaskEither<PondError, Repaired> =>
  steps(async ({ run }) => {
    const ended = await run(withWriterLock(pond, signal, endInterrupted(pond)));
    // What looks left over may be what there is of commits that have just been found gone: maintenance removes that.
    if (ended.gone.length === 0) await removeLeftovers(pond, signal)();
    return ended;
  });

const endInterrupted = (pond: Pond): TE.TaskEither<PondError, Repaired> =>
  steps(async ({ run }) => {
    const { commits, failed, rebuilt, gone } = await run(rollForward(pond));
    const open = await run(pond.control.findIncompleteTransactions());
    const reads = open.filter((transaction) => isDeadRead(pond, transaction));
    await run(endTransactions(pond, [...reads, ...open.filter(({ dataCommitted }) => dataCommitted)]));
    return { commits, failed: [...failed, ...reads], rebuilt, gone };
  });

/**
 * Removes blobs and data files of writes that died before their commit point. They take up room and nothing else, so that
 * recovery goes on where they cannot be removed; and looking at all files takes long in a large pond, so that others may write meanwhile.
 */
const removeLeftovers = (pond: Pond, signal: AbortSignal): T.Task<void> =>
  orSaid(
    pond,
    pond.shared === null
      ? sweepBeside(pond, signal)
      : withWriterLock(pond, signal, sweepLeftovers(pond, { mergedAwayBefore: null, dryRun: false })),
  );

const orSaid = (pond: Pond, work: TE.TaskEither<PondError, unknown>): T.Task<void> =>
  pipe(
    work,
    TE.match(
      (error) =>
        pond.ports.logger.log('warn', 'leftovers_not_removed', {
          error: describeError(error),
          remedy: 'pond fsck',
        }),
      () => undefined,
    ),
  );

/** Looks at what {@link repair} would do. */
export const wouldRepair = (pond: Pond): TE.TaskEither<PondError, Repaired> =>
  steps(async ({ run }) => {
    const { transactions: open } = await run(findIncomplete(pond));
    const interruption = await run(findInterruption(pond));
    // What a live writer is at will be recorded by itself.
    const isWriting = open.some(
      ({ transactionType, dataCommitted, isRunning }) =>
        transactionType === 'write' && !dataCommitted && isRunning,
    );
    const { unrecorded, begun } = isWriting ? { unrecorded: [], begun: [] } : interruption;
    const begunIds = new Set(begun.map(({ txnId }) => txnId));
    const landedIds = new Set(unrecorded.map(({ txnId }) => txnId));
    const commits = unrecorded.filter(({ txnId }) => begunIds.has(txnId));
    return {
      commits,
      failed: [
        ...begun.filter(({ txnId }) => !landedIds.has(txnId)),
        ...open.filter((transaction) => isDeadRead(pond, transaction)),
      ],
      rebuilt: unrecorded.length - commits.length,
      gone: interruption.gone.gone,
    };
  });

/**
 * Records the end of transactions that lack nothing else: of reads whose process is gone, and of commits whose tasks have all
 * ended, but whose runner died before it could say so. Needs no lock: each end is recorded once.
 */
export const endTransactions = (
  pond: Pond,
  open: readonly OpenTransaction[],
): TE.TaskEither<PondError, void> =>
  steps(async ({ run }) => {
    for (const transaction of open) {
      if (transaction.transactionType === 'read') await run(endDeadRead(pond, transaction));
      else await run(pond.control.completeIfEnded(transaction.txnId, pond.ports.clock.nowMicros()));
    }
  });

/** Records the end of such a read, unless another process has done so meanwhile. */
const endDeadRead = (pond: Pond, { txnId }: OpenTransaction): TE.TaskEither<PondError, void> =>
  pipe(
    pond.control.recordFailed(txnId, {
      timestamp: pond.ports.clock.nowMicros(),
      durationMs: null,
      errorMessage: 'interrupted',
    }),
    TE.orElse((error) =>
      pipe(
        pond.control.findIncompleteTransactions(),
        TE.flatMap((open) =>
          open.some((one) => one.txnId === txnId) ? TE.left(error) : TE.of<ControlError, void>(undefined),
        ),
      ),
    ),
  );
