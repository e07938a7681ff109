import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import type { FileSystemError, HostFileSystem } from '../../ports/file-system.js';
import { parentOf } from '../operations/host-path.js';
import { type HostStep, stagingEntriesOf } from '../steps/host-step.js';

/**
 * Deletes what the steps of operations keep in staging directories, and the directories. Nothing else that lies in them is touched.
 * Answers what could not be deleted.
 */
export const cleanStaging = (
  files: HostFileSystem,
  operations: Iterable<{ readonly steps: readonly HostStep[] }>,
): readonly FileSystemError[] => {
  const directories = new Set<string>();
  const errors: FileSystemError[] = [];
  const attempt = (done: Either<FileSystemError, unknown>) => {
    if (isLeft(done) && done.left.code !== 'ENOENT') errors.push(done.left);
  };
  const clean = (step: HostStep) => {
    for (const entry of stagingEntriesOf(step)) {
      directories.add(parentOf(entry));
      // One that was empty when it was put aside: what came into it since is somebody else's.
      const wasEmpty = step.step === 'TakeAway' && step.expected === 'empty-directory';
      attempt(wasEmpty ? files.removeDirectory(entry)() : removeTree(files, entry));
    }
  };
  for (const { steps } of operations) for (const step of steps) clean(step);
  for (const directory of directories) attempt(files.removeDirectory(directory)());
  return errors;
};

const OWNER_ALL = 0o700;

/** Follows no symlink. */
const removeTree = (files: HostFileSystem, path: string): Either<FileSystemError, void> => {
  const stat = files.stat(path)();
  if (isLeft(stat)) return stat;
  if (stat.right.kind !== 'directory') return files.removeFile(path)();
  if ((stat.right.mode & OWNER_ALL) !== OWNER_ALL) {
    const opened = files.chmod(path, stat.right.mode | OWNER_ALL)();
    if (isLeft(opened)) return opened;
  }
  const names = files.readDirectory(path)();
  if (isLeft(names)) return names;
  for (const name of names.right) {
    const removed = removeTree(files, `${path}/${name}`);
    if (isLeft(removed)) return removed;
  }
  const emptied = files.removeDirectory(path)();
  return isLeft(emptied) ? emptied : right(undefined);
};
