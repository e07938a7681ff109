import { isLeft } from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import type { KeyError } from '../../../domain/documents/decode-error.js';
import { isFromEnvironment, LITERAL_SECRET, secretsOfAddress } from '../secret-texts.js';

const isHttpUrl = (input: unknown): input is string => {
  if (typeof input !== 'string' || input === '') return false;
  // Its value is looked at when the variable has been resolved.
  if (isFromEnvironment(input)) return true;
  return URL.canParse(input) && /^https?:$/.test(new URL(input).protocol);
};

/** An address in a configuration. */
export const HttpUrl = new t.Type<string, string, unknown>(
  'an address that begins with https:// or http://',
  isHttpUrl,
  (input, context) =>
    isHttpUrl(input)
      ? t.success(input)
      : // An address may have a password in it, or be a secret as a whole.
        t.failure(input, context, 'expected an address that begins with https:// or http://'),
  (url) => url,
);

const Texts = t.record(t.string, t.string, 'a mapping of names to texts');

/** Headers that a request has by itself, or that would change what a request is. */
const OWN_HEADERS =
  /^(host|content-length|connection|transfer-encoding|te|trailer|upgrade|expect|traceparent)$/i;
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

const headerProblem = (name: string, value: string, own: RegExp): string | null => {
  if (!HEADER_NAME.test(name)) return 'is not a name of a header';
  if (OWN_HEADERS.test(name) || own.test(name)) return 'is set by the factory itself';
  return HEADER_VALUE.test(value)
    ? null
    : 'a header is one line without control characters, in Latin-1 letters';
};

/** Headers in a configuration; `own` are names of those that a factory sets besides what every request has. */
export const headersExcept = (own: RegExp): t.Type<Readonly<Record<string, string>>, unknown, unknown> =>
  new t.Type(
    Texts.name,
    (input): input is Readonly<Record<string, string>> =>
      Texts.is(input) &&
      Object.entries(input).every(([name, value]) => headerProblem(name, value, own) === null),
    (input, context) => {
      const texts = Texts.validate(input, context);
      if (isLeft(texts)) return t.failure(input, context, `expected ${Texts.name}`);
      const errors = Object.entries(texts.right).flatMap(([name, value]) => {
        const problem = headerProblem(name, value, own);
        return problem === null
          ? []
          : [{ value, context: [...context, { key: name, type: t.never, actual: value }], message: problem }];
      });
      return errors.length > 0 ? t.failures(errors) : texts;
    },
    t.identity,
  );

const SECRET_HEADER = /^(authorization|proxy-authorization|cookie|.*(token|secret|password|api-?key).*)$/i;

/** Secrets of an address and of headers that stand in the configuration itself, where the pond's history would keep them. */
export const secretsOfRequest = (
  url: string,
  headers: Readonly<Record<string, string>>,
): readonly KeyError[] => [
  ...secretsOfAddress('url', url),
  ...Object.entries(headers)
    .filter(([name, value]) => SECRET_HEADER.test(name) && !isFromEnvironment(value))
    .map(([name]) => ({ key: `headers.${name}`, message: LITERAL_SECRET })),
];
