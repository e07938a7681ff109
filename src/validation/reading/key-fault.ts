import { isLeft } from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { unknownKeyType } from '../../domain/documents/decode-error.js';
import { nearestName } from '../../domain/text/nearest-name.js';

/** Fault of a value that has the right shape, and the key that it is under. */
export interface KeyFault {
  readonly steps: readonly string[];
  readonly message: string;
}

export const fault = (step: string | readonly string[], message: string): KeyFault => ({
  steps: typeof step === 'string' ? [step] : step,
  message,
});

/** Result of reading a value. */
export interface Reading<A> {
  readonly value: A;
  readonly faults: readonly KeyFault[];
}

/**
 * A codec whose input has the shape of `raw`, and whose output is what `read` makes of it. An unknown key is refused with
 * the known one that was most likely meant.
 */
export const readWith = <Raw, A>(
  raw: t.Type<Raw, unknown>,
  known: readonly string[],
  read: (value: Raw) => Reading<A>,
): t.Type<A, unknown> =>
  new t.Type<A, unknown>(
    raw.name,
    (_): _ is A => false,
    (input, context) => {
      const decoded = raw.validate(input, context);
      if (isLeft(decoded)) return t.failures(decoded.left.map((error) => withNearest(error, known, context)));
      const { value, faults } = read(decoded.right);
      if (faults.length === 0) return t.success(value);
      return t.failures(
        faults.map(({ steps, message }) => ({ value: input, context: contextAt(context, steps), message })),
      );
    },
    (value) => value,
  );

const withNearest = (
  error: t.ValidationError,
  known: readonly string[],
  context: t.Context,
): t.ValidationError => {
  const last = error.context.at(-1);
  // Only this codec's own keys: those of values inside have been dealt with there.
  if (last?.type !== unknownKeyType || error.context.length !== context.length + 1) return error;
  const nearest = nearestName(last.key, known);
  return nearest === null
    ? error
    : { ...error, message: `unknown key, ${nearest} is meant?; known keys are ${known.join(', ')}` };
};

const contextAt = (context: t.Context, steps: readonly string[]): t.Context => {
  let actual: unknown = context.at(-1)?.actual;
  return [
    ...context,
    ...steps.map((key) => {
      actual =
        typeof actual === 'object' && actual !== null
          ? (actual as Readonly<Record<string, unknown>>)[key]
          : undefined;
      return { key, type: t.unknown, actual };
    }),
  ];
};

/** One of a few words. A wrong one is refused with the word that was most likely meant. */
export const oneOf = <Word extends string>(words: readonly Word[]): t.Type<Word, unknown> =>
  new t.Type<Word, unknown>(
    words.join(', '),
    (input): input is Word => words.some((word) => word === input),
    (input, context) => {
      const found = words.find((word) => word === input);
      if (found !== undefined) return t.success(found);
      const nearest = typeof input === 'string' ? nearestName(input, words) : null;
      const meant = nearest === null ? '' : `; ${nearest} is meant?`;
      return t.failure(
        input,
        context,
        `expected one of ${words.join(', ')}, got ${JSON.stringify(input) ?? 'nothing'}${meant}`,
      );
    },
    (word) => word,
  );
