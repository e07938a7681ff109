import { isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { IOEither } from 'fp-ts/lib/IOEither.js';
import type { FileSystemError } from '../../../ports/file-system.js';
import type { StewardPorts } from '../../steward-ports.js';

/** The group's to read and write, with what is made in it, and nobody else's to look into. */
const SHARED = 0o2770;

/**
 * Gives the directories of a pond that is about to be made to a group. What is made in them from now on is the group's,
 * too, by these bits alone.
 */
export const shareWithGroup =
  (
    { hostFiles }: Pick<StewardPorts, 'hostFiles'>,
    directories: readonly string[],
    group: number,
  ): IOEither<FileSystemError, void> =>
  () => {
    for (const directory of directories) {
      const made = hostFiles.makeDirectories(directory)();
      if (isLeft(made)) return made;
      const real = hostFiles.realPath(directory)();
      if (isLeft(real)) return real;
      const path = real.right;
      const before = hostFiles.lstat(path)();
      if (isLeft(before)) return before;
      const given = hostFiles.giveLink(path, { user: before.right.owner, group })();
      if (isLeft(given)) return given;
      const after = hostFiles.lstat(path)();
      if (isLeft(after)) return after;
      if (after.right.group !== group) {
        return left({ _tag: 'FileSystemError', call: 'chown', path, code: 'EPERM' });
      }
      const shared = hostFiles.chmodUnopened(path, SHARED)();
      if (isLeft(shared)) return shared;
    }
    return right(undefined);
  };
