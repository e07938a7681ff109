import type { IOEither } from 'fp-ts/lib/IOEither.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { expect } from 'vitest';
import type { FileSystemError } from '../../../src/ports/file-system.js';

/** The value of a call that must succeed. */
export const done = <A>(call: IOEither<FileSystemError, A>): A => {
  const outcome = call();
  if (outcome._tag === 'Left') throw new Error(JSON.stringify(outcome.left));
  return outcome.right;
};

export const doneAsync = async <A>(task: TaskEither<FileSystemError, A>): Promise<A> => {
  const outcome = await task();
  return done(() => outcome);
};

/** A call that must fail with that errno, and say of which path. */
export const refused = <A>(call: IOEither<FileSystemError, A>, code: string, path?: string): void => {
  const expected = { _tag: 'FileSystemError', code, ...(path === undefined ? {} : { path }) };
  expect(call()).toMatchObject({ _tag: 'Left', left: expected });
};

export const refusedAsync = async <A>(
  task: TaskEither<FileSystemError, A>,
  code: string,
  path?: string,
): Promise<void> => {
  const outcome = await task();
  refused(() => outcome, code, path);
};

export const bytes = (text: string): Uint8Array => Buffer.from(text);

export const text = (content: Uint8Array): string => Buffer.from(content).toString();
