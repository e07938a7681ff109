import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { FileSystem, FileSystemError, HostFileSystem, NewFile } from '../../ports/file-system.js';
import type { ByteStream } from '../../tinyfs/persistence.js';
import type { CliError } from '../errors.js';
import { isCliError } from '../exit-codes.js';
import { hostFileFailed } from '../pond/host-content.js';
import type { HostTarget } from './host-targets.js';

/**
 * Writes a content to its place on the host: beside it under a temporary name first, then renamed, so that nobody
 * ever sees half a file and a failure leaves what was there before. No symlink below the root is followed.
 */
export const writeHostFile = (
  files: HostFileSystem,
  { root, names }: Pick<HostTarget, 'root' | 'names'>,
  { content, temporaryName }: { readonly content: ByteStream; readonly temporaryName: string },
): TE.TaskEither<CliError, string> => {
  const directory = join(root, ...names.slice(0, -1));
  const temporary = join(directory, temporaryName);
  const target = join(root, ...names);
  return pipe(
    TE.fromEither(refuseLinks(files, root, names.slice(0, -1))),
    TE.flatMapEither(() => likeWhatIsAt(files, target)),
    TE.tap(() => pipe(TE.fromIOEither(files.makeDirectories(directory)), TE.mapLeft(hostFileFailed))),
    TE.flatMap((as) =>
      pipe(
        streamTo(files, { temporary, target }, content, as),
        TE.flatMap(() =>
          pipe(TE.fromIOEither(files.rename(temporary, target)), TE.mapLeft(toTarget(target))),
        ),
        // What it failed by is worth more than that nothing can be removed there either.
        TE.tapError(() => TE.fromIO(files.remove(temporary))),
      ),
    ),
    TE.map(() => target),
  );
};

/**
 * The bits and the owner of the file that is to be replaced, which keeps them as far as this process may give it away; undefined
 * where there is none. It acts as nobody any more. Nothing but a regular file is replaced.
 */
const likeWhatIsAt = (files: HostFileSystem, path: string): E.Either<CliError, NewFile | undefined> => {
  const stat = files.lstat(path)();
  if (E.isLeft(stat)) {
    const isMissing = stat.left.code === 'ENOENT' || stat.left.code === 'ENOTDIR';
    return isMissing ? E.right(undefined) : E.left(hostFileFailed(stat.left));
  }
  switch (stat.right.kind) {
    case 'file':
      return E.right({
        mode: stat.right.mode & 0o777,
        fsync: true,
        owner: { user: stat.right.owner, group: stat.right.group, give: true },
      });
    case 'symlink':
      return E.left({ _tag: 'LinkInTarget', path });
    case 'other':
      return E.left({ _tag: 'NotARegularFile', path });
    case 'directory':
      return E.left(hostFileFailed({ _tag: 'FileSystemError', call: 'open', path, code: 'EISDIR' }));
  }
};

/** Errors of the target: its temporary name says nothing to anybody. */
const toTarget =
  (path: string) =>
  (error: FileSystemError): CliError =>
    hostFileFailed({ ...error, path });

const refuseLinks = (
  files: FileSystem,
  root: string,
  names: readonly string[],
): E.Either<CliError, undefined> => {
  for (let depth = 1; depth <= names.length; depth += 1) {
    const path = join(root, ...names.slice(0, depth));
    const stat = files.stat(path)();
    if (E.isLeft(stat))
      return stat.left.code === 'ENOENT' ? E.right(undefined) : E.left(hostFileFailed(stat.left));
    if (stat.right.kind === 'symlink') return E.left({ _tag: 'LinkInTarget', path });
  }
  return E.right(undefined);
};

/** Errors that the content throws while it is read are the pond's, and come back as they were thrown. */
const streamTo =
  (
    files: FileSystem,
    { temporary, target }: { readonly temporary: string; readonly target: string },
    content: ByteStream,
    as: NewFile | undefined,
  ): TE.TaskEither<CliError, void> =>
  async () => {
    try {
      return await pipe(files.streamToNewFile(temporary, content, as), TE.mapLeft(toTarget(target)))();
    } catch (thrown) {
      if (!isCliError(thrown)) throw thrown;
      return E.left(thrown);
    }
  };
