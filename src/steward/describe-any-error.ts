import { boundedText } from '../domain/text/bounded-text.js';
import { describeError } from './describe-error.js';
import type { PondError } from './errors.js';

/** An error of a transaction's body, which may be of the caller's own type, in words of a bounded length. */
export const describeAnyError = (
  error: unknown,
  describe: (error: unknown) => string | null = () => null,
): string => boundedText(inWords(error, describe));

const inWords = (error: unknown, describe: (error: unknown) => string | null): string => {
  const words = describe(error);
  if (words !== null) return words;
  if (error instanceof Error) return error.message;
  if (isTagged(error)) return describeError(error) ?? ownWords(error) ?? JSON.stringify(error);
  return typeof error === 'string' ? error : JSON.stringify(error);
};

/** A caller's tags are not ours, so {@link describeError} may have no words for them. */
const isTagged = (error: unknown): error is PondError =>
  typeof error === 'object' && error !== null && '_tag' in error;

/** Words of the caller's error itself. */
const ownWords = (error: object): string | null =>
  'message' in error && typeof error.message === 'string' && error.message !== '' ? error.message : null;
