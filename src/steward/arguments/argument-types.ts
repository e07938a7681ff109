import { isLeft } from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { type KeyError, keyErrors } from '../../domain/documents/decode-error.js';
import { exactType } from '../../domain/documents/exact-type.js';
import { kindOf } from '../../domain/invalid-argument.js';

/** A type of arguments by a question; `name` is what its errors say was expected. */
export const checked = <A>(name: string, is: (input: unknown) => input is A): t.Type<A, A, unknown> =>
  new t.Type(
    name,
    is,
    (input, context) => (is(input) ? t.success(input) : t.failure(input, context)),
    t.identity,
  );

const isWhole =
  (least: number) =>
  (input: unknown): input is number =>
    Number.isSafeInteger(input) && Number(input) >= least;

export const TxnSeq = checked('the number of a transaction, from 1', isWhole(1));
export const Count = checked('a whole number from 0', isWhole(0));
export const Milliseconds = checked(
  'a number of milliseconds from 0',
  (input): input is number => typeof input === 'number' && input >= 0,
);
/** A time as records have it, within the years that a date can have. */
export const Micros = checked(
  'a number of microseconds since 1970',
  (input): input is number => typeof input === 'number' && Math.abs(input) <= 8.64e18,
);
export const Signal = checked(
  'an AbortSignal',
  (input): input is AbortSignal => input instanceof AbortSignal,
);
export const Callback = checked('a function', (input): input is () => unknown => typeof input === 'function');
export const Bytes = checked('a Uint8Array', (input): input is Uint8Array => input instanceof Uint8Array);
export const Texts = t.readonlyArray(t.string, 'a list of strings');

const PARAM = 'a string, a number, a boolean or null';

const isParam = (input: unknown): input is unknown =>
  input === null || ['string', 'number', 'bigint', 'boolean'].includes(typeof input);

/** A value of a query's parameter. Of another one the kind is said: a message need not be able to show it. */
export const QueryParam = new t.Type<unknown>(
  PARAM,
  isParam,
  (input, context) =>
    isParam(input) ? t.success(input) : t.failure(input, context, `expected ${PARAM}, got ${kindOf(input)}`),
  t.identity,
);

/** An object that has functions of these names, such as a port of the program's own. */
export const functionsOf = (name: string, ...names: readonly string[]): t.Mixed =>
  checked(
    `${name} with the functions ${names.join(', ')}`,
    (input): input is object =>
      typeof input === 'object' &&
      input !== null &&
      names.every((each) => typeof (input as Readonly<Record<string, unknown>>)[each] === 'function'),
  );

/** The type of each option, none forgotten. */
export type OptionTypes<O> = { readonly [K in keyof Required<O>]: t.Mixed };

/** Options of a call. A key that is not one of them is an error: a misspelt option would do nothing. */
export const options = <O extends object>(props: OptionTypes<O>): t.Mixed =>
  exactType('an object', {}, props);

/** The same type, or nothing. */
export const optional = (type: t.Mixed): t.Mixed =>
  new t.Type<unknown>(
    type.name,
    (input): input is unknown => input === undefined || type.is(input),
    (input, context) => (input === undefined ? t.success(input) : type.validate(input, context)),
    t.identity,
  );

/** The arguments of a function, in order, each with the name that its errors say. */
export type CallArguments = readonly (readonly [name: string, type: t.Mixed])[];

/** Returns what is wrong with the arguments of a call; no errors: nothing. */
export const wrongWith = (expected: CallArguments, given: readonly unknown[]): readonly KeyError[] =>
  expected.flatMap(([name, type], index) => {
    const decoded = type.decode(given[index]);
    return isLeft(decoded) ? keyErrors(decoded.left, name) : [];
  });
