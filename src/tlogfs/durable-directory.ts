import type { FileSystem } from '../ports/file-system.js';
import { run } from './failure.js';

/** Makes a directory with its missing parents, and makes durable that they are there. */
export const makeDurableDirectory = (files: FileSystem, path: string): void => {
  const topmost = run(files.makeDirectories(path));
  if (topmost === null) return;
  for (let made = path; ; made = parentOf(made)) {
    run(files.fsyncDirectory(parentOf(made)));
    if (made === topmost || made === parentOf(made)) return;
  }
};

const parentOf = (path: string): string => {
  const cut = path.lastIndexOf('/');
  return cut > 0 ? path.slice(0, cut) : cut === 0 ? '/' : '.';
};
