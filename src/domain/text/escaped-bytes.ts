/*
 * Names on the host are bytes. Where they are not UTF-8, a string stands for them in which each byte that belongs to no
 * character is the second half of a surrogate pair, U+DC80 to U+DCFF, without the first: no UTF-8 text has that, so the
 * bytes can be made from it again.
 */

const ESCAPE = /(?<![\ud800-\udbff])[\udc80-\udcff]/;
const ESCAPES = /((?<![\ud800-\udbff])[\udc80-\udcff])/;
const FIRST = 0xdc00;

/** Tells whether a string stands for bytes that are not UTF-8. */
export const isEscaped = (text: string): boolean => !text.isWellFormed() && ESCAPE.test(text);

/** The character that stands for a byte. */
export const escapedByte = (byte: number): string => String.fromCharCode(FIRST + byte);

/** The bytes that a string stands for. */
export const unescapedBytes = (text: string): Buffer =>
  Buffer.concat(
    text
      .split(ESCAPES)
      .map((part) => (ESCAPE.test(part) ? Buffer.from([part.charCodeAt(0) - FIRST]) : Buffer.from(part))),
  );
