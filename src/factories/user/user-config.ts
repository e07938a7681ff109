import * as t from 'io-ts';
import { thrownMessage } from '../thrown-message.js';
import { type Callable, isCallable, isEitherLike } from './user-answer.js';

/** Function that the registry calls on a configuration. */
export type ConfigDecoder = Pick<t.Decoder<unknown, unknown>, 'decode'>;

/**
 * Forms of a user's `config`: an object with io-ts's `decode`, a function that returns the configuration or
 * throws an error that says what is wrong. Null: neither. Where there is no `config`, see {@link anyMapping}.
 */
export const configDecoder = (config: unknown): ConfigDecoder | null => {
  if (isCallable(config)) return { decode: (input) => decodedBy(config, input) };
  if (typeof config !== 'object' || config === null) return null;
  const decode: unknown = Reflect.get(config, 'decode');
  return isCallable(decode)
    ? { decode: (input) => decodedBy((value) => Reflect.apply(decode, config, [value]), input) }
    : null;
};

/** The decoder of factories that say nothing of their configuration: any mapping, as it is. */
export const anyMapping: ConfigDecoder = t.UnknownRecord;

const decodedBy = (decode: Callable, input: unknown): t.Validation<unknown> => {
  try {
    const answer = decode(input);
    if (!isEitherLike(answer)) return t.success(answer);
    if (answer._tag === 'Right') return t.success(answer.right);
    return isValidationErrors(answer.left) ? t.failures(answer.left) : refused(input, answer.left);
  } catch (thrown) {
    return refused(input, thrown);
  }
};

const refused = (input: unknown, reason: unknown): t.Validation<unknown> =>
  t.failure(input, [{ key: '', type: t.unknown, actual: input }], thrownMessage(reason));

const ValidationErrors = t.array(
  t.type({ value: t.unknown, context: t.array(t.type({ key: t.string, type: t.UnknownRecord })) }),
);

const isValidationErrors = (errors: unknown): errors is t.Errors => ValidationErrors.is(errors);
