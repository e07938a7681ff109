/** Tells whether a text is the name of a time zone that is known here. */
export const isTimezone = (name: unknown): name is string => {
  if (typeof name !== 'string' || !/^[A-Za-z][A-Za-z0-9_+/-]*$/.test(name)) return false;
  try {
    return formatOf(name) !== null;
  } catch {
    return false;
  }
};

/**
 * The instants that a wall clock's time can mean, microseconds since the epoch: the earliest and the latest. They are
 * apart where the clock was changed within a day of it.
 */
export const instantsOf = (wall: bigint, zone: string | null): { earliest: bigint; latest: bigint } => {
  if (zone === null || zone === 'UTC') return { earliest: wall, latest: wall };
  const millis = Number(wall / 1000n);
  // Beyond what a date can be, zones have no rules.
  if (Math.abs(millis) > MOST_MILLIS) return { earliest: wall - DAY, latest: wall + DAY };
  const format = formatOf(zone);
  const before = BigInt(offsetAt(format, millis - DAY_MILLIS)) * 1000n;
  const after = BigInt(offsetAt(format, millis + DAY_MILLIS)) * 1000n;
  const [small, large] = before < after ? [before, after] : [after, before];
  return { earliest: wall - large, latest: wall - small };
};

/**
 * The instant at which a zone's clocks show a time, milliseconds since the epoch: of an hour that comes twice the first one, and of one
 * that is left out what they would show had they not been changed.
 */
export const millisOfWall = (wall: number, zone: string): number => {
  if (zone === 'UTC') return wall;
  const format = formatOf(zone);
  const before = offsetAt(format, wall - DAY_MILLIS);
  const after = offsetAt(format, wall + DAY_MILLIS);
  const shows = (instant: number): boolean => instant + offsetAt(format, instant) === wall;
  return before === after || shows(wall - before) || !shows(wall - after) ? wall - before : wall - after;
};

const DAY_MILLIS = 86_400_000;
const DAY = BigInt(DAY_MILLIS) * 1000n;
const MOST_MILLIS = 8.64e15 - 2 * DAY_MILLIS;

/** Making one takes longer than a thousand uses of it. There are a few hundred zones. */
const formats = new Map<string, Intl.DateTimeFormat>();

const formatOf = (zone: string): Intl.DateTimeFormat => {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-u-ca-iso8601', {
    timeZone: zone,
    hourCycle: 'h23',
    era: 'short',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  formats.set(zone, made);
  return made;
};

/** Returns how far a zone's clocks are ahead of UTC at an instant, milliseconds. */
const offsetAt = (format: Intl.DateTimeFormat, millis: number): number => {
  const whole = Math.floor(millis / 1000) * 1000;
  const parts = new Map(format.formatToParts(whole).map(({ type, value }) => [type, value]));
  const number = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.get(type));
  const year = parts.get('era')?.startsWith('B') === true ? 1 - number('year') : number('year');
  const shown = new Date(0);
  shown.setUTCFullYear(year, number('month') - 1, number('day'));
  shown.setUTCHours(number('hour'), number('minute'), number('second'));
  return shown.getTime() - whole;
};
