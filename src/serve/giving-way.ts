import type { Clock } from '../ports/clock.js';
import type { PondJob } from './pond-job.js';

/** Milliseconds for which others give way at most: there may be no end of tasks. */
const LONGEST = 1_000;

/** Milliseconds for which they give way to one thing that runs: after them it is no longer beginning, and may run for hours. */
export const BEGINNING = 100;

/** A reason that is there already: without one each abort would make an error. */
const RESTED = 'rested';

/** Work that is in a hurry, while others are not. */
export interface Hurry {
  /** Takes note of work that has begun: others give way until it has ended, or for so many milliseconds. */
  readonly begun: <A>(work: Promise<A>, atMost: number) => Promise<A>;
  /** Resolves when nothing is in a hurry now, at the latest after a while, or when `signal` aborts. */
  readonly atRest: (signal: AbortSignal) => Promise<void>;
}

/** A job for which others wait when the same change calls it and them. */
export interface HurriedJob extends PondJob, Pick<Hurry, 'atRest'> {}

export const hurry = ({
  monotonicMs,
  sleep,
  giveWay,
}: Pick<Clock, 'monotonicMs' | 'sleep' | 'giveWay'>): Hurry => {
  /** Work that has begun and has not ended, with the time until which others give way to it. */
  const begun = new Map<Promise<unknown>, number>();
  const isInHurry = () => [...begun.values()].some((last) => last > monotonicMs());
  /** Hear of the end of work, once nothing else is in a hurry. */
  let waiting: (() => void)[] = [];
  const over = (work: Promise<unknown>): void => {
    begun.delete(work);
    if (waiting.length === 0 || isInHurry()) return;
    for (const wake of waiting) wake();
    waiting = [];
  };
  /** Resolves when nothing is in a hurry of what is now, or will be before. */
  const calm = async (until: number, signal: AbortSignal): Promise<void> => {
    const rested = new AbortController();
    const last = Math.min(until, Math.max(...begun.values()));
    await Promise.race([
      new Promise<void>((resolve) => {
        waiting.push(resolve);
      }),
      sleep(last - monotonicMs(), AbortSignal.any([signal, rested.signal])),
    ]);
    rested.abort(RESTED);
  };
  return {
    begun: (work, atMost) => {
      begun.set(work, monotonicMs() + atMost);
      const isOver = () => over(work);
      work.then(isOver, isOver);
      return work;
    },
    atRest: async (signal) => {
      const until = monotonicMs() + LONGEST;
      // Whatever has changed calls it a moment later.
      await giveWay();
      while (isInHurry() && !signal.aborted && monotonicMs() < until) {
        await calm(until, signal);
        await giveWay();
      }
    },
  };
};

/** The same job, which looks when a hurried one is at rest: a look takes as long as a task takes to begin. */
export const givingWay = (job: PondJob, { atRest }: Pick<Hurry, 'atRest'>): PondJob => ({
  ...job,
  work: (turn) => async () => {
    await atRest(turn.signal);
    return job.work(turn)();
  },
});
