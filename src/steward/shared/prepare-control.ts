import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { FileSystemError } from '../../ports/file-system.js';
import type { PondError } from '../errors.js';
import { layout } from '../pond/pond.js';
import type { SharedControl } from '../pond/shared-pond.js';
import type { StewardPorts } from '../steward-ports.js';

/** Bits of a directory that is its owner's alone. */
const PRIVATE = 0o700;

/**
 * Makes the directory of copies, this user's alone, and refuses what somebody else has put there. Where the control table lies in a directory of this machine, `control` leads there: all
 * who use the pond here share its locks; where it lies in a database, `control` is a directory for what may be deleted.
 */
export const prepareControl = (
  { hostFiles, host }: Pick<StewardPorts, 'hostFiles' | 'host'>,
  directory: string,
  control: SharedControl,
): TE.TaskEither<PondError, void> =>
  TE.fromIOEither(() => {
    const path = layout(directory).control;
    const root = parentOf(directory);
    const made = inOrder(
      () => hostFiles.makeDirectories(root)(),
      () => onceMade(hostFiles.makeDirectory(directory, PRIVATE)()),
    );
    if (isLeft(made)) return asPondError(made);
    const strange = ofAnother(hostFiles, host.user, directory);
    if (strange !== null) return left(strange);
    const found = hostFiles.lstat(path)();
    const isLink = !isLeft(found) && found.right.kind === 'symlink';
    if (control._tag === 'Postgres') {
      const cleared = isLink ? hostFiles.removeFile(path)() : right(undefined);
      if (isLeft(cleared)) return asPondError(cleared);
      return asPondError(onceMade(hostFiles.makeDirectory(path, PRIVATE)()));
    }
    const target = targetMade(hostFiles, control.directory);
    if (isLeft(target)) return asPondError(target);
    if (isLink) {
      const text = hostFiles.readLink(path)();
      if (!isLeft(text) && text.right === control.directory) return right(undefined);
      const removed = hostFiles.removeFile(path)();
      if (isLeft(removed)) return asPondError(removed);
    } else if (!isLeft(found)) {
      // It was that of a database: nothing in it is needed.
      return asPondError(
        inOrder(
          () => hostFiles.rename(path, `${path}-before`)(),
          () => onceMade(hostFiles.symlink(control.directory, path)()),
        ),
      );
    }
    return asPondError(onceMade(hostFiles.symlink(control.directory, path)()));
  });

/** Copies are believed, so nobody else may have made the directory of them, or write into it. */
const ofAnother = (
  hostFiles: StewardPorts['hostFiles'],
  user: StewardPorts['host']['user'],
  directory: string,
): PondError | null => {
  const stat = hostFiles.lstat(directory)();
  if (user === null || isLeft(stat)) return null;
  const { kind, owner, mode } = stat.right;
  if (kind === 'directory' && owner === user.id && (mode & BY_ANOTHER) === 0) return null;
  return {
    _tag: 'PondFileUnusable',
    path: directory,
    problem:
      'copies of the pond belong there, and another user has put it there or may write it: name a directory of your own with --cache, or $POND_CACHE',
  };
};

const BY_ANOTHER = 0o022;

const targetMade = (hostFiles: StewardPorts['hostFiles'], target: string): Either<FileSystemError, void> =>
  inOrder(
    () => hostFiles.makeDirectories(parentOf(target))(),
    () => onceMade(hostFiles.makeDirectory(target, PRIVATE)()),
  );

const inOrder = (
  ...calls: readonly (() => Either<FileSystemError, unknown>)[]
): Either<FileSystemError, void> => {
  for (const call of calls) {
    const outcome = call();
    if (isLeft(outcome)) return outcome;
  }
  return right(undefined);
};

/** Two processes may make it at once. */
const onceMade = (made: Either<FileSystemError, void>): Either<FileSystemError, void> =>
  isLeft(made) && made.left.code === 'EEXIST' ? right(undefined) : made;

const asPondError = (made: Either<FileSystemError, void>): Either<PondError, void> =>
  isLeft(made)
    ? {
        _tag: 'Left',
        left: { _tag: 'HostFileFailed', path: made.left.path, code: made.left.code, call: made.left.call },
      }
    : made;

const parentOf = (path: string): string => path.slice(0, Math.max(1, path.lastIndexOf('/')));
