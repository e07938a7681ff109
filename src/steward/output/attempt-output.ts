import { type Either, isLeft, isRight, right } from 'fp-ts/lib/Either.js';
import type { AppendLog } from '../../ports/append-log.js';
import type { FileSystemError } from '../../ports/file-system.js';
import type { StewardPorts } from '../steward-ports.js';
import { MOST_KEPT, withoutMiddle } from './bounded-output.js';
import { numberedLine, printOutputLine, readOutputLines } from './output-text.js';

/** Bytes that stay in memory at most. */
const MOST_BUFFERED = 16 * 1024;

/** Lines of one attempt: in memory, until somebody writes them into its file or takes them. */
export interface AttemptOutput {
  /** Adds the text of a line without its number, said at a time in microseconds. */
  readonly add: (line: string, time: number) => void;
  /** Time of the first line in memory; null: none is. */
  readonly since: () => number | null;
  /** Writes what is in memory into the file. */
  readonly write: () => void;
  /** Takes all lines, as long as none of them is in the file; null: there are none, or they are there now. */
  readonly take: () => string | null;
}

export type OutputFiles = Pick<StewardPorts, 'files' | 'logs'>;

export const attemptOutput = (
  { files, logs }: OutputFiles,
  { directory, path }: { readonly directory: string; readonly path: string },
  sayOnce: (problem: string) => void,
): AttemptOutput => {
  let buffered: string[] = [];
  let bufferedBytes = 0;
  let firstAt = 0;
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
  /** Takes what is in memory, numbered. */
  const numbered = (): string => {
    const text = buffered.map((line, index) => numberedLine(last + 1 + index, line)).join('');
    last += buffered.length;
    buffered = [];
    bufferedBytes = 0;
    return text;
  };
  const written = (): Either<FileSystemError, number> => {
    const created = size === null ? create() : right(null);
    if (isLeft(created)) return created;
    const text = numbered();
    if ((size ?? 0) + Buffer.byteLength(text) > MOST_KEPT) {
      created.right?.close();
      return shorten(text);
    }
    if (created.right !== null) return append(created.right, text);
    const opened = logs.open(path)();
    return isLeft(opened) ? opened : append(opened.right, text);
  };
  const write = (): void => {
    if (buffered.length === 0) return;
    const result = written();
    if (isRight(result)) {
      size = result.right;
      return;
    }
    const { path: at, call, code } = result.left;
    isLost = true;
    buffered = [];
    sayOnce(`${at}: ${call} failed: ${code}`);
  };
  return {
    add: (line, time) => {
      if (isLost) return;
      if (buffered.length === 0) firstAt = time;
      buffered.push(line);
      bufferedBytes += line.length;
      if (bufferedBytes >= MOST_BUFFERED) write();
    },
    since: () => (buffered.length === 0 ? null : firstAt),
    write,
    take: () => {
      if (buffered.length === 0) return null;
      if (size === null) return numbered();
      write();
      return null;
    },
  };
};

/** Bytes of an attempt's file; null where there is none. */
export const contentOf = (
  files: OutputFiles['files'],
  path: string,
): Either<FileSystemError, Uint8Array | null> => {
  // More is not this program's.
  const bytes = files.readRange(path, 0, 2 * MOST_KEPT)();
  return isLeft(bytes) && bytes.left.code === 'ENOENT' ? right(null) : bytes;
};
