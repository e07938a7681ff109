import { isLeft } from 'fp-ts/lib/Either.js';
import type { HostFileSystem } from '../../../ports/file-system.js';
import { giveDirectories, giveToDirectoryOwner } from './given-to-owner.js';
import { reachedAnew } from './held-files.js';
import { attempt } from './node-file-errors.js';
import { nodeFileSystem } from './node-file-system.js';
import { streamToNewFile, writeNewFile, writeNewFiles } from './node-file-writing.js';

const givingFiles: HostFileSystem = {
  ...nodeFileSystem,
  writeNewFile: (path, content, durability = 'durable') =>
    attempt('write', path, () => writeNewFile(path, content, durability, giveToDirectoryOwner)),
  writeNewFiles: (files, directories) => writeNewFiles(files, directories, giveToDirectoryOwner),
  streamToNewFile: (path, content, as) => streamToNewFile(path, content, as, giveToDirectoryOwner),
};

const givingDirectories = (files: HostFileSystem): HostFileSystem => ({
  ...files,
  makeDirectories: (path, mode) => () => {
    const made = files.makeDirectories(path, mode)();
    if (isLeft(made) || made.right === null) return made;
    const topmost = made.right;
    return attempt('mkdir', path, () => {
      giveDirectories(topmost, path);
      return topmost;
    })();
  },
});

/** The host's files for what is in ponds: what the superuser makes in a directory of another user is that user's. */
export const nodePondFiles: HostFileSystem = givingDirectories(givingFiles);

/**
 * The same for ponds in which another user could exchange what is there: whatever somebody puts in the place of a directory
 * meanwhile, nothing is reached through it. Paths are real ones.
 */
export const nodePondFilesOfOthers: HostFileSystem = givingDirectories(reachedAnew(givingFiles));
