import { inspect } from 'node:util';
import { isRight, tryCatch } from 'fp-ts/lib/Either.js';
import { describeTinyFsError } from '../tinyfs/describe-tinyfs-error.js';
import { isTinyFsError } from '../tinyfs/thrown-error.js';

/** Returns what anything that was thrown, or came as an error from a user's code, says: one text, never empty. */
export const thrownMessage = (thrown: unknown): string => {
  if (typeof thrown === 'string' && thrown !== '') return thrown;
  if (thrown instanceof Error) {
    const text = thrown.message === '' ? thrown.name : thrown.message;
    return thrown.cause === undefined ? text : `${text}: ${thrownMessage(thrown.cause)}`;
  }
  if (isTinyFsError(thrown)) {
    // One that a user's code has made up may lack what its tag promises.
    const words = tryCatch(
      () => describeTinyFsError(thrown),
      () => null,
    );
    if (isRight(words)) return words.right;
  }
  if (typeof thrown === 'object' && thrown !== null) {
    const said = textOf(thrown, 'message') ?? textOf(thrown, 'problem') ?? textOf(thrown, 'path');
    const words = [textOf(thrown, '_tag'), said].filter((word) => word !== null);
    if (words.length > 0) return words.join(': ');
  }
  return inspect(thrown, { depth: 3, breakLength: Number.POSITIVE_INFINITY });
};

const textOf = (value: object, key: string): string | null => {
  const text: unknown = Reflect.get(value, key);
  return typeof text === 'string' && text !== '' ? text : null;
};
