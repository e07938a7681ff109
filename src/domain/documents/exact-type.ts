import { isLeft, right } from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { compareUtf8 } from '../text/bytes-order.js';
import { unknownKeyType } from './decode-error.js';

/** The type of an object with exactly known keys. */
export interface ExactType<R extends t.Props, O extends t.Props>
  extends t.Type<t.TypeOf<t.TypeC<R>> & t.TypeOf<t.PartialC<O>>, unknown> {
  readonly requiredKeys: readonly string[];
  /** The types of the keys that need not be there. */
  readonly optional: O;
}

/**
 * An object with exactly these keys: `required` ones must be there, `optional` ones may be, any other key is an
 * error on that key. Configuration is decoded with it, so that a misspelt key never passes. Everything that is
 * wrong is reported: a misspelt required key as unknown and, under its right name, as missing.
 */
export const exactType = <R extends t.Props, O extends t.Props>(
  name: string,
  required: R,
  optional: O,
): ExactType<R, O> => {
  const needed = t.type(required);
  const possible = t.partial(optional);
  const stripped = t.exact(possible);
  const known = [...Object.keys(required), ...Object.keys(optional)];
  const requiredKeys = Object.keys(required);
  const valueTypes = new Map<string, t.Mixed>([...Object.entries(optional), ...Object.entries(required)]);
  type A = t.TypeOf<typeof needed> & t.TypeOf<typeof possible>;
  const type = new t.Type<A, unknown>(
    name,
    // Every key is looked at once: of what is right this is all that decoding has to find out.
    (input): input is A => {
      if (!t.UnknownRecord.is(input)) return false;
      for (const key of Object.keys(input)) {
        const value = input[key];
        const type = valueTypes.get(key);
        const isLeftOut = value === undefined && !Object.hasOwn(required, key);
        if (type === undefined || !(isLeftOut || type.is(value))) return false;
      }
      return requiredKeys.every((key) => Object.hasOwn(input, key));
    },
    (input, context) => {
      if (typeof input !== 'object' || input === null || Array.isArray(input)) {
        return t.failure(input, context, `expected a mapping with the keys ${known.join(', ')}`);
      }
      const unknownKeys: t.Errors = Object.entries(input)
        .filter(([key]) => !valueTypes.has(key))
        // Whoever shuffles keys has changed nothing, so the errors are the same ones.
        .sort(([a], [b]) => compareUtf8(a, b))
        .map(([key, value]) => ({
          value,
          context: [...context, { key, type: unknownKeyType, actual: value }],
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
  return Object.assign(type, { requiredKeys, optional });
};
