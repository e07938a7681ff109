import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as RA from 'fp-ts/lib/ReadonlyArray.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { FirstLook } from '../../../control/records/first-look.js';
import type { GoneCommits } from '../../../control/records/known-commits.js';
import type { OpenTransaction } from '../../../control/records/transaction-summary.js';
import type { Plan } from '../../../domain/plans/plan.js';
import { steps } from '../../../effects/steps.js';
import { emptyPlan } from '../../../planner/empty-plan.js';
import { placesOf } from '../../../planner/task-places.js';
import type { Head, LoggedCommit } from '../../../tlogfs/tlog.js';
import type { PondError } from '../../errors.js';
import { entriesOf, pendingTasksOf } from '../../planning/pending-tasks.js';
import { rulesOf } from '../../planning/plan-of-commit.js';
import { readStoredPlan, storedPlanOf } from '../../planning/stored-plan.js';
import { bothEnds, compareAll, olderCopy } from '../../pond/opening/older-copies.js';
import type { Pond } from '../../pond/pond.js';
import { recordUnknownCommits } from './record-unknown-commits.js';

/** Remains of an interrupted writer. */
export interface Interruption {
  /** Head of the log. */
  readonly head: Head;
  /** Commits that are in the log and not in the control table, oldest first. */
  readonly unrecorded: readonly LoggedCommit[];
  /** Writes that have begun and are not recorded as committed. */
  readonly begun: readonly OpenTransaction[];
  /** Recorded commits that the log does not have any more, oldest first, and transactions that it has again. */
  readonly gone: GoneCommits;
  /** The highest number that a commit was ever recorded under, or has in the log. */
  readonly highestSeq: number;
}

/** Result of rolling forward. */
export interface RolledForward {
  /** Recorded now. */
  readonly commits: readonly LoggedCommit[];
  /** Recorded as failed: they had never reached their commit point. */
  readonly failed: readonly OpenTransaction[];
  /** Commits that the control table did not know at all. */
  readonly rebuilt: number;
  /** Recorded commits that are no longer in the table: an older copy of it was put back. */
  readonly gone: readonly { readonly txnSeq: number; readonly txnId: string }[];
}

/**
 * Brings, first thing under the writer's lock, an interrupted predecessor to the end of step 4: where its log entry
 * is there, the data is committed, so the entry is made durable, recorded, and its prepared plan activated; where it
 * is not, nothing happened, so it is recorded as failed and what it had staged is removed. None of its tasks is run.
 * Where the log is older than the control table, what it does not have any more is kept in mind as gone.
 * What a predecessor left that nothing refers to is removed, too: one that died merging files is not recorded. `beforeWrite`: the log has
 * just been looked at, and such files are not looked for where this process made the newest version (see `discardLeftovers`). `seen`: what the control
 * table said with the lock, by which nothing is repaired: where it has it that something is to be, it is asked again.
 *
 * The caller holds the writer's lock, so every write that has begun and is not recorded as committed is dead.
 */
export const rollForward = (
  pond: Pond,
  when: 'byItself' | 'beforeWrite' = 'byItself',
  seen: FirstLook | null = null,
): TE.TaskEither<PondError, RolledForward & Pick<Interruption, 'head' | 'highestSeq'>> =>
  steps(async (s) => {
    const look = when === 'beforeWrite' ? 'known' : undefined;
    const whole = seen === null ? null : await s.run(findInterruption(pond, look, seen));
    const isWhole = whole !== null && !isInterrupted(whole);
    const interruption = isWhole ? whole : await s.run(fencedInterruption(pond, look));
    const { head, highestSeq, unrecorded, begun, gone } = interruption;
    if (gone.gone.length + gone.returned.length > 0) await s.run(settleGone(pond, gone));
    const interrupted = unrecorded.length + begun.length > 0;
    const done = interrupted
      ? await s.run(repair(pond, interruption))
      : { commits: [], failed: [], rebuilt: 0, gone: gone.gone };
    await s.run(pond.tlog.discardLeftovers(interrupted || when === 'byItself' ? 'all' : 'ofOthers'));
    return { head, highestSeq, ...done };
  });

const isInterrupted = ({ unrecorded, begun, gone: { gone, returned } }: Interruption): boolean =>
  unrecorded.length + begun.length + gone.length + returned.length > 0;

const settleGone = (pond: Pond, gone: GoneCommits): TE.TaskEither<PondError, void> =>
  pipe(
    pond.control.recordGone(gone, pond.ports.clock.nowMicros()),
    TE.map(() =>
      pond.ports.logger.log('info', 'commits_gone', {
        gone: gone.gone.map(({ txnSeq }) => txnSeq),
        returned: gone.returned.length,
      }),
    ),
  );

/**
 * The same once nothing of it can change any more: a log entry that a dead writer has sent to a store may still be on its way, or be sent
 * by one that only seems to be dead. It is there by now, or what it was to become is somebody else's.
 */
const fencedInterruption = (pond: Pond, look?: 'known'): TE.TaskEither<PondError, Interruption> =>
  steps(async ({ run }) => {
    const found = await run(findInterruption(pond, look));
    const landed = new Set(found.unrecorded.map(({ txnId }) => txnId));
    const dead = found.begun.filter(({ txnId }) => !landed.has(txnId));
    if (pond.shared === null || dead.length === 0) return found;
    const intended = dead.map(({ intendedVersion }) => intendedVersion);
    await run(pond.tlog.fence(pond.ports.clock.nowMicros(), intended));
    return run(findInterruption(pond));
  });

/** Tells what {@link rollForward} would have to do. Reads only. `known`, `seen`: as in {@link bothEnds}. */
export const findInterruption = (
  pond: Pond,
  look?: 'known',
  seen: FirstLook | null = null,
): TE.TaskEither<PondError, Interruption> =>
  steps(async (s) => {
    const incomplete = seen === null ? pond.control.findIncompleteTransactions() : TE.right(seen.open);
    // Under the lock nobody else begins: over a network both questions are under way at once.
    const asked = look === 'known' && pond.shared !== null ? incomplete() : null;
    const ends = await s.run(bothEnds(pond, look, seen?.newest));
    const { head, newest } = ends;
    const newestSeq = newest.commit?.txnSeq ?? 0;
    const mayHaveReturned = newest.highestSeq > newestSeq && head.txnSeq > newestSeq;
    const isInOrder = !mayHaveReturned && (await s.run(olderCopy(pond, ends))) === null;
    const compared = isInOrder ? null : await s.run(compareAll(pond));
    const recordedSeq = compared?.lastCommon ?? newestSeq;
    const open = await s.run(asked === null ? incomplete : () => asked);
    return {
      head,
      highestSeq: Math.max(head.txnSeq, newest.highestSeq),
      unrecorded: head.txnSeq > recordedSeq ? await s.run(pond.tlog.commitsAfter(recordedSeq)) : [],
      begun: open.filter(
        (transaction) => transaction.transactionType === 'write' && !transaction.dataCommitted,
      ),
      gone: compared ?? { gone: [], returned: [] },
    };
  });

const repair = (
  pond: Pond,
  { unrecorded, begun, gone: { gone } }: Interruption,
): TE.TaskEither<PondError, RolledForward> => {
  const begunIds = new Set(begun.map(({ txnId }) => txnId));
  const landedIds = new Set(unrecorded.map(({ txnId }) => txnId));
  const { left: unknown, right: commits } = pipe(
    unrecorded,
    RA.partition(({ txnId }) => begunIds.has(txnId)),
  );
  const failed = begun.filter(({ txnId }) => !landedIds.has(txnId));
  const traceOf = new Map(begun.map(({ txnId, traceParent }) => [txnId, traceParent]));
  return steps(async ({ run }) => {
    await run(pond.tlog.secureHead());
    const rebuilt = await run(recordUnknownCommits(pond, unknown));
    for (const commit of commits) {
      await run(recordCommitted(pond, commit, traceOf.get(commit.txnId) ?? null));
    }
    for (const transaction of failed) await run(recordDead(pond)(transaction));
    return { commits, failed, rebuilt, gone };
  });
};

const recordCommitted = (
  pond: Pond,
  commit: LoggedCommit,
  traceParent: string | null,
): TE.TaskEither<PondError, void> =>
  pipe(
    preparedPlan(pond, commit),
    TE.tap((plan) =>
      pond.control.recordDataCommitted({
        txnSeq: commit.txnSeq,
        txnId: commit.txnId,
        basedOnSeq: commit.basedOnSeq,
        timestamp: pond.ports.clock.nowMicros(),
        dataFsVersion: commit.version,
        durationMs: null,
        plan: storedPlanOf(plan),
        traceParent,
        tasks: pendingTasksOf(plan),
        ...(pond.fleet === null ? {} : { places: placesOf(plan) }),
        entries: entriesOf(plan),
        claimedBy: null,
      }),
    ),
    TE.map((plan) =>
      pond.ports.logger.log('warn', 'commit_rolled_forward', {
        txn_seq: commit.txnSeq,
        txn_id: commit.txnId,
        unfinished_tasks: plan.tasks.length,
      }),
    ),
  );

/** The plan that was made for a commit. Every plan but the empty one was stored before the commit point. */
const preparedPlan = (pond: Pond, commit: LoggedCommit): TE.TaskEither<PondError, Plan> =>
  pipe(
    pond.control.planOf({ txnId: commit.txnId }),
    TE.flatMap((stored) =>
      TE.fromEither(stored === null ? pipe(rulesOf(pond, commit), E.map(emptyPlan)) : readStoredPlan(stored)),
    ),
    TE.filterOrElseW(
      (plan) => plan.checksum === commit.planChecksum,
      (): PondError => ({
        _tag: 'ControlUnusable',
        path: pond.shared === null ? `${pond.directory}/control/control.db` : pond.shared.control.address,
        problem: `the plan of transaction ${commit.txnSeq} is missing`,
      }),
    ),
  );

const recordDead =
  (pond: Pond) =>
  (transaction: OpenTransaction): TE.TaskEither<PondError, void> =>
    pipe(
      pond.tlog.discardStaged(transaction.txnId),
      TE.flatMap(() =>
        pond.control.recordFailed(transaction.txnId, {
          timestamp: pond.ports.clock.nowMicros(),
          durationMs: null,
          errorMessage: 'interrupted before the commit point; nothing was changed',
        }),
      ),
    );
