import { DEEPEST, seekDepth, tooDeep } from './json-depth.js';

/** Begins the text that stands for a whole number too large for a number; no character of it is written out by any server. */
const MARK = '\u0000n';
const MARKED = new RegExp(`^${MARK}-?\\d+$`);
/** The same as JSON writes it. */
const PRINTED = /"\\u0000n(-?\d+)"/g;
/** Strings, so that what is in them is passed over, and numbers. */
const TOKENS = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** Digits of a whole number. Making one of many millions of them takes minutes. */
const MOST_DIGITS = 1_000;

/** JSON that {@link parseExactJson} reads back: bigints are whole numbers with all their digits. */
export const printExactJson = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'bigint' ? `${MARK}${inner}` : inner,
  ).replaceAll(PRINTED, '$1');

/**
 * A JSON document; whole numbers beyond 2^53 are bigints, which have all their digits. Throws a `SyntaxError`, also where a whole number
 * has more than a thousand, and where it is nested too deep.
 */
export const parseExactJson = (text: string): unknown => {
  if (text.length > DEEPEST && seekDepth().tooDeepIn(Buffer.from(text)) !== null)
    throw new SyntaxError(tooDeep);
  if (!/\d{16}/.test(text)) return JSON.parse(text);
  let isMarked = false;
  const marked = text.replaceAll(TOKENS, (token) => {
    if (token.length < 16 || !/^-?\d+$/.test(token) || Number.isSafeInteger(Number(token))) return token;
    if (token.length > MOST_DIGITS) throw new SyntaxError(`a whole number of ${token.length} digits`);
    isMarked = true;
    return JSON.stringify(`${MARK}${token}`);
  });
  if (!isMarked) return JSON.parse(text);
  return JSON.parse(marked, (_, value: unknown) =>
    typeof value === 'string' && MARKED.test(value) ? BigInt(value.slice(MARK.length)) : value,
  );
};
