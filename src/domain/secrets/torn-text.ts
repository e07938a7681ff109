/*
 * Half of a secret would not be recognised and taken out. So what is cut before secrets are taken out of it is cut where no
 * secret is likely to be cut in two, or loses what may be part of one.
 */

/** Sides on which a piece of a text was torn off in the middle of a word. */
export interface Torn {
  readonly before: boolean;
  readonly after: boolean;
}

/** UTF-16 units: longer than secrets are, in most encodings. */
const LONGEST_SECRET = 2_048;

/** A torn piece as it may be said: without what may be the end, or the beginning, of a secret. */
export const tornText = (piece: string, { before, after }: Torn): string => {
  const kept = piece.slice(before ? LONGEST_SECRET : 0, after ? -LONGEST_SECRET : undefined);
  return `${before ? '...' : ''}${kept}${after ? '...' : ''}`;
};

/** Cuts a text to `length` UTF-16 units, between words, or between members of what looks like JSON or HTML; `…` stands for the rest. */
export const cutBetweenWords = (length: number, text: string): string => {
  if (text.length <= length) return text;
  const head = text.slice(0, length - 1);
  return `${head.slice(0, head.search(/[\s,{}<>][^\s,{}<>]*$/) + 1)}…`;
};
