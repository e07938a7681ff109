import { type Either, isLeft, mapLeft, right } from 'fp-ts/lib/Either.js';
import type { TaskId } from '../../domain/plans/task-id.js';
import type { FileSystemError } from '../../ports/file-system.js';
import type { Logger } from '../../ports/logger.js';
import type { PondError } from '../errors.js';
import type { OutputLine } from '../shapes/output-line.js';
import type { StewardPorts } from '../steward-ports.js';
import { type AttemptOutput, attemptOutput } from './attempt-output.js';
import { contentOf, type OutputFiles } from './output-file.js';
import { attemptsWithFile, directoryOfTask, fileOfAttempt } from './output-places.js';
import { joinedLines, outputLineText, readOutputLines } from './output-text.js';
import { removeOutputsBefore } from './remove-outputs.js';

/*
 * What attempts of tasks said. Most say little and end soon: that goes into the control table with their end. What is said by one that
 * goes on is in a file of its own, `control/output/<thousands of commits>/<task>-<attempt>.jsonl`: a line of JSON each. All of it is
 * for people. Nothing depends on the files: they are not made durable, and a task goes on where they cannot be written.
 */

type OutputPorts = OutputFiles & Pick<StewardPorts, 'clock' | 'logger'>;

/** Output of the tasks of a pond, as far as it is in memory and in files. */
export interface TaskOutputs {
  /** A logger whose lines are kept as those of an attempt. They hold no secrets. */
  readonly keeping: (task: TaskId, attempt: number) => Logger;
  /** Takes what an attempt that ends has said, for the record of its end; null: there is nothing to be recorded. */
  readonly take: (task: TaskId, attempt: number) => TakenOutput | null;
  /** Keeps what was taken in one place: in the record, or where it could not be recorded, in the file. */
  readonly settle: (
    task: TaskId,
    attempt: number,
    taken: TakenOutput,
    options: { readonly isRecorded: boolean },
  ) => void;
  /** Writes what is still in memory of an attempt's. */
  readonly flush: (task: TaskId, attempt: number) => void;
  /** Attempts of a task that have a file, in their order. */
  readonly attempts: (task: TaskId) => Either<PondError, readonly number[]>;
  /** Lines of an attempt: those that are recorded, and those in its file. */
  readonly lines: (
    task: TaskId,
    attempt: number,
    recorded: string | null,
  ) => Either<PondError, readonly OutputLine[]>;
  /** Removes what was last written to before a time in microseconds; returns how much that is, with `dryRun` only that. */
  readonly removeBefore: (
    time: number,
    options: { readonly dryRun: boolean },
  ) => Either<PondError, { readonly attempts: number; readonly bytes: number }>;
}

/** Lines of an attempt for the record of its end. */
export interface TakenOutput {
  readonly lines: string;
  /** They are in the attempt's file, which other machines do not see. */
  readonly isInFile: boolean;
}

/** Milliseconds after which a line is to be in a file, and between two looks for such lines. */
const SOON = 50;

export const taskOutputs = (
  ports: OutputPorts,
  directory: string,
  /** Tells whether there are other machines, which do not see the files. */
  { hasManyMachines }: { readonly hasManyMachines: boolean },
): TaskOutputs => {
  const { files, logger, clock } = ports;
  const open = new Map<string, AttemptOutput>();
  let hasFailed = false;
  let isWaiting = false;
  const sayOnce = (problem: string): void => {
    if (!hasFailed) logger.log('warn', 'output_not_kept', { error: problem });
    hasFailed = true;
  };
  const pathOf = (task: TaskId, attempt: number): string => fileOfAttempt(directory, task, attempt);
  const outputOf = (task: TaskId, attempt: number): AttemptOutput => {
    const path = pathOf(task, attempt);
    const known =
      open.get(path) ?? attemptOutput(ports, { directory: directoryOfTask(directory, task), path }, sayOnce);
    open.set(path, known);
    return known;
  };
  /** Writes lines that were said a while ago, for as long as there are lines in memory. */
  const writeSoon = async (): Promise<void> => {
    do {
      await clock.sleep(SOON);
      const before = clock.nowMicros() - SOON * 1000;
      for (const output of open.values())
        if ((output.since() ?? Number.POSITIVE_INFINITY) <= before) output.write();
    } while ([...open.values()].some((output) => output.since() !== null));
  };
  const keep = (task: TaskId, attempt: number, line: Omit<OutputLine, 'number'>): void => {
    outputOf(task, attempt).add(outputLineText(line), line.time);
    if (isWaiting) return;
    isWaiting = true;
    writeSoon()
      .catch((thrown: unknown) => sayOnce(thrown instanceof Error ? thrown.message : String(thrown)))
      .finally(() => {
        isWaiting = false;
      });
  };
  return {
    keeping: (task, attempt) => {
      const kept: Logger = {
        log: (level, event, fields = {}) =>
          keep(task, attempt, { time: clock.nowMicros(), level, event, fields }),
        // What is bound says where a line comes from, which is known of all lines of an attempt.
        with: () => kept,
      };
      return kept;
    },
    take: (task, attempt) => {
      const path = pathOf(task, attempt);
      const lines = open.get(path)?.take() ?? null;
      open.delete(path);
      if (lines !== null) return { lines, isInFile: false };
      const inFile = hasManyMachines ? contentOf(files, path) : right(null);
      if (isLeft(inFile) || inFile.right === null) return null;
      return { lines: Buffer.from(inFile.right).toString('utf8'), isInFile: true };
    },
    settle: (task, attempt, { lines, isInFile }, { isRecorded }) => {
      if (isInFile && isRecorded) files.remove(pathOf(task, attempt))();
      if (isInFile || isRecorded) return;
      const output = outputOf(task, attempt);
      for (const { number: _, ...line } of readOutputLines(Buffer.from(lines)))
        output.add(outputLineText(line), line.time);
      output.write();
    },
    flush: (task, attempt) => {
      const path = pathOf(task, attempt);
      open.get(path)?.write();
      open.delete(path);
    },
    attempts: (task) => mapLeft(storageFailed)(attemptsWithFile(files, directory, task)),
    lines: (task, attempt, recorded) => {
      const bytes = mapLeft(storageFailed)(contentOf(files, pathOf(task, attempt)));
      if (isLeft(bytes)) return bytes;
      const [ended, inFile] = [Buffer.from(recorded ?? ''), bytes.right ?? new Uint8Array()];
      return right(joinedLines(readOutputLines(ended), readOutputLines(inFile)));
    },
    removeBefore: (time, options) =>
      mapLeft(storageFailed)(removeOutputsBefore(files, directory, time, options)),
  };
};

const storageFailed = (error: FileSystemError): PondError =>
  error._tag === 'UnsafeFile' ? error : { ...error, _tag: 'StorageFailed' };
