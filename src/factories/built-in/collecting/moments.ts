/** Text of a time: date, time with up to nine digits of fractions, zone. */
const TIME =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)?\s*(Z|UTC|[+-]\d\d:?\d\d)?$/i;

/**
 * Microseconds since the epoch of what somebody says as a time; null for what is none. A number is in seconds, milliseconds,
 * microseconds or nanoseconds by its size. A text without a zone is meant in `zone`.
 */
export const momentOf = (value: unknown, zone: string | null): number | null => {
  if (typeof value === 'number' || typeof value === 'bigint') return momentOfNumber(Number(value));
  if (typeof value !== 'string') return null;
  const text = value.trim();
  if (/^-?\d{9,19}(\.\d+)?$/.test(text)) return momentOfNumber(Number(text));
  const match = TIME.exec(text);
  if (match === null) return null;
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', offset] = match;
  const local = Date.UTC(
    ...([
      Number(year),
      Number(month) - 1,
      Number(day),
      Number(hour),
      Number(minute),
      Number(second),
    ] as const),
  );
  // A 31st of June would be a day of July.
  if (new Date(local).getUTCDate() !== Number(day)) return null;
  const millis = offset === undefined ? inZone(local, zone) : local - offsetOf(offset) * 60_000;
  return millis === null ? null : millis * 1000 + Math.floor(Number(`0.${fraction}0`) * 1e6);
};

const momentOfNumber = (amount: number): number | null => {
  if (!Number.isFinite(amount)) return null;
  const size = Math.abs(amount);
  if (size < 1e11) return Math.round(amount * 1e6);
  if (size < 1e14) return Math.round(amount * 1e3);
  return size < 1e17 ? Math.round(amount) : Math.floor(amount / 1e3);
};

/** Minutes east of Greenwich. */
const offsetOf = (text: string): number => {
  const [, sign, hours, minutes] = /^([+-])(\d\d):?(\d\d)$/.exec(text) ?? [];
  return hours === undefined ? 0 : (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
};

/** The time at which clocks of a zone show this; of an hour that comes twice the first one. */
const inZone = (local: number, zone: string | null): number | null => {
  if (zone === null) return null;
  const ahead = local - shownIn(zone, local);
  const guess = local + ahead;
  return guess + (local - shownIn(zone, guess));
};

/** Returns what clocks of a zone show at a time, as if it were UTC. */
const shownIn = (timeZone: string, millis: number): number => {
  const parts = new Intl.DateTimeFormat('en-US', {
    ...{ timeZone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit' },
    ...{ hour: '2-digit', minute: '2-digit', second: '2-digit' },
  }).formatToParts(millis);
  const of = (type: string): number => Number(parts.find((part) => part.type === type)?.value ?? 0);
  return Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'));
};

/** Tells whether the machine knows a time zone of that name. */
export const isTimeZone = (name: string): boolean => {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name });
    return true;
  } catch {
    // The one way to ask is to try.
    return false;
  }
};
