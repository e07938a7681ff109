import type { Clock } from '../../ports/clock.js';

/** Deadlines of work that runs side by side. */
export interface Deadlines {
  /** Calls `missed` when so many milliseconds have passed, unless it was let go before; returns what lets it go. */
  readonly set: (milliseconds: number, missed: () => void) => () => void;
  /** Nothing has a deadline any more. */
  readonly end: () => void;
}

interface Deadline {
  /** Milliseconds of the monotonic clock. */
  readonly at: number;
  readonly missed: () => void;
}

/** A reason that is there already: without one each abort would make an error. */
const OVER = 'over';

/** Milliseconds that a timer can wait at most. */
const LONGEST = 2 ** 31 - 1;

/**
 * One timer for all deadlines, which waits for the next of them. Most work ends long before: then the timer goes on, and looks for the
 * next deadline when its time has come.
 */
export const deadlinesBy = ({ monotonicMs, sleep }: Pick<Clock, 'monotonicMs' | 'sleep'>): Deadlines => {
  const open = new Set<Deadline>();
  let waiting: { readonly until: number; readonly stop: AbortController } | null = null;

  const wait = (until: number): void => {
    waiting?.stop.abort(OVER);
    const mine = { until, stop: new AbortController() };
    waiting = mine;
    void sleep(Math.min(Math.max(0, until - monotonicMs()), LONGEST), mine.stop.signal).then(() => {
      if (waiting === mine) look();
    });
  };
  const look = (): void => {
    waiting = null;
    const now = monotonicMs();
    for (const deadline of open) {
      if (deadline.at > now) continue;
      open.delete(deadline);
      deadline.missed();
    }
    if (open.size > 0) wait(Math.min(...[...open].map(({ at }) => at)));
  };

  return {
    set: (milliseconds, missed) => {
      const deadline = { at: monotonicMs() + milliseconds, missed };
      open.add(deadline);
      if (waiting === null || deadline.at < waiting.until) wait(deadline.at);
      return () => {
        open.delete(deadline);
      };
    },
    end: () => {
      open.clear();
      waiting?.stop.abort(OVER);
      waiting = null;
    },
  };
};
