import type { Missed } from '../../domain/schedules/schedule-words.js';

/** Milliseconds after its time in which a firing is as good as on time. */
export const ON_TIME = 60_000;

/** Firings that were missed and are made up for, at most. */
const MOST_MADE_UP = 100;

/** Times of a schedule, milliseconds since the epoch. */
export interface ScheduleTimes {
  /** The newest times that are not after `until`, the newest first, `count` at most. */
  readonly newest: (count: number, until: number) => readonly number[];
  /** The first time after an instant; null: there is none any more. */
  readonly after: (instant: number) => number | null;
}

/** Facts that decide which firing of a schedule is due. Times in milliseconds since the epoch. */
export interface DueQuestion {
  readonly now: number;
  /** Time at which the entry came to be as it is. */
  readonly changedAt: number;
  /** The newest time, not after now, of a firing that is recorded; null: there is none. */
  readonly newestRecorded: number | null;
  /** Time before which nothing counts as missed: the pond came to its place then, or its control table was lost. */
  readonly from: number;
  readonly missed: Missed;
}

/** The next thing to be recorded of a schedule. */
export interface DueTime {
  /** The time at which it was due. */
  readonly dueAt: number;
  /** `run`: it is run. `missed`: it stands for itself and all before it, which are not made up for. */
  readonly fate: 'run' | 'missed';
  /** Times before it, since the last one that is recorded, that are not made up for: `MOST_MADE_UP` of them may be more. */
  readonly before: number;
}

/**
 * Tells what of a schedule is due. Everything follows from what is recorded and what the clock says now, so that a clock that
 * jumps harms nothing: where it was put back, times that were recorded before are not due again, and what was recorded of
 * a future that is none any more does not count.
 */
export const dueTime = (times: ScheduleTimes, question: DueQuestion): DueTime | null => {
  const { now, missed } = question;
  const due = timesBetween(times, sinceWhen(question), now);
  const [oldest] = due;
  const newest = due.at(-1);
  if (oldest === undefined || newest === undefined) return null;
  switch (missed) {
    case 'skip':
      return { dueAt: newest, fate: now - newest <= ON_TIME ? 'run' : 'missed', before: due.length - 1 };
    case 'once':
      return { dueAt: newest, fate: 'run', before: due.length - 1 };
    case 'all':
      // One beyond the most stands for itself and for whatever was due before it.
      return { dueAt: oldest, fate: due.length > MOST_MADE_UP ? 'missed' : 'run', before: 0 };
  }
};

/** The newest times after `since` and not after `now`, oldest first, one more than are ever made up for. Mostly there is none, or one. */
const timesBetween = (times: ScheduleTimes, since: number, now: number): readonly number[] => {
  const first = times.after(since);
  if (first === null || first > now) return [];
  const second = times.after(first);
  if (second === null || second > now) return [first];
  return times
    .newest(MOST_MADE_UP + 1, now)
    .filter((time) => time > since)
    .reverse();
};

/** The time after which firings are due. What lies in the future was said by a clock that was wrong then. */
const sinceWhen = ({ now, changedAt, newestRecorded, from }: DueQuestion): number => {
  const past = [changedAt, newestRecorded, from].filter((time) => time !== null && time <= now);
  const isKnown = past.some((time) => time !== from);
  return isKnown ? Math.max(...past.map(Number)) : Math.max(now - ON_TIME, ...past.map(Number));
};
