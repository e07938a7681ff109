import * as t from 'io-ts';

/** A value of which `is` says whether it will do; `name` says what is expected. */
export const valueThat = <A>(name: string, is: (input: unknown) => input is A): t.Type<A, A, unknown> =>
  new t.Type<A, A, unknown>(
    name,
    is,
    (input, context) => (is(input) ? t.success(input) : t.failure(input, context)),
    t.identity,
  );

/** The same for a text. */
export const textThat = (name: string, isGood: (text: string) => boolean): t.Type<string, string, unknown> =>
  valueThat(name, (input): input is string => typeof input === 'string' && isGood(input));

/** A text that may be a secret: what was found instead is not said. */
export const quietTextThat = (
  name: string,
  isGood: (text: string) => boolean,
): t.Type<string, string, unknown> => {
  const { is } = textThat(name, isGood);
  return new t.Type(
    name,
    is,
    (input, context) => (is(input) ? t.success(input) : t.failure(input, context, `expected ${name}`)),
    t.identity,
  );
};
