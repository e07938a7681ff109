import type { FileSystem } from '../ports/file-system.js';
import { isFileSystemError, run } from './failure.js';

/**
 * Makes a directory with its missing parents, and makes durable that they are there: all from `root` on, which may be
 * one of those that are made. Also of what was there already: whoever made it may have died before it did so.
 */
export const makeDurableDirectory = (files: FileSystem, path: string, root: string): void => {
  const topmost = run(files.makeDirectories(path));
  const end = topmost !== null && topmost.length <= root.length ? parentOf(topmost) : root;
  for (let above = parentOf(path); ; above = parentOf(above)) {
    secure(files, above);
    if (above.length <= end.length) return;
  }
};

/** One that we may not read cannot be opened, so it cannot be fsynced. */
const secure = (files: FileSystem, path: string): void => {
  try {
    run(files.fsyncDirectory(path));
  } catch (error) {
    if (!isFileSystemError(error) || error.code !== 'EACCES') throw error;
  }
};

export const parentOf = (path: string): string => {
  const cut = path.lastIndexOf('/');
  return cut > 0 ? path.slice(0, cut) : cut === 0 ? '/' : '.';
};
