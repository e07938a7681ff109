import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import type { FileSystemError, HostFileSystem } from '../../ports/file-system.js';

/** The bits of a directory whose owner shares it with its group: what is made in it is the group's, who may write it. */
const SHARED = 0o2020;
const FILE = 0o660;
const DIRECTORY = 0o2770;

/**
 * Files of which those in a directory that is shared with a group are the group's to write, and nobody else's to read, whatever the
 * umask; directories, too. `pond init --shared` makes such directories.
 */
export const sharedFiles = (files: HostFileSystem): HostFileSystem => {
  const isShared = (directory: string): boolean => {
    const found = files.stat(directory)();
    return !isLeft(found) && found.right.kind === 'directory' && (found.right.mode & SHARED) === SHARED;
  };

  const shareFile = (path: string): Either<FileSystemError, void> =>
    isShared(parentOf(path)) ? files.chmodUnopened(path, FILE)() : right(undefined);

  /** Those that were just made, the topmost first: what it lies in decides. */
  const shareDirectories = (topmost: string, path: string): Either<FileSystemError, void> => {
    if (!isShared(parentOf(topmost))) return right(undefined);
    const below = path.slice(topmost.length).split('/').slice(1);
    for (let depth = 0; depth <= below.length; depth += 1) {
      const shared = files.chmodUnopened([topmost, ...below.slice(0, depth)].join('/'), DIRECTORY)();
      if (isLeft(shared)) return shared;
    }
    return right(undefined);
  };

  return {
    ...files,
    writeNewFile: (path, content) => () => {
      const written = files.writeNewFile(path, content)();
      return isLeft(written) ? written : shareFile(path);
    },
    writeNewFiles: (made, directories) => async () => {
      const written = await files.writeNewFiles(made, directories)();
      if (isLeft(written)) return written;
      for (const { path } of made) {
        const shared = shareFile(path);
        if (isLeft(shared)) return shared;
      }
      return written;
    },
    streamToNewFile: (path, content, as) => async () => {
      const written = await files.streamToNewFile(path, content, as)();
      return isLeft(written) || as !== undefined ? written : shareFile(path);
    },
    makeDirectories: (path) => () => {
      const made = files.makeDirectories(path)();
      if (isLeft(made) || made.right === null) return made;
      const shared = shareDirectories(made.right, path);
      return isLeft(shared) ? shared : made;
    },
  };
};

const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/')) || '/';
