import { type Either, isLeft, isRight, right } from 'fp-ts/lib/Either.js';
import type { AppendLog } from '../../ports/append-log.js';
import type { FileSystemError } from '../../ports/file-system.js';
import type { StewardPorts } from '../steward-ports.js';
import { MOST_KEPT, withoutMiddle } from './bounded-output.js';
import { numberedLine, printOutputLine, readOutputLines } from './output-text.js';

export type OutputFiles = Pick<StewardPorts, 'files' | 'logs'>;

export interface OutputPlace {
  readonly directory: string;
  readonly path: string;
}

/** The file of one attempt's lines, which are counted. It is made with the first of them, and kept within bounds. */
export interface OutputFile {
  /** Tells whether something was written to it here. */
  readonly isBegun: () => boolean;
  /** Adds lines. Where that fails, the lines are lost. */
  readonly append: (lines: readonly string[]) => Either<FileSystemError, void>;
  /** Text of lines that do not go into the file, counted as if they did. */
  readonly numbered: (lines: readonly string[]) => string;
}

export const outputFile = ({ files, logs }: OutputFiles, { directory, path }: OutputPlace): OutputFile => {
  /** Bytes; null: nothing has been written to it here. */
  let size: number | null = null;
  /** Number of the last line. */
  let last = 0;

  const numbered = (lines: readonly string[]): string => {
    const text = lines.map((line, index) => numberedLine(last + 1 + index, line)).join('');
    last += lines.length;
    return text;
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

  /** Takes up the file of an earlier process that began this attempt: its lines are counted on. */
  const takeUp = (): Either<FileSystemError, void> => {
    const bytes = contentOf(files, path);
    if (isLeft(bytes)) return bytes;
    size = bytes.right?.length ?? 0;
    last = bytes.right === null ? 0 : (readOutputLines(bytes.right).at(-1)?.number ?? 0);
    return right(undefined);
  };

  /** Returns the size of the file afterwards. */
  const write = (lines: readonly string[]): Either<FileSystemError, number> => {
    const created = size === null ? create() : right(null);
    if (isLeft(created)) return created;
    const text = numbered(lines);
    const longer = (size ?? 0) + Buffer.byteLength(text);
    if (longer > MOST_KEPT) {
      created.right?.close();
      return shorten({ files, logs }, path, text);
    }
    const log = created.right === null ? logs.open(path)() : right(created.right);
    if (isLeft(log)) return log;
    const added = appendTo(log.right, Buffer.from(text));
    return isLeft(added) ? added : right(longer);
  };

  return {
    isBegun: () => size !== null,
    append: (lines) => {
      const written = write(lines);
      if (isLeft(written)) return written;
      size = written.right;
      return right(undefined);
    },
    numbered,
  };
};

/** Writes a file again with more text, without its middle; returns its size. */
const shorten = (
  { files, logs }: OutputFiles,
  path: string,
  text: string,
): Either<FileSystemError, number> => {
  const bytes = contentOf(files, path);
  if (isLeft(bytes)) return bytes;
  const all = Buffer.concat([bytes.right ?? new Uint8Array(), Buffer.from(text)]);
  const kept = Buffer.from(withoutMiddle(readOutputLines(all)).map(printOutputLine).join(''));
  const place = `${path}.new`;
  files.remove(place)();
  const log = logs.create(place)();
  if (isLeft(log)) return log;
  const added = appendTo(log.right, kept);
  const moved = isLeft(added) ? added : files.rename(place, path)();
  return isLeft(moved) ? moved : right(kept.length);
};

const appendTo = (log: AppendLog, bytes: Uint8Array): Either<FileSystemError, void> => {
  const added = log.append(bytes, 'relaxed')();
  log.close();
  return added;
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
