import * as t from 'io-ts';

/** A finite number of 0 or more. */
export const atLeastZero = new t.Type<number, number, unknown>(
  'a number of 0 or more',
  (input): input is number => typeof input === 'number' && input >= 0 && Number.isFinite(input),
  (input, context) =>
    typeof input === 'number' && input >= 0 && Number.isFinite(input)
      ? t.success(input)
      : t.failure(input, context),
  (value) => value,
);
