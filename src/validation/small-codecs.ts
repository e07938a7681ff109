import * as t from 'io-ts';
import type { Scalar } from './rules.js';

const guarded = <A>(name: string, is: (input: unknown) => input is A): t.Type<A, unknown> =>
  new t.Type<A, unknown>(
    name,
    is,
    (input, context) => (is(input) ? t.success(input) : t.failure(input, context)),
    (value) => value,
  );

export const Text = guarded('a text', (input): input is string => typeof input === 'string' && input !== '');

export const PondFile = guarded(
  'a path in the pond that begins with /',
  (input): input is string => typeof input === 'string' && input.startsWith('/'),
);

export const Count = guarded(
  'a whole number from 0',
  (input): input is number => Number.isSafeInteger(input) && Number(input) >= 0,
);

const isScalar = (input: unknown): input is Scalar =>
  typeof input === 'string' ||
  typeof input === 'boolean' ||
  (typeof input === 'number' && Number.isFinite(input));

export const ScalarList = guarded(
  'a list of texts, numbers or booleans',
  (input): input is readonly Scalar[] => Array.isArray(input) && input.length > 0 && input.every(isScalar),
);

export const ScalarOrNullList = guarded(
  'a list of texts, numbers, booleans or null',
  (input): input is readonly (Scalar | null)[] =>
    Array.isArray(input) && input.length > 0 && input.every((item) => item === null || isScalar(item)),
);

export const Numeric = guarded(
  'a number',
  (input): input is number => typeof input === 'number' && Number.isFinite(input),
);

export const NumericRange = guarded(
  'a list of two numbers, the smaller one first',
  (input): input is readonly [number, number] =>
    Array.isArray(input) &&
    input.length === 2 &&
    input.every((item) => typeof item === 'number' && Number.isFinite(item)) &&
    input[0] <= input[1],
);
