import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import type { FileSystemError, HostFileSystem } from '../../ports/file-system.js';

/** The bits of a directory whose owner shares it with its group: what is made in it is the group's, who may write it. */
const SHARED = 0o2020;
const OF_OTHERS = 0o077;

interface Modes {
  readonly file: number;
  readonly directory: number;
}

const OF_GROUP: Modes = { file: 0o660, directory: 0o2770 };
const OF_OWNER: Modes = { file: 0o600, directory: 0o700 };

const withReaders = (mode: number): Modes => ({
  file: OF_GROUP.file | (mode & 0o004),
  directory: OF_GROUP.directory | (mode & 0o005),
});

/** A pond's control directory, or one below it. */
const IN_CONTROL = /\/control(\/|$)/;
const IS_CONTROL = /\/control$/;

/**
 * Files of which those in a directory that is shared with a group are the group's to write, and nobody else's to read, and
 * those in a private control directory nobody else's at all, whatever the umask; directories, too. A control directory is private from
 * the moment in which it is made, since in a place of others it may not be changed any more: they could put another one there.
 * `pond init --shared` makes directories of the first kind. With `readable`, others may read what is made in a shared directory
 * that they may read.
 */
export const sharedFiles = (files: HostFileSystem, { readable = false } = {}): HostFileSystem => {
  /** Modes of what is made in a directory; null: as the umask says. */
  const modesIn = (directory: string): Modes | null => {
    const found = files.stat(directory)();
    if (isLeft(found) || found.right.kind !== 'directory') return null;
    if ((found.right.mode & SHARED) === SHARED) return readable ? withReaders(found.right.mode) : OF_GROUP;
    return (found.right.mode & OF_OTHERS) === 0 && IN_CONTROL.test(directory) ? OF_OWNER : null;
  };

  const shareFile = (path: string, modes = modesIn(parentOf(path))): Either<FileSystemError, void> =>
    modes === null ? right(undefined) : files.chmodUnopened(path, modes.file)();

  /** Those that were just made, the topmost first: what it lies in decides. */
  const shareDirectories = (topmost: string, path: string): Either<FileSystemError, void> => {
    const modes = modesIn(parentOf(topmost));
    if (modes === null) return right(undefined);
    const below = path.slice(topmost.length).split('/').slice(1);
    for (let depth = 0; depth <= below.length; depth += 1) {
      const made = [topmost, ...below.slice(0, depth)].join('/');
      const shared = files.chmodUnopened(made, modes.directory)();
      if (isLeft(shared)) return shared;
    }
    return right(undefined);
  };

  return {
    ...files,
    writeNewFile: (path, content, durability) => () => {
      const written = files.writeNewFile(path, content, durability)();
      return isLeft(written) ? written : shareFile(path);
    },
    writeNewFiles: (made, directories) => async () => {
      const writing = files.writeNewFiles(made, directories)();
      // Looked at while the disk is at work.
      const sharing = made.map(({ path }) => ({ path, modes: modesIn(parentOf(path)) }));
      const written = await writing;
      if (isLeft(written)) return written;
      for (const { path, modes } of sharing) {
        const shared = shareFile(path, modes);
        if (isLeft(shared)) return shared;
      }
      return written;
    },
    streamToNewFile: (path, content, as) => async () => {
      const written = await files.streamToNewFile(path, content, as)();
      return isLeft(written) || as !== undefined ? written : shareFile(path);
    },
    makeDirectories: (path, mode) => () => {
      const asked = mode ?? (!readable && IS_CONTROL.test(path) ? OF_OWNER.directory : undefined);
      const made = files.makeDirectories(path, asked)();
      if (isLeft(made) || made.right === null) return made;
      const shared = shareDirectories(made.right, path);
      return isLeft(shared) ? shared : made;
    },
  };
};

const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/')) || '/';
