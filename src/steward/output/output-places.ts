import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import { type TaskId, taskNumbers } from '../../domain/plans/task-id.js';
import type { FileSystemError } from '../../ports/file-system.js';
import type { OutputFiles } from './output-file.js';

/** Commits whose tasks share a directory. */
const PER_DIRECTORY = 1_000;

/** The directory of the files of a task's attempts, below that of all outputs. */
export const directoryOfTask = (outputs: string, { parentTxnSeq }: TaskId): string =>
  `${outputs}/${Math.floor(parentTxnSeq / PER_DIRECTORY)}`;

/** The file of an attempt. */
export const fileOfAttempt = (outputs: string, task: TaskId, attempt: number): string =>
  `${directoryOfTask(outputs, task)}/${taskNumbers(task)}-${attempt}.jsonl`;

/** Attempts of a task that have a file, in their order. */
export const attemptsWithFile = (
  files: OutputFiles['files'],
  outputs: string,
  task: TaskId,
): Either<FileSystemError, readonly number[]> => {
  const names = namesIn(files, directoryOfTask(outputs, task));
  if (isLeft(names)) return names;
  const start = `${taskNumbers(task)}-`;
  const found = names.right.flatMap((name) => attemptIn(name, start));
  return right(found.toSorted((a, b) => a - b));
};

const attemptIn = (name: string, start: string): readonly number[] => {
  const match = name.startsWith(start) ? /^([1-9]\d*)\.jsonl$/.exec(name.slice(start.length)) : null;
  return match === null ? [] : [Number(match[1])];
};

/** Names in a directory; none where it has not been made. */
export const namesIn = (
  files: OutputFiles['files'],
  directory: string,
): Either<FileSystemError, readonly string[]> => {
  const names = files.readDirectory(directory)();
  return isLeft(names) && names.left.code === 'ENOENT' ? right([]) : names;
};
