import * as t from 'io-ts';
import { listOf } from '../../domain/documents/one-or-more.js';
import { valueThat } from '../../domain/documents/value-that.js';
import type { Scalar } from '../rules.js';

export const Text = valueThat(
  'a text',
  (input): input is string => typeof input === 'string' && input !== '',
);

export const PondFile = valueThat(
  'a path in the pond that begins with /',
  (input): input is string => typeof input === 'string' && input.startsWith('/'),
);

const Count = valueThat(
  'a whole number from 0',
  (input): input is number => Number.isSafeInteger(input) && Number(input) >= 0,
);

const Positive = valueThat(
  'a number above 0',
  (input): input is number => typeof input === 'number' && Number.isFinite(input) && input > 0,
);

const isScalar = (input: unknown): input is Scalar =>
  typeof input === 'string' ||
  typeof input === 'boolean' ||
  (typeof input === 'number' && Number.isFinite(input));

export const ScalarList = listOf(
  valueThat('a text, number or boolean', isScalar),
  'a list of texts, numbers or booleans',
);

export const ScalarOrNullList = listOf(
  valueThat(
    'a text, number, boolean or null',
    (input): input is Scalar | null => input === null || isScalar(input),
  ),
  'a list of texts, numbers, booleans or null',
);

const Numeric = valueThat(
  'a number',
  (input): input is number => typeof input === 'number' && Number.isFinite(input),
);

const NumericRange = valueThat(
  'a list of two numbers, the smaller one first',
  (input): input is readonly [number, number] =>
    Array.isArray(input) &&
    input.length === 2 &&
    input.every((item) => typeof item === 'number' && Number.isFinite(item)) &&
    input[0] <= input[1],
);

/** A number, or a day or time as text. */
export const Bound = t.union([t.number, t.string], 'number or string');

/** Keys that limit what a value of a column is, in whichever language rules are written. */
export const COLUMN_LIMITS = {
  minimum: Bound,
  maximum: Bound,
  exclusiveMinimum: Bound,
  exclusiveMaximum: Bound,
  multipleOf: Positive,
  minLength: Count,
  maxLength: Count,
  pattern: Text,
};

const Wanted = t.union([Numeric, t.boolean], 'a number, true or false');

/** Keys that say what the result of a check must be, likewise. */
export const OPERATORS = {
  mustBe: Wanted,
  mustNotBe: Wanted,
  mustBeGreaterThan: Numeric,
  mustBeGreaterOrEqualTo: Numeric,
  mustBeLessThan: Numeric,
  mustBeLessOrEqualTo: Numeric,
  mustBeBetween: NumericRange,
  mustNotBeBetween: NumericRange,
};
