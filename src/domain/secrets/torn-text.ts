/*
 * Half of a secret would not be recognised and taken out. So what is cut before secrets are taken out of it is cut where no
 * secret is likely to be cut in two, or loses what may be part of one.
 */

/** End of a piece of a text on one of its sides: where the text ends, between two words, or in the middle of one. */
export type Edge = 'whole' | 'between-words' | 'in-word';

/** Edges of a piece of a text. */
export interface Torn {
  readonly before: Edge;
  readonly after: Edge;
}

/** UTF-16 units: longer than secrets are, in most encodings. */
const LONGEST_SECRET = 2_048;

/** Marks that stand where something was cut off. Parts of a secret of several words are recognised beside them. */
export const CUT_MARKS = ['...', '…'] as const;

/** A piece with a mark where it was cut between words. */
export const markedText = (piece: string, { before, after }: Torn): string =>
  `${before === 'between-words' ? '... ' : ''}${piece}${after === 'between-words' ? '...' : ''}`;

/** A piece that was torn in a word as it may be said: without what may be the end, or the beginning, of a secret. */
export const tornText = (piece: string, { before, after }: Torn): string => {
  const [isTornBefore, isTornAfter] = [before === 'in-word', after === 'in-word'];
  const kept = piece.slice(isTornBefore ? LONGEST_SECRET : 0, isTornAfter ? -LONGEST_SECRET : undefined);
  return `${isTornBefore ? '...' : ''}${kept}${isTornAfter ? '...' : ''}`;
};

/** Cuts a text to `length` UTF-16 units, between words, or between members of what looks like JSON or HTML; `…` stands for the rest. */
export const cutBetweenWords = (length: number, text: string): string => {
  if (text.length <= length) return text;
  const head = text.slice(0, length - 1);
  return `${head.slice(0, head.search(/[\s,{}<>][^\s,{}<>]*$/) + 1)}…`;
};
