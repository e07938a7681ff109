import { type Either, isLeft, left, mapLeft, right } from 'fp-ts/lib/Either.js';
import type { IOEither } from 'fp-ts/lib/IOEither.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { FileSystemError } from '../../../ports/file-system.js';
import type { HeldDirectories, Lease } from './held-directories.js';
import { failed } from './node-file-errors.js';

/** Way to take a place: an entry by its directory, or a directory itself. */
export type Take = HeldDirectories['entry'];

/**
 * Does something with the place that a path leads to, and lets go of it; `call` is what the host is asked for. What fails is said of the path, not
 * of the place.
 */
export const onPlace =
  (take: Take, call: string, path: string) =>
  <A>(use: (place: string) => IOEither<FileSystemError, A>): IOEither<FileSystemError, A> =>
  () => {
    const lease = taken(take, call, path);
    if (isLeft(lease)) return lease;
    try {
      const done = use(lease.right.place)();
      // Names are put together where there is an error only: a plan makes tens of thousands of calls.
      return isLeft(done) ? left(about([[lease.right.place, path]])(done.left)) : done;
    } finally {
      lease.right.end();
    }
  };

/** The same with several places, which are held until what is done with them has ended. */
export const onPlaces =
  (call: string, wanted: readonly { readonly path: string; readonly take: Take }[]) =>
  <A>(use: (places: readonly string[]) => TaskEither<FileSystemError, A>): TaskEither<FileSystemError, A> =>
  async () => {
    const leases: Lease[] = [];
    try {
      for (const { path, take } of wanted) {
        const lease = taken(take, call, path);
        if (isLeft(lease)) return lease;
        leases.push(lease.right);
      }
      const names = leases.map(({ place }, index) => [place, wanted[index]?.path ?? place] as const);
      return mapLeft(about(names))(await use(leases.map(({ place }) => place))());
    } finally {
      for (const { end } of leases) end();
    }
  };

/** The same with what is read from a place bit by bit. */
export async function* streamOf(
  take: Take,
  call: string,
  path: string,
  use: (place: string) => AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const lease = taken(take, call, path);
  if (isLeft(lease)) throw lease.left;
  try {
    yield* use(lease.right.place);
  } catch (error) {
    throw isFileSystemError(error) ? about([[lease.right.place, path]])(error) : error;
  } finally {
    lease.right.end();
  }
}

/** Reports what stands in the way as an error about the path that was to be reached. */
const taken = (take: Take, call: string, path: string): Either<FileSystemError, Lease> => {
  try {
    return right(take(path));
  } catch (error) {
    const failure = failed(call, path)(error);
    return left({ ...failure, path });
  }
};

/** An error about the path as it was named. */
const about =
  (names: readonly (readonly [place: string, path: string])[]) =>
  (error: FileSystemError): FileSystemError => {
    const named = names.find(([place]) => place === error.path);
    return named === undefined ? error : { ...error, path: named[1] };
  };

const isFileSystemError = (error: unknown): error is FileSystemError =>
  typeof error === 'object' && error !== null && '_tag' in error && error._tag === 'FileSystemError';
