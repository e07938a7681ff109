import { type Either, isLeft, map, right } from 'fp-ts/lib/Either.js';
import type { FileSystemError, HostFileSystem } from '../../ports/file-system.js';
import { parentOf } from '../operations/host-path.js';
import type { HostOperationError } from '../steps/host-error.js';
import { type HostStep, stagingEntriesOf } from '../steps/host-step.js';

/** Something that staging directories still hold and should not. */
export interface LeftOver {
  /** The operation that it belongs to; empty: it is a staging directory. */
  readonly operation: string;
  /** Kind of what it was; of what the plan has made itself, where it lies. */
  readonly path: string;
  readonly left: string;
  readonly error: FileSystemError;
  /** Tells whether it is what an operation was to remove. */
  readonly isRemoval: boolean;
}

/**
 * Deletes what the steps of operations keep in staging directories, and the directories. Nothing else that lies in them is touched.
 * What could not be deleted is tried once more, and then returned.
 */
export const cleanStaging = (
  files: HostFileSystem,
  operations: readonly { readonly id: string; readonly steps: readonly HostStep[] }[],
): readonly LeftOver[] => {
  const first = cleanOnce(files, operations);
  return first.length === 0 ? first : cleanOnce(files, operations);
};

const cleanOnce = (
  files: HostFileSystem,
  operations: readonly { readonly id: string; readonly steps: readonly HostStep[] }[],
): readonly LeftOver[] => {
  const directories = new Set<string>();
  const leftOver: LeftOver[] = [];
  const attempt = (done: Either<FileSystemError, unknown>, what: Omit<LeftOver, 'error'>): void => {
    if (isLeft(done) && done.left.code !== 'ENOENT') leftOver.push({ ...what, error: done.left });
  };
  for (const { id, steps } of operations) {
    for (const step of steps) {
      for (const entry of stagingEntriesOf(step)) {
        directories.add(parentOf(entry));
        const isRemoval = step.step === 'TakeAway';
        // One that was empty when it was put aside: what came into it since is somebody else's.
        const wasEmpty = isRemoval && step.expected === 'empty-directory';
        attempt(wasEmpty ? files.removeDirectory(entry)() : removeTree(files, entry), {
          operation: id,
          left: entry,
          isRemoval,
          path: isRemoval ? step.path : entry,
        });
      }
    }
  }
  for (const directory of directories) {
    attempt(files.removeDirectory(directory)(), {
      operation: '',
      path: directory,
      left: directory,
      isRemoval: false,
    });
  }
  // That a directory is not empty says nothing more about what is in it.
  const isTold = leftOver.some(({ operation }) => operation !== '');
  return isTold ? leftOver.filter(({ operation }) => operation !== '') : leftOver;
};

/** Returns what is left over as failures of the operations that it belongs to. */
export const failuresOf = (
  leftOver: readonly LeftOver[],
): readonly { readonly operation: string; readonly error: HostOperationError }[] =>
  leftOver.map(({ operation, path, left, error: { code } }) => ({
    operation,
    error: { _tag: 'NotRemoved', path, left, code },
  }));

const OWNER_ALL = 0o700;

/** Follows no symlink. */
const removeTree = (files: HostFileSystem, root: string): Either<FileSystemError, void> => {
  const waiting = [{ path: root, isEmptied: false }];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    const removed = at.isEmptied ? files.removeDirectory(at.path)() : removeOrOpen(files, at.path);
    if (isLeft(removed)) return removed;
    if (removed.right === undefined) continue;
    waiting.push({ path: at.path, isEmptied: true });
    for (const name of removed.right) waiting.push({ path: `${at.path}/${name}`, isEmptied: false });
  }
  return right(undefined);
};

/** Removes what is not a directory; of a directory the names in it. */
const removeOrOpen = (
  files: HostFileSystem,
  path: string,
): Either<FileSystemError, readonly string[] | undefined> => {
  const stat = files.stat(path)();
  if (isLeft(stat)) return stat;
  if (stat.right.kind !== 'directory') return map(() => undefined)(files.removeFile(path)());
  if ((stat.right.mode & OWNER_ALL) !== OWNER_ALL) {
    const opened = files.chmod(path, stat.right.mode | OWNER_ALL)();
    if (isLeft(opened)) return opened;
  }
  return files.readDirectory(path)();
};
