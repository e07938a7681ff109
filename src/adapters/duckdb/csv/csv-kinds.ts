import { USUAL_NULLS } from '../../../domain/series/null-words.js';
import { identifier, quoted } from '../statements/sql-text.js';

/*
 * Kinds of text in CSV, and the types of columns that hold them without losing anything: what a value says can be read from the type
 * as it was written, or the column stays text. Nothing is of a kind that could mean something else: days have their year in
 * front, instants say their zone, numbers have no zeros in front, and whole numbers are not rounded.
 */

/** Bits of the kinds; a null has none. */
const KIND = {
  empty: 1,
  text: 2,
  integer: 4,
  /** Whole numbers that a DOUBLE does not hold. */
  large: 8,
  /** Whole numbers of more than 64 bits. */
  huge: 16,
  fraction: 32,
  /** `nan` and `inf`. */
  unbounded: 64,
  truth: 128,
  day: 256,
  wallClock: 512,
  /** Wall clock's times with nanoseconds. */
  nanoseconds: 1024,
  instant: 2048,
  timeOfDay: 4096,
  /** Instants without seconds. */
  shortInstant: 8192,
  /** Instants of which a type that has a zone holds no more than the microseconds. */
  fineInstant: 16_384,
  /** Words that usually stand for no value, such as `NA`. */
  noValue: 32_768,
} as const;

/** Types from the narrowest to the widest, with the kinds that they hold. */
const TYPES: readonly (readonly [type: string, kinds: number])[] = [
  ['BIGINT', KIND.integer | KIND.large],
  ['DECIMAL(38,0)', KIND.integer | KIND.large | KIND.huge],
  ['DOUBLE', KIND.integer | KIND.fraction | KIND.unbounded],
  ['BOOLEAN', KIND.truth],
  ['DATE', KIND.day],
  ['TIMESTAMP', KIND.wallClock],
  ['TIMESTAMP_NS', KIND.wallClock | KIND.nanoseconds],
  ['TIMESTAMP WITH TIME ZONE', KIND.instant | KIND.shortInstant],
  ['TIME', KIND.timeOfDay],
];

const NUMBERS = KIND.integer | KIND.large | KIND.huge | KIND.fraction | KIND.unbounded;

/** A condition for a text that a column neither of that type has, nor of those that it can be widened to; null: there is none. */
export const isMisfitOf = (type: string, text: string): string | null => {
  const holds = TYPES.find(([each]) => each === type)?.[1];
  if (holds === undefined) return null;
  const widest = (holds & NUMBERS) === 0 ? holds : NUMBERS;
  return `(${kindOf(text)}) & ~${widest | KIND.empty} <> 0`;
};

/** Type of a column whose values have no other. */
export const TEXT = 'VARCHAR';

/** The type of a column in which these kinds were found. */
export const typeOfKinds = (kinds: number): string => {
  const found = kinds & ~KIND.empty;
  return found === 0 ? TEXT : (TYPES.find(([, holds]) => (found & ~holds) === 0)?.[0] ?? TEXT);
};

/**
 * The type that a column of text would have without words that usually stand for no value; null: it is not text because of
 * them.
 */
export const typeBesideWords = (kinds: number): string | null => {
  const type = (kinds & KIND.noValue) === 0 ? TEXT : typeOfKinds(kinds & ~KIND.noValue);
  return type === TEXT ? null : type;
};

/** The type of a column that has times with a day, and nothing else; null: it has not. */
export const timeOfKinds = (kinds: number): string | null => {
  const type = kinds === 0 ? null : typeOfKinds(kinds);
  return (kinds & KIND.empty) === 0 && type?.startsWith('TIMESTAMP') === true ? type : null;
};

/** The type that a column of text would have with nothing but its times; null: it has none. */
export const timeBesideText = (kinds: number): string | null =>
  TIMES.find(([, holds]) => (kinds & holds) !== 0 && (kinds & ~(holds | KIND.empty)) !== 0)?.[0] ?? null;

const TIMES: typeof TYPES = TYPES.filter(([type]) =>
  /^(TIMESTAMP WITH TIME ZONE|TIMESTAMP|DATE)$/.test(type),
).reverse();

const MOMENTS =
  KIND.day | KIND.wallClock | KIND.nanoseconds | KIND.instant | KIND.shortInstant | KIND.timeOfDay;

/** Tells whether what has these kinds is days and times, and nothing else. */
export const isMomentOfKinds = (kinds: number): boolean => (kinds & ~MOMENTS) === 0;

const INSTANTS = KIND.instant | KIND.shortInstant;

/** Tells whether some of them say their zone. */
export const hasZones = (kinds: number): boolean => (kinds & INSTANTS) !== 0;

/** Tells whether some of them say their zone, and some do not. */
export const isOfTwoClocks = (kinds: number): boolean => hasZones(kinds) && (kinds & ~INSTANTS) !== 0;

/** Tells whether a column has values of its type that the engine's reader does not take. */
export const isUnreadable = (kinds: number): boolean => (kinds & (KIND.empty | KIND.shortInstant)) !== 0;

/** Tells whether a column has values that are not empty. */
export const hasValues = (kinds: number): boolean => (kinds & ~KIND.empty) !== 0;

/** The largest number up to which a DOUBLE holds each whole one. */
const LARGEST = '9007199254740992';

const WHOLE = '(0|[1-9][0-9]{0,14})';
const EXPONENT = '[eE][+-]?[0-9]+';
const DAY = '[0-9]{4}[-/][0-9]{1,2}[-/][0-9]{1,2}';
const CLOCK = '[0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\\.[0-9]{1,6}0*)?)?';
const WALL_CLOCK = `${DAY}[ T]${CLOCK}`;
const ZONE = '(Z|[+-][0-9]{2}(:?[0-9]{2})?| UTC)';
const INSTANT = `${WALL_CLOCK}${ZONE}`;
const NANOSECONDS = '[0-9]{1,2}:[0-9]{2}:[0-9]{2}\\.[0-9]{7,9}';

const FRACTION = [
  `-?${WHOLE}`,
  `[+-]?(${WHOLE}\\.[0-9]*|\\.[0-9]+)(${EXPONENT})?`,
  `[+-]?${WHOLE}${EXPONENT}`,
].join('|');

/** An expression for an instant, or null. The engine reads none without seconds. */
const instantOf = (text: string): string =>
  `COALESCE(TRY_CAST(${text} AS TIMESTAMPTZ), TRY_CAST(regexp_replace(${text}, '^([^:]+:[0-9]{2})${ZONE}$', '\\1:00\\2') AS TIMESTAMPTZ))`;

/** An expression for a text as a value of a type, or null. */
export const valueAs = (text: string, type: string): string =>
  type === 'TIMESTAMP WITH TIME ZONE' || type === 'TIMESTAMPTZ'
    ? instantOf(text)
    : `TRY_CAST(${text} AS ${type})`;

/** A condition for a text that usually stands for no value. */
export const isUsualNullIn = (text: string): string =>
  `regexp_full_match(lower(trim(${text})), ${quoted(USUAL_NULLS)})`;

/** An expression for the kind of a text. */
export const kindOf = (text: string): string => {
  const value = `trim(${text})`;
  const is = (pattern: string): string => `regexp_full_match(${value}, ${quoted(pattern)})`;
  const as = (type: string): string => `TRY_CAST(${value} AS ${type})`;
  const when = (condition: string, kind: number): string => `WHEN ${condition} THEN ${kind}`;
  const numbersAndTimes = [
    when(
      `${as('BIGINT')}::VARCHAR = ${value} AND ${as('BIGINT')} BETWEEN -${LARGEST} AND ${LARGEST}`,
      KIND.integer,
    ),
    when(`${as('BIGINT')}::VARCHAR = ${value}`, KIND.large),
    when(is('-?[1-9][0-9]{0,37}'), KIND.huge),
    when(`${is(FRACTION)} AND isfinite(${as('DOUBLE')})`, KIND.fraction),
    when(`${is(DAY)} AND ${as('DATE')} IS NOT NULL`, KIND.day),
    when(`${is(WALL_CLOCK)} AND ${as('TIMESTAMP')} IS NOT NULL`, KIND.wallClock),
    when(`${is(`${DAY}[ T]${NANOSECONDS}`)} AND ${as('TIMESTAMP_NS')} IS NOT NULL`, KIND.nanoseconds),
    when(`${is(INSTANT)} AND ${as('TIMESTAMPTZ')} IS NOT NULL`, KIND.instant),
    when(`${is(INSTANT)} AND ${instantOf(value)} IS NOT NULL`, KIND.shortInstant),
    when(`${is(`${DAY}[ T]${NANOSECONDS}${ZONE}`)} AND ${as('TIMESTAMPTZ')} IS NOT NULL`, KIND.fineInstant),
    when(`${is(CLOCK)} AND ${as('TIME')} IS NOT NULL`, KIND.timeOfDay),
    when(`lower(${value}) IN ('-inf', '+inf', '-infinity')`, KIND.unbounded),
  ];
  const other = `CASE ${when(isUsualNullIn(text), KIND.noValue)} ELSE ${KIND.text} END`;
  return `CASE ${[
    when(`${text} IS NULL`, 0),
    when(`${value} = ''`, KIND.empty),
    // Signs, points and digits.
    `WHEN ascii(${value}) BETWEEN 43 AND 57 THEN CASE ${numbersAndTimes.join(' ')} ELSE ${other} END`,
    when(`lower(${value}) IN ('true', 'false')`, KIND.truth),
    when(`lower(${value}) IN ('nan', 'inf', 'infinity')`, KIND.unbounded),
  ].join(' ')} ELSE ${other} END`;
};

/** A condition for times, quickest for those of these shapes; the pattern is that of all of them. */
const times =
  (usual: readonly string[], pattern: string) =>
  (text: string, value: string): string => {
    const isUsual = usual.map((shape) => `${text} LIKE ${quoted(shape)}`).join(' OR ');
    return `${value} IS NOT NULL AND (${isUsual} OR regexp_full_match(${text}, ${quoted(pattern)}))`;
  };

/** Texts that begin as numbers do without zeros or a plus in front. */
const begins = (text: string): string =>
  [
    ['1', ':'],
    ['0.', '0/'],
    ['-1', '-:'],
    ['-0.', '-0/'],
  ]
    .map(([from, to]) => `(${text} >= '${from}' AND ${text} < '${to}')`)
    .concat(`${text} = '0'`)
    .join(' OR ');

/**
 * Conditions under which a text is of a kind that the type holds, quicker than finding out which; others are looked at. `value` is the
 * text as the type, or null. A DOUBLE holds each whole number of 15 digits.
 */
const QUICKLY: Readonly<Record<string, (text: string, value: string) => string>> = {
  BIGINT: (text, value) => `${value}::VARCHAR = ${text}`,
  DOUBLE: (text, value) => `abs(${value}) < 1e15 AND (${begins(text)}) AND NOT contains(${text}, '_')`,
  BOOLEAN: (text, value) => `lower(${text}) IN ('true', 'false') AND ${value} IS NOT NULL`,
  DATE: (text, value) => `${text} LIKE '____-__-__' AND ${value} IS NOT NULL`,
  TIMESTAMP: times(['____-__-__ __:__:__', '____-__-__T__:__:__'], WALL_CLOCK),
  'TIMESTAMP WITH TIME ZONE': times(['____-__-__T__:__:__Z'], INSTANT),
};

/**
 * An expression for the kind of a text of a column in which these kinds were found before: 0 where it is one that changes nothing about the
 * column's type, nor about the one that it would have without words for no value.
 */
export const furtherKindOf = (text: string, found: number): string => {
  const before = found & ~KIND.noValue;
  const type = typeOfKinds(before);
  if (type === TEXT) return (before & ~KIND.empty) === 0 ? kindOf(text) : '0';
  const value = `TRY_CAST(${text} AS ${type})`;
  const quick = QUICKLY[type];
  if (quick === undefined) return kindOf(text);
  const isHeld =
    type === 'BIGINT' && (before & KIND.large) === 0
      ? ` AND ${value} BETWEEN -${LARGEST} AND ${LARGEST}`
      : '';
  return `CASE WHEN ${quick(text, value)}${isHeld} THEN 0 ELSE ${kindOf(text)} END`;
};

/** Kinds that a type which was said holds, and how it is read; others are for the engine. */
const SAID: Readonly<Record<string, number>> = {
  ...Object.fromEntries(
    ['TINYINT', 'SMALLINT', 'INTEGER', 'INT', 'BIGINT', 'UTINYINT', 'USMALLINT', 'UINTEGER', 'UBIGINT'].map(
      (type) => [type, KIND.integer | KIND.large | KIND.huge],
    ),
  ),
  BOOLEAN: KIND.truth,
  DATE: KIND.day,
  TIMESTAMP: KIND.wallClock | KIND.day,
  TIMESTAMP_NS: KIND.wallClock | KIND.nanoseconds | KIND.day,
  // Whoever says so has no more than microseconds.
  TIMESTAMPTZ: KIND.instant | KIND.shortInstant | KIND.fineInstant,
  'TIMESTAMP WITH TIME ZONE': KIND.instant | KIND.shortInstant | KIND.fineInstant,
};

/** Tells whether values of a type that was said are looked at before they are read as it. */
export const isLookedAt = (type: string): boolean => type.toUpperCase() in SAID;

/** Beginning of the message of an error about one value: its file, column, type and text follow. */
export const MISFIT = '\u{1d}pond-misfit\u{1d}';
/** Separator of what follows. */
export const SEPARATOR = '\u{1f}';

/** A column that is read as its type, each value if it fits. */
interface CheckedColumn {
  readonly name: string;
  /** An expression for its text in the form that types are read from. */
  readonly form: string;
  readonly type: string;
  /** True: somebody has said the type, and it was not found out from the first rows. */
  readonly isSaid: boolean;
  /** An expression for the file that a value stands in. */
  readonly file: string;
  /** Name of a column with what {@link quickCast} makes of it. */
  readonly quick: string;
}

/** An expression for a text as its type, or null, where most values can be told by that; null where they cannot. */
export const quickCast = (text: string, type: string): string | null =>
  QUICKLY[type] === undefined ? null : `TRY_CAST(${text} AS ${type})`;

/** An expression for a column of text as its type. A value that does not fit is an error. */
export const checkedCast = ({ name, form: text, type, isSaid, file, quick }: CheckedColumn): string => {
  const holds = isSaid ? (SAID[type.toUpperCase()] ?? 0) : (TYPES.find(([each]) => each === type)?.[1] ?? 0);
  const cast = valueAs(`trim(${text})`, type.toUpperCase());
  // A number of kind "integer" may have too many digits for the type that was said, and zeros in front for it.
  const isOne =
    isSaid && (holds & KIND.huge) !== 0 ? `regexp_full_match(trim(${text}), '[+-]?[0-9]+')` : null;
  const fits = isOne ?? `(${kindOf(text)}) & ~${holds} = 0`;
  const misfit = `error(${quoted(MISFIT)} || ${[file, quoted(name), quoted(type), quoted(isSaid ? 'said' : 'guessed'), identifier(name)].join(` || ${quoted(SEPARATOR)} || `)})`;
  const quickly = QUICKLY[type]?.(text, identifier(quick));
  const first = quickly === undefined ? '' : `WHEN ${quickly} THEN ${identifier(quick)} `;
  return `CASE ${first}WHEN ${text} IS NULL OR trim(${text}) = '' THEN NULL WHEN ${fits} AND ${cast} IS NOT NULL THEN ${cast} ELSE ${misfit} END`;
};
