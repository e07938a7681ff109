import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { IOEither } from 'fp-ts/lib/IOEither.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { describeInstead } from '../../ports/describe-instead.js';
import type { FileSystem, FileSystemError } from '../../ports/file-system.js';
import type { StoreCall, StoreCallError } from '../../ports/object-store.js';

/** The folder of what is on its way: no object of the store. */
export const OWN_FOLDER = '.pond-store';

/** Runs the body of a call of a store, whose failed calls to the filesystem are errors of the store. */
export type Attempt = <A>(
  call: StoreCall,
  key: string,
  body: () => Promise<A>,
) => TaskEither<StoreCallError, A>;

export const attempting =
  (url: string): Attempt =>
  <A>(call: StoreCall, key: string, body: () => Promise<A>) =>
  async (): Promise<Either<StoreCallError, A>> => {
    try {
      if (!isKey(key) && call !== 'list') {
        throw { _tag: 'FileSystemError', call: 'name', path: key, code: 'EINVAL' };
      }
      return right(await body());
    } catch (thrown) {
      if (isStoreError(thrown)) return left(thrown);
      if (!isFileSystemError(thrown)) throw thrown;
      if (thrown.code === 'ENOENT' || thrown.code === 'ENOTDIR')
        return left({ _tag: 'ObjectMissing', store: url, key });
      return left({
        _tag: 'StoreFailed',
        store: url,
        call,
        key,
        code: thrown.code,
        message:
          thrown._tag === 'UnsafeFile'
            ? `${thrown.path} ${describeInstead(thrown.found)}`
            : `${thrown.call} ${thrown.path}: ${thrown.code}`,
        isTransient: thrown.code === 'EIO' || thrown.code === 'EMFILE' || thrown.code === 'EBUSY',
        retryAfterMs: null,
      });
    }
  };

/** Keys that lead below the directory and nowhere else. */
const isKey = (key: string): boolean =>
  key !== '' &&
  !key.includes('\0') &&
  key.split('/').every((name) => name !== '' && name !== '.' && name !== '..') &&
  !key.startsWith(`${OWN_FOLDER}/`);

/** Names in a directory; none where there is no directory. */
export const namesIn = (files: FileSystem, directory: string): readonly string[] => {
  const names = files.readDirectory(directory)();
  if (!isLeft(names)) return names.right;
  if (names.left.code === 'ENOENT' || names.left.code === 'ENOTDIR') return [];
  throw names.left;
};

/** Result of a call to the filesystem; what failed is thrown. */
export const run = <A>(call: IOEither<FileSystemError, A>): A => {
  const outcome = call();
  if (isLeft(outcome)) throw outcome.left;
  return outcome.right;
};

export const isFileSystemError = (thrown: unknown): thrown is FileSystemError =>
  typeof thrown === 'object' &&
  thrown !== null &&
  '_tag' in thrown &&
  (thrown._tag === 'FileSystemError' || thrown._tag === 'UnsafeFile');

const isStoreError = (thrown: unknown): thrown is StoreCallError =>
  typeof thrown === 'object' &&
  thrown !== null &&
  '_tag' in thrown &&
  (thrown._tag === 'StoreFailed' || thrown._tag === 'ObjectMissing' || thrown._tag === 'ConditionFailed');
