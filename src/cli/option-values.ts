import { InvalidArgumentError } from 'commander';
import * as E from 'fp-ts/lib/Either.js';
import { parseDuration } from '../domain/duration.js';

/** Parsers of options' values, for commander: they return the value or throw what commander turns into a usage error. */

/** A whole number from 1: a transaction, a version, a limit. */
export const wholeNumber = (text: string): number => {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Expected a whole number from 1.');
};

/** `500ms`, `10s`, `2m`, or a bare number of seconds; 0 is not to wait at all. In milliseconds. */
export const waitingTime = (text: string): number => {
  if (/^0+(\.0+)?(ms|s|m|h|d)?$/.test(text)) return 0;
  const parsed = parseDuration(/^\d+(\.\d+)?$/.test(text) ? `${text}s` : text);
  if (E.isRight(parsed)) return parsed.right;
  throw new InvalidArgumentError('Expected a duration such as 500ms, 10s or 2m, or a number of seconds.');
};

/** The longest age that makes sense, in milliseconds: a thousand years. */
const OLDEST = 1000 * 366 * 86_400_000;

/** An age such as `12h` or `30d`; 0 is none at all. In milliseconds. */
export const age = (text: string): number => {
  if (/^0+(ms|s|m|h|d)?$/.test(text)) return 0;
  const parsed = parseDuration(text, OLDEST);
  if (E.isRight(parsed)) return parsed.right;
  throw new InvalidArgumentError('Expected a duration such as 12h or 30d.');
};

/** An option that may be repeated and may hold several values between commas, at least one. */
export const commaList = (text: string, before: readonly string[] = []): readonly string[] => {
  const items = text.split(',').filter((item) => item !== '');
  // An empty variable of a script would otherwise mean the default.
  if (items.length === 0) throw new InvalidArgumentError('Expected at least one name.');
  return [...before, ...items];
};

/** `http://host:port` or `https://...`. */
export const webAddress = (text: string): string => {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text;
  throw new InvalidArgumentError('Expected an address such as http://localhost:4318.');
};

/** Bytes as `500MB`, `2GiB`, or a bare number. */
export const bytes = (text: string): number => {
  const [, number, unit = ''] = /^(\d{1,12})\s*([kMGT]?i?B?)$/i.exec(text) ?? [];
  const power = { '': 0, k: 1, m: 2, g: 3, t: 4 }[unit.replace(/i?B$/i, '').toLowerCase()];
  if (number !== undefined && power !== undefined) {
    return Number(number) * (/i/i.test(unit) ? 1024 : 1000) ** power;
  }
  throw new InvalidArgumentError('Expected bytes such as 500MB or 2GiB.');
};
