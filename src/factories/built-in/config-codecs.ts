import { isLeft } from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import type { KeyError } from '../../domain/documents/decode-error.js';
import { textThat } from '../../domain/documents/value-that.js';

/** A whole number within bounds. */
export const wholeNumber = (lowest: number, highest: number): t.Type<number, number, unknown> =>
  new t.Type(
    'a whole number',
    (input): input is number => Number.isInteger(input),
    (input, context) =>
      typeof input === 'number' && Number.isInteger(input) && input >= lowest && input <= highest
        ? t.success(input)
        : t.failure(input, context, `expected a whole number from ${lowest} to ${highest}`),
    t.identity,
  );

/** The same codec, which also refuses what goes together badly. */
export const checkedBy = <A>(
  codec: t.Type<A, unknown, unknown>,
  problemOf: (value: A) => KeyError | null,
): t.Type<A, unknown, unknown> =>
  new t.Type(
    codec.name,
    (input): input is A => codec.is(input) && problemOf(input) === null,
    (input, context) => {
      const value = codec.validate(input, context);
      if (isLeft(value)) return value;
      const problem = problemOf(value.right);
      if (problem === null) return value;
      const place = { key: problem.key, type: t.never, actual: null };
      return t.failures([{ value: null, context: [...context, place], message: problem.message }]);
    },
    t.identity,
  );

/** A path or a pattern of the pond. */
export const PondPattern = textThat('a path or pattern in the pond that begins with /', (text) =>
  text.startsWith('/'),
);

/** Ways in which exported files lie where they go. */
export const ExportLayout = t.keyof({ mirror: null, versions: null });
