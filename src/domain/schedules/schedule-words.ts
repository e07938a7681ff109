import * as t from 'io-ts';
import { isTimezone } from '../time-zone.js';

/**
 * Fate of firings that were due when nobody could run them. `skip`: none of them is run. `once`: one is, for all of them.
 * `all`: each is, the newest hundred at most.
 */
export type Missed = 'skip' | 'once' | 'all';

/** Times at which an entry of `/etc/schedule.d` is due. */
export interface ScheduleWords {
  /** Five fields of a cron expression. */
  readonly expression: string;
  /** Name of the time zone whose clocks count. */
  readonly timezone: string;
  readonly missed: Missed;
}

/** Fault of a node that is scheduled and does not say when: all of its YAML would be the configuration of its factory. */
export const NO_SCHEDULE = {
  key: 'schedule',
  message: 'is missing: an entry of /etc/schedule.d has the keys factory, schedule and config',
};

export const MissedCodec: t.Type<Missed> = t.keyof({ skip: null, once: null, all: null });

export const TimezoneCodec = new t.Type<string, string, unknown>(
  'a time zone',
  t.string.is,
  (input, context) =>
    isTimezone(input)
      ? t.success(input)
      : t.failure(input, context, 'expected the name of a time zone, such as Europe/Vienna or UTC'),
  t.identity,
);
