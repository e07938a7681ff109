import { isLeft, right } from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { compareUtf8 } from './bytes-order.js';

/**
 * An object with exactly these keys: `required` ones must be there, `optional` ones may be, any other key is an
 * error on that key. Configuration is decoded with it, so that a misspelt key never passes. Everything that is
 * wrong is reported: a misspelt required key as unknown and, under its right name, as missing.
 */
export const exactType = <R extends t.Props, O extends t.Props>(
  name: string,
  required: R,
  optional: O,
): t.Type<t.TypeOf<t.TypeC<R>> & t.TypeOf<t.PartialC<O>>, unknown> => {
  const needed = t.type(required);
  const possible = t.partial(optional);
  const stripped = t.exact(possible);
  const known = [...Object.keys(required), ...Object.keys(optional)];
  const knownSet = new Set(known);
  type A = t.TypeOf<typeof needed> & t.TypeOf<typeof possible>;
  return new t.Type<A, unknown>(
    name,
    (input): input is A =>
      needed.is(input) && possible.is(input) && Object.keys(input).every((key) => knownSet.has(key)),
    (input, context) => {
      if (typeof input !== 'object' || input === null || Array.isArray(input)) {
        return t.failure(input, context, `expected a mapping with the keys ${known.join(', ')}`);
      }
      const unknownKeys: t.Errors = Object.entries(input)
        .filter(([key]) => !knownSet.has(key))
        // Whoever shuffles keys has changed nothing, so the errors are the same ones.
        .sort(([a], [b]) => compareUtf8(a, b))
        .map(([key, value]) => ({
          value,
          context: [...context, { key, type: t.never, actual: value }],
          message: `unknown key; known keys are ${known.join(', ')}`,
        }));
      const base = needed.validate(input, context);
      const rest = stripped.validate(input, context);
      const errors = [...unknownKeys, ...(isLeft(base) ? base.left : []), ...(isLeft(rest) ? rest.left : [])];
      return isLeft(base) || isLeft(rest) || errors.length > 0
        ? t.failures(errors)
        : right({ ...base.right, ...rest.right });
    },
    (value) => value,
  );
};
