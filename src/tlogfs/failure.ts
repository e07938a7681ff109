import { left, right } from 'fp-ts/lib/Either.js';
import type { IOEither } from 'fp-ts/lib/IOEither.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { FileSystemError, UnsafeFile } from '../ports/file-system.js';
import { type PersistenceError, persistenceErrorOf } from '../tinyfs/persistence.js';
import type { TLogError } from './tlog.js';

/*
 * Inside this folder failures are thrown as their tagged values, so that a commit reads as the sequence of file
 * operations that it is; `attempt` and `attemptRead` turn them into values at the folder's surface. What carries
 * no tag of ours is a fault of the program, not an outcome, and goes through untouched.
 */

export const corrupt = (path: string, problem: string): PersistenceError => ({
  _tag: 'CorruptData',
  path,
  problem,
});

export const notSupported = (path: string, problem: string): PersistenceError => ({
  _tag: 'UnsupportedData',
  path,
  problem,
});

/** Runs a call to the filesystem; its failure is thrown as a {@link FileSystemError}. */
export const run = <A>(call: IOEither<FileSystemError, A>): A => {
  const outcome = call();
  if (outcome._tag === 'Left') throw outcome.left;
  return outcome.right;
};

/** The same for a call that takes its time. */
export const runTask = async <A>(call: TaskEither<FileSystemError, A>): Promise<A> => {
  const outcome = await call();
  if (outcome._tag === 'Left') throw outcome.left;
  return outcome.right;
};

export const attempt = <A>(body: () => Promise<A>): TaskEither<TLogError, A> => outcomeOf(body, asTLogError);

/** The same for what only reads, whose failures are those of the persistence port. */
export const attemptRead = <A>(body: () => Promise<A>): TaskEither<PersistenceError, A> =>
  outcomeOf(body, asPersistenceError);

const outcomeOf =
  <E, A>(body: () => Promise<A>, asError: (error: unknown) => E | null): TaskEither<E, A> =>
  async () => {
    try {
      return right(await body());
    } catch (error) {
      const known = asError(error);
      if (known === null) throw error;
      return left(known);
    }
  };

/** The error as one of the persistence port; null where it is none. */
export const asPersistenceError = (error: unknown): PersistenceError | null => {
  if (isUnsafe(error) || isFileSystemError(error)) return persistenceErrorOf(error);
  return isTagged<PersistenceError>(error, PERSISTENCE_TAGS) ? error : null;
};

const asTLogError = (error: unknown): TLogError | null =>
  asPersistenceError(error) ?? (isTagged<TLogError>(error, TLOG_TAGS) ? error : null);

export const isFileSystemError = (error: unknown): error is FileSystemError =>
  isTagged<FileSystemError>(error, ['FileSystemError', 'UnsafeFile']);

const isUnsafe = (error: unknown): error is UnsafeFile => isTagged<UnsafeFile>(error, ['UnsafeFile']);

/** Finding of a check about a file that could not be read. */
export const problemOf = (error: FileSystemError): string =>
  error._tag === 'UnsafeFile'
    ? `it is not a file of the pond's (${error.found})`
    : `${error.call}: ${error.code}`;

export const isMissing = (error: unknown): error is FileSystemError =>
  isFileSystemError(error) && error.code === 'ENOENT';

export const isCorrupt = (error: unknown): error is Extract<PersistenceError, { _tag: 'CorruptData' }> =>
  isTagged<Extract<PersistenceError, { _tag: 'CorruptData' }>>(error, ['CorruptData']);

/** Tells whether a file is readable by nobody, or not by this program. */
export const isUnreadable = (
  error: unknown,
): error is Extract<PersistenceError, { _tag: 'CorruptData' | 'UnsupportedData' }> =>
  isTagged<Extract<PersistenceError, { _tag: 'CorruptData' | 'UnsupportedData' }>>(error, [
    'CorruptData',
    'UnsupportedData',
  ]);

const PERSISTENCE_TAGS: readonly PersistenceError['_tag'][] = [
  'CorruptData',
  'UnsupportedData',
  'ContentForgotten',
  'StorageFailed',
  'UnsafeFile',
];

const TLOG_TAGS: readonly TLogError['_tag'][] = [
  'NotAPond',
  'PondExists',
  'PondTooNew',
  'UnsupportedTable',
  'TransactionNotFound',
  'CommitForgotten',
  'CommitGone',
  'VersionTaken',
  'CommitUnclear',
  'LockLost',
];

const isTagged = <E extends { readonly _tag: string }>(
  error: unknown,
  tags: readonly E['_tag'][],
): error is E =>
  typeof error === 'object' &&
  error !== null &&
  '_tag' in error &&
  typeof error._tag === 'string' &&
  tags.some((tag) => tag === error._tag);
