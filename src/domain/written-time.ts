import { isTimezone, millisOfWall } from './time-zone.js';

/** A date or time as somebody wrote it, taken apart. */
export interface WrittenTime {
  /** Milliseconds since the epoch of the whole second, as if what was written were UTC. */
  readonly wallMillis: number;
  /** Microseconds after the whole second. */
  readonly micros: number;
  /** Minutes east of Greenwich; null: no zone is written. */
  readonly offset: number | null;
  /** Tells whether there is a time of day, and not a date alone. */
  readonly hasTime: boolean;
}

/** Date, time with up to nine digits of fractions, zone. */
const FORM =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)?(?:\s*(Z|UTC|[+-]\d\d(?::?\d\d)?))?$/i;

/** No zone was ever further from Greenwich. */
const FURTHEST = 16 * 60;

/**
 * Reads ISO 8601 as it is usually written, `2026-11-20`, `2026-11-20T10:00Z`, `2026-11-20 10:00:30.5 +01:00`, `2026-11-20 10:00+01`; null for what is not on a
 * calendar or a clock, such as a 31st of June, a minute 75, and the years before 100, in which programs write that they do not know.
 * 24:00 is the end of the day, and a second 60 the one after the 59th.
 */
export const writtenTime = (text: string): WrittenTime | null => {
  const match = FORM.exec(text.trim());
  if (match === null) return null;
  const [, ...parts] = match;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts
    .slice(0, 6)
    .map((part) => Number(part ?? 0));
  const [fraction = '', zone] = parts.slice(6);
  const isDate = year >= 100 && month >= 1 && month <= 12 && day >= 1 && day <= daysOf(year, month);
  const isEndOfDay = hour === 24 && minute === 0 && second === 0 && /^0*$/.test(fraction);
  const isTime = isEndOfDay || (hour <= 23 && minute <= 59 && (second <= 59 || isLeap(minute, second)));
  const hasTime = parts[3] !== undefined;
  // Behind a day, hours could be anything.
  if (!hasTime && zone?.length === 3 && /\d/.test(zone)) return null;
  const offset = zone === undefined ? null : offsetOf(zone);
  if (!isDate || !isTime || Number.isNaN(offset)) return null;
  return {
    wallMillis: Date.UTC(year, month - 1, day, hour, minute, second),
    micros: Math.floor(Number(`0.${fraction}0`) * 1e6),
    offset,
    hasTime,
  };
};

const daysOf = (year: number, month: number): number => new Date(Date.UTC(year, month, 0)).getUTCDate();

/** Leap seconds end an hour, wherever clocks are a whole number of half hours from Greenwich. */
const isLeap = (minute: number, second: number): boolean => second === 60 && (minute === 59 || minute === 29);

/** Minutes east of Greenwich; not a number where nobody is. */
const offsetOf = (zone: string): number => {
  const [, sign, hours, minutes = 0] = /^([+-])(\d\d):?(\d\d)?$/.exec(zone) ?? [];
  if (hours === undefined) return 0;
  const offset = Number(hours) * 60 + Number(minutes);
  if (Number(minutes) > 59 || offset > FURTHEST) return Number.NaN;
  return sign === '-' ? -offset : offset;
};

/**
 * Microseconds since the epoch of a written time; one without a zone is meant in `zone` (null: then it is not known). Of an hour that
 * comes twice the first one is meant.
 */
export const microsOfWritten = (
  { wallMillis, micros, offset }: WrittenTime,
  zone: string | null,
): number | null => {
  if (offset !== null) return (wallMillis - offset * 60_000) * 1000 + micros;
  return zone === null || !isTimezone(zone) ? null : millisOfWall(wallMillis, zone) * 1000 + micros;
};
