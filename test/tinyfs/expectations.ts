import { isLeft, isRight } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { ByteStream } from '../../src/tinyfs/persistence.js';

/** The value of something that must succeed. */
export const ok = async <E, A>(task: TaskEither<E, A>): Promise<A> => {
  const outcome = await task();
  if (isLeft(outcome)) throw new Error(`expected success, got ${JSON.stringify(outcome.left)}`);
  return outcome.right;
};

/** The error of something that must fail. */
export const failure = async <E, A>(task: TaskEither<E, A>): Promise<E> => {
  const outcome = await task();
  if (isRight(outcome)) throw new Error(`expected a failure, got ${JSON.stringify(outcome.right)}`);
  return outcome.left;
};

/** All of a stream as text. */
export const textIn = async (stream: ByteStream): Promise<string> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
};

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
