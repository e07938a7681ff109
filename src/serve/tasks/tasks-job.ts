import { isLeft } from 'fp-ts/lib/Either.js';
import type * as TE from 'fp-ts/lib/TaskEither.js';
import type { Claim } from '../../control/records/claim.js';
import type { TaskStatus } from '../../control/records/task-status.js';
import { steps } from '../../effects/steps.js';
import { describeError } from '../../steward/describe-error.js';
import type { PondError } from '../../steward/errors.js';
import type { Pond } from '../../steward/pond/pond.js';
import { removeDeadRunners } from '../../steward/recovery/dead-runners.js';
import { refuseUntrusted } from '../../steward/tasks/refuse-untrusted.js';
import { runClaimable, runClaims } from '../../steward/tasks/run-claimable.js';
import { NOTHING_DONE, type PondJob, sumOfWork, type Turn, type WorkDone } from '../pond-job.js';
import type { ServedPond } from '../served-pond.js';
import { looks } from './looks.js';
import { nextBeginning, type PendingCommit, pendingCommits, type UnfinishedTask } from './pending-commits.js';
import { triedCommits } from './tried-commits.js';

/** Commits whose tasks are run side by side; what a commit's own plan allows comes on top of it. */
const SIDE_BY_SIDE = 4;
/** Milliseconds after which it is looked whether another runner still lives: one that is killed changes nothing. */
const LOOK_AGAIN = 2_000;

/**
 * Runs the tasks that nobody runs: those that writes have left to the background, and those of runners that have died. Each
 * commit's are run as a recovery would run them, several commits side by side.
 */
export const tasksJob = ({ pond }: ServedPond): PondJob => {
  const { control, ports } = pond;
  const running = new Set<{ readonly id: string; readonly ended: Promise<void> }>();
  const tried = triedCommits(ports.clock);
  const { atOldest, atAll, restMs } = looks(control, ports.clock);
  let work = NOTHING_DONE;

  /** Runs tasks of one commit beside others; `mark`: null where they were left to this runner, which it takes once. */
  const begin = (of: OneCommit, mark: string | null, tasks: TE.TaskEither<PondError, Tasks>): void => {
    const run = async () => {
      const ran = await tasks();
      const isKnown = mark !== null && tried.note(of.id, mark);
      if (isLeft(ran)) {
        const fields = { pond: pond.address, txn_seq: of.txnSeq, error: describeError(ran.left) };
        ports.logger.log(isKnown ? 'debug' : 'error', 'tasks_not_run', fields);
      } else work = sumOfWork(work, doneOf(ran.right));
    };
    const one = { id: of.id, ended: run().finally(() => running.delete(one)) };
    running.add(one);
  };

  /** Begins what others have left to this runner, because it was busy with the same entry. */
  const beginLeft = (signal: AbortSignal): TE.TaskEither<PondError, void> =>
    steps(async ({ run }) => {
      for (const claims of byCommit(await run(pond.runner.takeLeft()))) {
        const [{ parentTxnSeq: txnSeq, txnId: id }] = claims;
        begin({ txnSeq, id }, null, runClaims(pond, claims, { configTxnSeq: txnSeq, signal }));
      }
    });

  const beginAmong = (unfinished: readonly UnfinishedTask[], signal: AbortSignal): void => {
    const underWay = new Set([...running].map(({ id }) => id));
    const chosen = pendingCommits(unfinished, underWay, ports.clock.nowMicros());
    for (const commit of chosen.filter((one) => !tried.isLeftAlone(one))) {
      if (running.size >= SIDE_BY_SIDE) break;
      begin(commit, commit.mark, runPending(pond, commit, signal));
    }
  };

  /** Begins what can be begun; returns what it has looked at. */
  const beginAll = (signal: AbortSignal): TE.TaskEither<PondError, 'oldest' | 'all'> =>
    steps(async ({ run }) => {
      await run(beginLeft(signal));
      if (restMs() > 0) {
        beginAmong(await run(atOldest()), signal);
        if (running.size > 0) return 'oldest';
      }
      const unfinished = await run(atAll());
      beginAmong(unfinished, signal);
      tried.keepOnly(new Set(unfinished.map(({ txnId }) => txnId)));
      return 'all';
    });

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
            if (work.done > 0) await run(removeDeadRunners(pond));
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

type OneCommit = Pick<PendingCommit, 'txnSeq' | 'id'>;

type Tasks = readonly TaskStatus[];

const runPending = (
  pond: Pond,
  { isFiring, txnSeq, tasks }: PendingCommit,
  signal: AbortSignal,
): TE.TaskEither<PondError, Tasks> =>
  steps(async ({ run }) => {
    // A firing runs with the newest configuration, which is looked at when it does.
    if (!isFiring) await run(refuseUntrusted(pond, [txnSeq]));
    return run(runClaimable(pond, tasks, { configTxnSeq: txnSeq, signal }));
  });

const doneOf = (tasks: Tasks): WorkDone => {
  const ended = tasks.filter(({ state }) => state !== 'pending' && state !== 'started');
  const failed = ended.filter(({ state }) => state === 'failed' || state === 'rolled_back');
  return { done: ended.length, failed: failed.length };
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
