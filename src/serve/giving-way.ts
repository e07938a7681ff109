import type { Clock } from '../ports/clock.js';
import type { PondJob } from './pond-job.js';

/** Milliseconds for which others give way at most: there may be no end of tasks. */
const LONGEST = 1_000;

/** A job for which others wait when the same change calls it and them. */
export interface HurriedJob extends PondJob {
  /** Resolves when it has nothing to do now, at the latest after a while, or when `signal` aborts. */
  readonly atRest: (signal: AbortSignal) => Promise<void>;
}

export const hurriedJob = (
  job: PondJob,
  { monotonicMs, sleep, giveWay }: Pick<Clock, 'monotonicMs' | 'sleep' | 'giveWay'>,
): HurriedJob => {
  let working: Promise<unknown> | null = null;
  return {
    ...job,
    work: (turn) => () => {
      const ended = job.work(turn)();
      working = ended;
      const isOver = () => {
        if (working === ended) working = null;
      };
      ended.then(isOver, isOver);
      return ended;
    },
    atRest: async (signal) => {
      const until = monotonicMs() + LONGEST;
      const over = new AbortController();
      const all = AbortSignal.any([signal, over.signal]);
      // Whatever has changed calls it a moment later.
      await giveWay();
      while (working !== null && !signal.aborted && monotonicMs() < until) {
        await Promise.race([working.catch(() => undefined), sleep(until - monotonicMs(), all)]);
        await giveWay();
      }
      over.abort();
    },
  };
};

/** The same job, which looks when a hurried one is at rest: a look takes as long as a task takes to begin. */
export const givingWay = (job: PondJob, { atRest }: HurriedJob): PondJob => ({
  ...job,
  work: (turn) => async () => {
    await atRest(turn.signal);
    return job.work(turn)();
  },
});
