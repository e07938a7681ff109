import { isLeft } from 'fp-ts/lib/Either.js';
import type { Task } from 'fp-ts/lib/Task.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { remedyForPondError } from '../documents/remedy.js';
import { steps } from '../effects/steps.js';
import type { Clock } from '../ports/clock.js';
import { describeError } from '../steward/describe-error.js';
import type { PondError } from '../steward/errors.js';
import type { ChangeSignal } from './change-signal.js';
import { NOTHING_DONE, type PondJob, sumOfWork, type WorkDone } from './pond-job.js';
import type { ServedPond } from './served-pond.js';

/** Milliseconds after which a job is called although nothing has been noticed: the system need not say that a file has changed. */
const LONGEST_SLEEP = 30_000;
/** The same where a job has failed, at first; and at least between two calls by time alone that had nothing to do. */
const FIRST_PAUSE = 1_000;
const SHORTEST_PAUSE = 100;

/**
 * Runs the jobs of one pond side by side until `signal` aborts, and ends when all of them have ended. Each is called at
 * once, after each change of the pond that may bring work, and when it is due; changes while it works make one more call. Where one fails, that
 * is said once, and it is called again later.
 */
export const runJobs =
  (
    { pond: { ports, address }, news: changes }: ServedPond,
    jobs: readonly PondJob[],
    signal: AbortSignal,
  ): Task<WorkDone> =>
  async () => {
    const { clock, logger } = ports;
    const keepCalling = async (job: PondJob): Promise<WorkDone> => {
      let all = NOTHING_DONE;
      let pause = FIRST_PAUSE;
      let saidLast: string | null = null;
      while (!signal.aborted) {
        const seen = changes.count();
        const called = await callOnce(job, changes, signal)();
        if (isLeft(called)) {
          const error = describeError(called.left);
          if (error !== saidLast && !signal.aborted) {
            const remedy = remedyForPondError(called.left);
            logger.log('error', 'serve_job_failed', {
              pond: address,
              job: job.name,
              error,
              ...(remedy === null ? {} : { remedy }),
            });
          }
          saidLast = error;
          await clock.sleep(pause, signal);
          pause = Math.min(2 * pause, LONGEST_SLEEP);
          continue;
        }
        const { work, due } = called.right;
        [pause, saidLast, all] = [FIRST_PAUSE, null, sumOfWork(all, work)];
        const waitMs = due === null ? LONGEST_SLEEP : Math.ceil((due - clock.nowMicros()) / 1000);
        const pauseMs = Math.max(waitMs, work.done === 0 ? SHORTEST_PAUSE : 0);
        await sleep(clock, pauseMs, { job, changes, seen }, signal);
      }
      return all;
    };
    const done = await Promise.all(jobs.map(keepCalling));
    return done.reduce(sumOfWork, NOTHING_DONE);
  };

/** Calls the jobs one after another, again and again until none of them has anything to do. */
export const runJobsOnce = (jobs: readonly PondJob[], signal: AbortSignal): TaskEither<PondError, WorkDone> =>
  steps(async ({ run }) => {
    let all = NOTHING_DONE;
    for (;;) {
      let round = NOTHING_DONE;
      for (const job of jobs) {
        if (!signal.aborted) round = sumOfWork(round, await run(job.work({ signal, changed: notAgain })));
      }
      all = sumOfWork(all, round);
      if (round.done === 0 || signal.aborted) return all;
    }
  });

/** Nothing is taken up while it runs: what comes meanwhile is looked for afterwards. */
const notAgain = (until: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (until.aborted) resolve();
    else until.addEventListener('abort', () => resolve(), { once: true });
  });

const callOnce = (
  job: PondJob,
  changes: ChangeSignal,
  signal: AbortSignal,
): TaskEither<PondError, { readonly work: WorkDone; readonly due: number | null }> =>
  steps(async ({ run }) => {
    const work = await run(job.work({ signal, changed: (until) => changes.after(changes.count(), until) }));
    return { work, due: signal.aborted ? null : await run(job.nextDue()) };
  });

/** Sleeps until a change, for as long as it may, or until everything is to stop. */
const sleep = async (
  clock: Clock,
  waitMs: number,
  {
    job: { stirred },
    changes,
    seen,
  }: { readonly job: PondJob; readonly changes: ChangeSignal; readonly seen: number },
  signal: AbortSignal,
): Promise<void> => {
  const over = new AbortController();
  const wake = () => over.abort();
  if (signal.aborted) return;
  signal.addEventListener('abort', wake, { once: true });
  try {
    await Promise.race([
      changes.after(seen, over.signal),
      clock.sleep(Math.min(waitMs, LONGEST_SLEEP), over.signal),
      ...(stirred === undefined ? [] : [stirred(over.signal)]),
    ]);
  } finally {
    wake();
    signal.removeEventListener('abort', wake);
  }
};
