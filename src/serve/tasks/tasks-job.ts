import { isLeft } from 'fp-ts/lib/Either.js';
import type * as TE from 'fp-ts/lib/TaskEither.js';
import type { Claim } from '../../control/claim.js';
import type { TaskStatus } from '../../control/task-status.js';
import { steps } from '../../effects/steps.js';
import { describeError } from '../../steward/describe-error.js';
import type { PondError } from '../../steward/errors.js';
import { removeDeadRunners } from '../../steward/recovery/recover.js';
import { refuseUntrusted } from '../../steward/tasks/refuse-untrusted.js';
import { runClaimable, runClaims } from '../../steward/tasks/run-claimable.js';
import { NOTHING_DONE, type PondJob, sumOfWork, type Turn, type WorkDone } from '../pond-job.js';
import type { ServedPond } from '../served-pond.js';
import { looks } from './looks.js';
import { nextBeginning, type PendingCommit, pendingCommits, type UnfinishedTask } from './pending-commits.js';

/** Commits whose tasks are run side by side; what a commit's own plan allows comes on top of it. */
const SIDE_BY_SIDE = 4;
/** Milliseconds after which a commit whose tasks could not be run is tried again although nothing about it has changed. */
const TRY_AGAIN = 30_000;
/** The same after which it is looked whether another runner still lives: one that is killed changes nothing. */
const LOOK_AGAIN = 2_000;

/**
 * Runs the tasks that nobody runs: those that writes have left to the background, and those of runners that have died. Each
 * commit's are run as a recovery would run them, several commits side by side.
 */
export const tasksJob = ({ pond }: ServedPond): PondJob => {
  const { control, ports } = pond;
  const running = new Set<{ readonly id: string; readonly ended: Promise<void> }>();
  /** Commits whose tasks could not be run as they were, and until when they are left alone: monotonic milliseconds. */
  const tried = new Map<string, { readonly mark: string; readonly until: number }>();
  let work = NOTHING_DONE;
  const { atOldest, atAll, restMs } = looks(control, ports.clock);

  const begin = (
    { txnSeq, id }: { readonly txnSeq: number; readonly id: string },
    mark: string | null,
    tasks: TE.TaskEither<PondError, readonly TaskStatus[]>,
  ): void => {
    const run = async () => {
      const ran = await tasks();
      const isKnown = mark !== null && tried.get(id)?.mark === mark;
      if (mark !== null) tried.set(id, { mark, until: ports.clock.monotonicMs() + TRY_AGAIN });
      if (isLeft(ran)) {
        const fields = { pond: pond.directory, txn_seq: txnSeq, error: describeError(ran.left) };
        ports.logger.log(isKnown ? 'debug' : 'error', 'tasks_not_run', fields);
      } else {
        const ended = ran.right.filter(({ state }) => state !== 'pending' && state !== 'started');
        const failed = ended.filter(({ state }) => state === 'failed' || state === 'rolled_back');
        work = sumOfWork(work, { done: ended.length, failed: failed.length });
      }
    };
    const one = { id, ended: run().finally(() => running.delete(one)) };
    running.add(one);
  };

  const isLeftAlone = ({ id, mark }: PendingCommit): boolean => {
    const last = tried.get(id);
    return last !== undefined && last.mark === mark && last.until > ports.clock.monotonicMs();
  };

  /** Begins what can be begun; returns what it has looked at. */
  const beginAll = (signal: AbortSignal): TE.TaskEither<PondError, 'oldest' | 'all'> =>
    steps(async ({ run }) => {
      // What others have left to this runner, because it was busy with the same entry.
      for (const claims of byCommit(await run(pond.runner.takeLeft()))) {
        const [{ parentTxnSeq: txnSeq, txnId: id }] = claims;
        begin({ txnSeq, id }, null, runClaims(pond, claims, { configTxnSeq: txnSeq, signal }));
      }
      if (restMs() > 0) {
        beginAmong(await run(atOldest()), signal);
        if (running.size > 0) return 'oldest';
      }
      const unfinished = await run(atAll());
      beginAmong(unfinished, signal);
      forgetEnded(tried, new Set(unfinished.map(({ txnId }) => txnId)));
      return 'all';
    });

  const beginAmong = (unfinished: readonly UnfinishedTask[], signal: AbortSignal): void => {
    const chosen = pendingCommits(
      unfinished,
      new Set([...running].map(({ id }) => id)),
      ports.clock.nowMicros(),
    );
    for (const commit of chosen.filter((one) => !isLeftAlone(one))) {
      if (running.size >= SIDE_BY_SIDE) break;
      const { txnSeq, isFiring, tasks, mark } = commit;
      begin(
        commit,
        mark,
        steps(async (s) => {
          // A firing runs with the newest configuration, which is looked at when it does.
          if (!isFiring) await s.run(refuseUntrusted(pond, [txnSeq]));
          return s.run(runClaimable(pond, tasks, { configTxnSeq: txnSeq, signal }));
        }),
      );
    }
  };

  const workUntilDone = ({ signal, changed }: Turn): TE.TaskEither<PondError, WorkDone> =>
    steps(async ({ run }) => {
      work = NOTHING_DONE;
      for (;;) {
        const over = new AbortController();
        // Asked for before the look, so that what comes during it is not missed.
        const change = changed(over.signal);
        try {
          const looked = signal.aborted ? 'all' : await run(beginAll(signal));
          if (running.size === 0) {
            // What was taken over from the dead was all that was left of them.
            if (work.done > 0) await run(removeDeadRunners(pond, false));
            return work;
          }
          const ends = [...running].map(({ ended }) => ended);
          const isAll = looked === 'all' || running.size === SIDE_BY_SIDE;
          const again = isAll ? [] : [ports.clock.sleep(restMs(), over.signal)];
          await Promise.race(signal.aborted ? ends : [change, ...again, ...ends]);
        } finally {
          over.abort();
        }
      }
    });

  return {
    name: 'tasks',
    work: workUntilDone,
    nextDue: () =>
      steps(async ({ run }) => {
        const unfinished = await run(control.findIncompletePostCommitTasks());
        const now = ports.clock.nowMicros();
        const beginning = nextBeginning(unfinished, now);
        if (unfinished.every(({ runner }) => runner === null)) return beginning;
        return Math.min(now + LOOK_AGAIN * 1000, beginning ?? Number.POSITIVE_INFINITY);
      }),
  };
};

const forgetEnded = (tried: Map<string, unknown>, unfinished: ReadonlySet<string>): void => {
  for (const id of [...tried.keys()]) if (!unfinished.has(id)) tried.delete(id);
};

type OfOneCommit = readonly [Claim, ...Claim[]];

const byCommit = (claims: readonly Claim[]): readonly OfOneCommit[] => {
  const commits = new Map<string, [Claim, ...Claim[]]>();
  for (const claim of claims) {
    const known = commits.get(claim.txnId);
    if (known === undefined) commits.set(claim.txnId, [claim]);
    else known.push(claim);
  }
  return [...commits.values()];
};
