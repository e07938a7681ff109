/** Milliseconds from the epoch to the first and the last moment that a calendar here has. */
const CALENDAR = 8_640_000_000_000_000;

/** A moment, given in microseconds since the epoch; those before and after the calendar are its first and its last. */
export const dateOf = (micros: number): Date =>
  new Date(Math.min(CALENDAR, Math.max(-CALENDAR, micros / 1000)));

/** Microseconds since the epoch as ISO 8601 in UTC, to the millisecond: `2026-01-31T12:00:00.000Z`. */
export const isoTime = (micros: number): string => dateOf(micros).toISOString();

/** The same; null stays null. */
export const isoTimeOrNull = (micros: number | null): string | null =>
  micros === null ? null : isoTime(micros);
