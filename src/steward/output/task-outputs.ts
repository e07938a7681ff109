import { type Either, isLeft, isRight, mapLeft, right } from 'fp-ts/lib/Either.js';
import { type TaskId, taskNumbers } from '../../domain/plans/task-id.js';
import type { AppendLog } from '../../ports/append-log.js';
import type { FileSystemError } from '../../ports/file-system.js';
import type { Logger, LogLevel } from '../../ports/logger.js';
import type { PondError } from '../errors.js';
import type { OutputLine } from '../output-line.js';
import type { StewardPorts } from '../steward-ports.js';
import { MOST_KEPT, withoutMiddle } from './bounded-output.js';
import { numberedLine, outputLineText, printOutputLine, readOutputLines } from './output-text.js';

/*
 * What attempts of tasks said, `control/output/<thousands of commits>/<task>-<attempt>.jsonl`: a line of JSON each. The files
 * are for people. Nothing depends on them: they are not made durable, and a task goes on where they cannot be written.
 */

type OutputPorts = Pick<StewardPorts, 'files' | 'logs' | 'clock' | 'logger'>;

/** Output of the tasks of a pond. */
export interface TaskOutputs {
  /** A logger whose lines are kept as those of an attempt. They hold no secrets. */
  readonly keeping: (task: TaskId, attempt: number) => Logger;
  /** Writes what is still in memory of an attempt's. */
  readonly flush: (task: TaskId, attempt: number) => void;
  /** Attempts of a task of which something is kept, in their order. */
  readonly attempts: (task: TaskId) => Either<PondError, readonly number[]>;
  /** Lines of an attempt that are kept; none where it has said nothing, or they were removed. */
  readonly lines: (task: TaskId, attempt: number) => Either<PondError, readonly OutputLine[]>;
  /** Removes what was last written to before a time in microseconds; returns how much that is, with `dryRun` only that. */
  readonly removeBefore: (
    time: number,
    options: { readonly dryRun: boolean },
  ) => Either<PondError, { readonly files: number; readonly bytes: number }>;
}

/** Milliseconds that a line stays in memory at most, and bytes that do so. */
const SOON = 100;
const MOST_BUFFERED = 16 * 1024;
/** Commits whose tasks share a directory. */
const PER_DIRECTORY = 1_000;

export const taskOutputs = (ports: OutputPorts, directory: string): TaskOutputs => {
  const { files, logger } = ports;
  const open = new Map<string, Keeper>();
  let hasFailed = false;
  const sayOnce = (problem: string): void => {
    if (!hasFailed) logger.log('warn', 'output_not_kept', { error: problem });
    hasFailed = true;
  };
  const directoryOf = ({ parentTxnSeq }: TaskId): string =>
    `${directory}/${Math.floor(parentTxnSeq / PER_DIRECTORY)}`;
  const pathOf = (task: TaskId, attempt: number): string =>
    `${directoryOf(task)}/${taskNumbers(task)}-${attempt}.jsonl`;
  const keeperOf = (task: TaskId, attempt: number): Keeper => {
    const path = pathOf(task, attempt);
    const known = open.get(path) ?? keeper(ports, directoryOf(task), path, sayOnce);
    open.set(path, known);
    return known;
  };
  return {
    keeping: (task, attempt) => loggerTo((...line) => keeperOf(task, attempt).keep(...line)),
    flush: (task, attempt) => {
      const path = pathOf(task, attempt);
      open.get(path)?.flush();
      open.delete(path);
    },
    attempts: (task) => {
      const names = mapLeft(storageFailed)(namesIn(files, directoryOf(task)));
      if (isLeft(names)) return names;
      const start = `${taskNumbers(task)}-`;
      const found = names.right.flatMap((name) => attemptIn(name, start));
      return right(found.toSorted((a, b) => a - b));
    },
    lines: (task, attempt) => {
      const bytes = mapLeft(storageFailed)(contentOf(files, pathOf(task, attempt)));
      return isLeft(bytes) ? bytes : right(bytes.right === null ? [] : readOutputLines(bytes.right));
    },
    removeBefore: (time, options) => mapLeft(storageFailed)(removeBefore(files, directory, time, options)),
  };
};

const storageFailed = (error: FileSystemError): PondError =>
  error._tag === 'UnsafeFile' ? error : { ...error, _tag: 'StorageFailed' };

const removeBefore = (
  files: OutputPorts['files'],
  directory: string,
  time: number,
  { dryRun }: { readonly dryRun: boolean },
): Either<FileSystemError, { readonly files: number; readonly bytes: number }> => {
  const parts = namesIn(files, directory);
  if (isLeft(parts)) return parts;
  let removed = { files: 0, bytes: 0 };
  for (const part of parts.right.filter((name) => /^\d+$/.test(name))) {
    const names = namesIn(files, `${directory}/${part}`);
    if (isLeft(names)) return names;
    for (const name of names.right.filter((one) => FILE.test(one))) {
      const path = `${directory}/${part}/${name}`;
      const stat = files.stat(path)();
      if (isLeft(stat) || stat.right.kind !== 'file' || stat.right.modifiedAt >= time) continue;
      const gone = dryRun ? right(undefined) : files.remove(path)();
      if (isLeft(gone)) return gone;
      removed = { files: removed.files + 1, bytes: removed.bytes + stat.right.size };
    }
  }
  return right(removed);
};

const FILE = /^[1-9]\d*\.[1-9]\d*-[1-9]\d*\.jsonl(\.new)?$/;

const attemptIn = (name: string, start: string): readonly number[] => {
  const match = name.startsWith(start) ? /^([1-9]\d*)\.jsonl$/.exec(name.slice(start.length)) : null;
  return match === null ? [] : [Number(match[1])];
};

/** Names in a directory; none where it has not been made. */
const namesIn = (
  files: OutputPorts['files'],
  directory: string,
): Either<FileSystemError, readonly string[]> => {
  const names = files.readDirectory(directory)();
  return isLeft(names) && names.left.code === 'ENOENT' ? right([]) : names;
};

/** Null where there is no such file. */
const contentOf = (files: OutputPorts['files'], path: string): Either<FileSystemError, Uint8Array | null> => {
  // More is not this program's.
  const bytes = files.readRange(path, 0, 2 * MOST_KEPT)();
  return isLeft(bytes) && bytes.left.code === 'ENOENT' ? right(null) : bytes;
};

type Keep = (level: LogLevel, event: string, fields: OutputLine['fields']) => void;

const loggerTo = (keep: Keep): Logger => ({
  log: (level, event, fields = {}) => keep(level, event, fields),
  // What is bound says where a line comes from, which is known of all lines of an attempt.
  with: () => loggerTo(keep),
});

/** Keeps the lines of one attempt. */
interface Keeper {
  readonly keep: Keep;
  readonly flush: () => void;
}

const keeper = (
  { files, logs, clock }: OutputPorts,
  directory: string,
  path: string,
  sayOnce: (problem: string) => void,
): Keeper => {
  let buffered: string[] = [];
  let bufferedBytes = 0;
  let isWaiting = false;
  let isLost = false;
  /** Bytes of the file; null: nothing has been written to it here. */
  let size: number | null = null;
  /** Number of the last line in the file. */
  let last = 0;

  /** Takes up the file of an earlier process that began this attempt: its lines are counted on. */
  const takeUp = (): Either<FileSystemError, void> => {
    const bytes = contentOf(files, path);
    if (isLeft(bytes)) return bytes;
    size = bytes.right?.length ?? 0;
    last = bytes.right === null ? 0 : (readOutputLines(bytes.right).at(-1)?.number ?? 0);
    return right(undefined);
  };
  /** Most attempts have no file yet, and their directory is there: both are found out by making the file. */
  const create = (): Either<FileSystemError, AppendLog | null> => {
    const made = logs.create(path)();
    if (isRight(made)) {
      size = 0;
      return made;
    }
    if (made.left.code === 'EEXIST') {
      const taken = takeUp();
      return isLeft(taken) ? taken : right(null);
    }
    if (made.left.code !== 'ENOENT') return made;
    const directories = files.makeDirectories(directory)();
    if (isLeft(directories)) return directories;
    const again = logs.create(path)();
    if (isRight(again)) size = 0;
    return again;
  };
  const append = (log: AppendLog, text: string): Either<FileSystemError, number> => {
    const added = log.append(Buffer.from(text), 'relaxed')();
    log.close();
    return isLeft(added) ? added : right((size ?? 0) + Buffer.byteLength(text));
  };
  /** Writes the file again without its middle. */
  const shorten = (text: string): Either<FileSystemError, number> => {
    const bytes = contentOf(files, path);
    if (isLeft(bytes)) return bytes;
    const all = Buffer.concat([bytes.right ?? new Uint8Array(), Buffer.from(text)]);
    const kept = Buffer.from(withoutMiddle(readOutputLines(all)).map(printOutputLine).join(''));
    const place = `${path}.new`;
    files.remove(place)();
    const log = logs.create(place)();
    if (isLeft(log)) return log;
    const added = log.right.append(kept, 'relaxed')();
    log.right.close();
    const moved = isLeft(added) ? added : files.rename(place, path)();
    return isLeft(moved) ? moved : right(kept.length);
  };
  const write = (): Either<FileSystemError, number> => {
    const created = size === null ? create() : right(null);
    if (isLeft(created)) return created;
    const text = buffered.map((line, index) => numberedLine(last + 1 + index, line)).join('');
    last += buffered.length;
    if ((size ?? 0) + Buffer.byteLength(text) > MOST_KEPT) {
      created.right?.close();
      return shorten(text);
    }
    if (created.right !== null) return append(created.right, text);
    const opened = logs.open(path)();
    return isLeft(opened) ? opened : append(opened.right, text);
  };
  const flush = (): void => {
    if (buffered.length === 0 || isLost) return;
    const written = write();
    buffered = [];
    bufferedBytes = 0;
    if (isRight(written)) size = written.right;
    else lose(written.left);
  };
  const lose = ({ path: at, call, code }: FileSystemError): void => {
    isLost = true;
    buffered = [];
    sayOnce(`${at}: ${call} failed: ${code}`);
  };
  const flushSoon = async (): Promise<void> => {
    await clock.sleep(SOON);
    isWaiting = false;
    flush();
  };
  return {
    keep: (level, event, fields) => {
      if (isLost) return;
      const text = outputLineText({ time: clock.nowMicros(), level, event, fields });
      buffered.push(text);
      bufferedBytes += text.length;
      if (bufferedBytes >= MOST_BUFFERED) return flush();
      if (isWaiting) return;
      isWaiting = true;
      flushSoon().catch((thrown: unknown) => {
        isLost = true;
        sayOnce(thrown instanceof Error ? thrown.message : String(thrown));
      });
    },
    flush,
  };
};
