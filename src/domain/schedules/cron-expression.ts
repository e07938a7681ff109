import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';

/** A field of an expression: its name, the numbers that it may have, and the words that stand for some of them. */
interface Field {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly words: readonly string[];
}

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

const MONTH: Field = { name: 'month', from: 1, to: 12, words: MONTHS };

const FIELDS: readonly Field[] = [
  { name: 'minute', from: 0, to: 59, words: [] },
  { name: 'hour', from: 0, to: 23, words: [] },
  { name: 'day of the month', from: 1, to: 31, words: [] },
  MONTH,
  { name: 'day of the week', from: 0, to: 7, words: WEEKDAYS },
];

const NAMES: Readonly<Record<string, string>> = {
  '@hourly': '0 * * * *',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@weekly': '0 0 * * 0',
  '@monthly': '0 0 1 * *',
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
};

/**
 * Reads a cron expression: five fields, or a name such as `@daily`. A field is a list of numbers, ranges and `*`, each but
 * a single number with a step if need be (`*`/15, 8-18/2); months and days of the week may be English words of three letters;
 * the day of the month may be `L`, the last one. Returns the five fields; left: what is wrong with them.
 */
const readCron = (text: string): Either<string, string> => {
  const written = text.trim();
  if (written.startsWith('@')) {
    const fields = Object.hasOwn(NAMES, written.toLowerCase()) ? NAMES[written.toLowerCase()] : undefined;
    return fields === undefined ? left(`known names are ${Object.keys(NAMES).join(', ')}`) : right(fields);
  }
  const fields = written.split(/\s+/);
  if (fields.length !== FIELDS.length) {
    return left('five fields are expected: minute, hour, day of the month, month, day of the week');
  }
  for (const [index, field] of FIELDS.entries()) {
    const problem = problemOf(field, fields[index]?.toUpperCase() ?? '');
    if (problem !== null) return left(`${field.name}: ${problem}`);
  }
  const upper = fields.map((field) => field.toUpperCase());
  return everComes(upper)
    ? right(upper.join(' '))
    : left('day of the month: none of these months has such a day');
};

/** Days of each month, in a leap year. */
const LONGEST = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Tells whether there is such a day in one of the months; the day of the week, where it is said, is an alternative. */
const everComes = ([, , day = '*', month = '*', weekday = '*']: readonly string[]): boolean => {
  const least = Math.min(...day.split(',').map((part) => Number(/^\d+/.exec(part)?.[0] ?? 1)));
  return weekday !== '*' || LONGEST.some((days, at) => least <= days && isMonthIn(month, at + 1));
};

const isMonthIn = (months: string, month: number): boolean =>
  months.split(',').some((part) => {
    const [range = '', step = '1'] = part.split('/');
    const ends = range === '*' ? [1, 12] : range.split('-').map((end) => numberIn(MONTH, end) ?? 0);
    const [first = 0, last = first] = ends;
    return month >= first && month <= last && (month - first) % Number(step) === 0;
  });

const problemOf = (field: Field, text: string): string | null => {
  for (const part of text.split(',')) {
    if (part === 'L' && field.name === 'day of the month') continue;
    const [, range = '', , step] = /^([^/]*)(\/(\d{1,2}))?$/.exec(part) ?? [];
    if (range === '') return `"${part}" is not a number, a range or *`;
    if (step !== undefined && Number(step) < 1) return `the step of "${part}" is not from 1`;
    if (range === '*') continue;
    const ends = range.split('-');
    const [first, last] = [ends[0] ?? '', ends[1] ?? ends[0] ?? ''].map((end) => numberIn(field, end));
    if (ends.length > 2 || first == null || last == null) {
      return `"${part}" is not from ${field.from} to ${field.to}`;
    }
    if (step !== undefined && ends.length === 1) return `"${part}" has a step and is not a range`;
    if (first > last) return `"${part}" begins after it ends`;
  }
  return null;
};

const numberIn = ({ from, to, words }: Field, text: string): number | null => {
  const word = words.indexOf(text);
  if (word >= 0) return word + (words === MONTHS ? 1 : 0);
  const number = /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN;
  return number >= from && number <= to ? number : null;
};

/** A cron expression in a configuration; its value is the five fields. */
export const CronCodec = new t.Type<string, string, unknown>(
  'a cron expression',
  t.string.is,
  (input, context) => {
    if (typeof input !== 'string') return t.failure(input, context);
    const read = readCron(input);
    return isLeft(read)
      ? t.failure(input, context, `expected a cron expression, such as "*/15 6-22 * * 1-5": ${read.left}`)
      : t.success(read.right);
  },
  t.identity,
);
