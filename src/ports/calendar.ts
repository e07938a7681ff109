import type { Task } from 'fp-ts/lib/Task.js';

/** Times at which a cron expression is due in a time zone, milliseconds since the epoch. */
export interface CronTimes {
  /** The newest times that are not after `until`, the newest first, `count` at most. */
  readonly newest: (count: number, until: number) => readonly number[];
  /** The first time after an instant; null: there is none any more. */
  readonly after: (instant: number) => number | null;
}

/** A calendar: what a cron expression means on the clocks of a time zone, changes of summer time included. */
export interface Calendar {
  /**
   * Reads an expression of five fields. Times of day without a wildcard or step are due once a day: at the first time after
   * a gap where clocks were put forward over them, and the first of two where they were put back. All others follow the
   * clock: they leave the gap out, and are due on both.
   */
  readonly times: (expression: string, timezone: string) => Task<CronTimes>;
}
