/*
 * Types of a series' columns, in the words of SQL. `NULL` is that of a column in which nothing was ever written: some
 * writers know no other for it.
 */

/** The type in which all values of both have room; null where there is none without another kind of value. */
export const widerType = (a: string, b: string): string | null => {
  if (a === b || b === 'NULL') return a;
  if (a === 'NULL') return b;
  const integers = widerInteger(a, b);
  if (integers !== undefined) return integers;
  const decimals = widerDecimal(a, b);
  if (decimals !== undefined) return decimals;
  if (a === 'DOUBLE') return isNumber(b) ? a : null;
  if (b === 'DOUBLE') return isNumber(a) ? b : null;
  if (a === 'FLOAT') return SMALL.has(b) ? a : null;
  return b === 'FLOAT' && SMALL.has(a) ? b : null;
};

const SIGNED = ['TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT'];
const UNSIGNED = ['UTINYINT', 'USMALLINT', 'UINTEGER', 'UBIGINT'];

/** Integers that a FLOAT holds exactly. */
const SMALL: ReadonlySet<string> = new Set(['TINYINT', 'SMALLINT', 'UTINYINT', 'USMALLINT']);

const isNumber = (type: string): boolean =>
  SIGNED.includes(type) || UNSIGNED.includes(type) || type === 'FLOAT' || type.startsWith('DECIMAL(');

/** Undefined where one of them is not an integer. */
const widerInteger = (a: string, b: string): string | null | undefined => {
  const [signedA, signedB] = [SIGNED.indexOf(a), SIGNED.indexOf(b)];
  const [unsignedA, unsignedB] = [UNSIGNED.indexOf(a), UNSIGNED.indexOf(b)];
  if (signedA >= 0 && signedB >= 0) return SIGNED[Math.max(signedA, signedB)] ?? null;
  if (unsignedA >= 0 && unsignedB >= 0) return UNSIGNED[Math.max(unsignedA, unsignedB)] ?? null;
  if (signedA >= 0 && unsignedB >= 0) return SIGNED[Math.max(signedA, unsignedB + 1)] ?? null;
  if (unsignedA >= 0 && signedB >= 0) return SIGNED[Math.max(unsignedA + 1, signedB)] ?? null;
  return undefined;
};

interface Digits {
  readonly whole: number;
  readonly scale: number;
}

/** Digits of the numbers that a type holds. */
const DIGITS: Readonly<Record<string, number>> = {
  TINYINT: 3,
  UTINYINT: 3,
  SMALLINT: 5,
  USMALLINT: 5,
  INTEGER: 10,
  UINTEGER: 10,
  BIGINT: 19,
  UBIGINT: 20,
};

const MOST_DIGITS = 38;

const digitsOf = (type: string): Digits | null => {
  const decimal = /^DECIMAL\((\d+),(\d+)\)$/.exec(type);
  if (decimal !== null) {
    const scale = Number(decimal[2]);
    return { whole: Number(decimal[1]) - scale, scale };
  }
  const whole = DIGITS[type];
  return whole === undefined ? null : { whole, scale: 0 };
};

/** Undefined where one of them has no such digits. */
const widerDecimal = (a: string, b: string): string | null | undefined => {
  const [first, second] = [digitsOf(a), digitsOf(b)];
  if (first === null || second === null) return undefined;
  const scale = Math.max(first.scale, second.scale);
  const precision = Math.max(first.whole, second.whole) + scale;
  return precision > MOST_DIGITS ? null : `DECIMAL(${precision},${scale})`;
};

/** Type of times that are instants. */
export const UTC_TIMESTAMP = 'TIMESTAMP WITH TIME ZONE';
/** Type of times that are what a clock on the wall shows. */
export const NAIVE_TIMESTAMP = 'TIMESTAMP';

/** Tells whether a column of that type can say when a row was. */
export const holdsTimes = (type: string): boolean => hasTimeType(type) || type === 'BIGINT';

/** Tells whether the type itself says that it holds times. */
export const hasTimeType = (type: string): boolean =>
  type === UTC_TIMESTAMP || type === NAIVE_TIMESTAMP || type === 'DATE';
