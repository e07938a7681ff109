import { constants, fstatSync, openSync, type Stats, statSync, write, writeSync } from 'node:fs';
import { promisify } from 'node:util';

/** The standard output of this process. */
export interface StandardOutput {
  /** Resolves when the data is written; false: nobody receives any more. */
  readonly write: (data: Uint8Array | string) => Promise<boolean>;
  /** The errno name of the first failure; null where there was none. A reader that has gone is none. */
  readonly error: () => string | null;
}

const OUTPUT = 1;
const writeInBackground = promisify(write);

/**
 * Bytes that go into a pipe without Node's stream for it, which takes longer to make than many a command. An empty pipe
 * has room for them; a longer output might wait for its reader, and only a stream's waiting can be interrupted. They are also
 * what is written at once, without the threads that Node starts for writing in the background.
 */
const FITS_INTO_A_PIPE = 16 * 1024;

export const standardOutput = (): StandardOutput => {
  let first: string | null = null;
  let room = FITS_INTO_A_PIPE;
  const failed = (error: unknown): false => {
    const code = codeOf(error);
    if (code !== 'EPIPE') first ??= code;
    return false;
  };
  const writeToStream = (bytes: Uint8Array): Promise<boolean> =>
    new Promise((resolve) => {
      stream().write(bytes, (error) => resolve(error == null || failed(error)));
    });
  const writeWhole = async (bytes: Uint8Array, atOnce: number | null): Promise<boolean> => {
    let at = 0;
    try {
      if (atOnce !== null && bytes.length > 0) at = writtenAtOnce(atOnce, bytes);
      while (at < bytes.length)
        at += (await writeInBackground(OUTPUT, bytes, at, bytes.length - at)).bytesWritten;
      return true;
    } catch (error) {
      // Somebody who shares the pipe does not want to be kept waiting by it.
      return codeOf(error) === 'EAGAIN' ? writeToStream(bytes.subarray(at)) : failed(error);
    }
  };
  const writeByKind = (bytes: Uint8Array): Promise<boolean> => {
    const kind = outputKind();
    room -= bytes.length;
    if (kind === 'file') return writeWhole(bytes, room >= 0 ? OUTPUT : null);
    return kind === 'pipe' && room >= 0 ? writeWhole(bytes, unwaitingPipe()) : writeToStream(bytes);
  };
  let ownEnd: number | null = null;
  const unwaitingPipe = (): number | null => {
    ownEnd ??= endThatDoesNotWait();
    return ownEnd;
  };
  let last: Promise<boolean> = Promise.resolve(true);
  return {
    write: (data) => {
      const bytes = typeof data === 'string' ? Buffer.from(data) : data;
      last = last.then(() => writeByKind(bytes));
      return last;
    },
    error: () => first,
  };
};

/**
 * An end of the pipe of our own, at which a write into a full pipe fails instead of waiting; null where there is none. The end
 * that was given is shared with others, who may want to wait.
 */
const endThatDoesNotWait = (): number | null => {
  try {
    return openSync(`/proc/self/fd/${OUTPUT}`, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    // Another system than Linux, or a pipe of another user, or one that nobody reads: writing in the background says so.
    return null;
  }
};

/** Number of bytes that were written without waiting. */
const writtenAtOnce = (file: number, bytes: Uint8Array): number => {
  try {
    return writeSync(file, bytes);
  } catch (error) {
    if (codeOf(error) === 'EAGAIN') return 0;
    throw error;
  }
};

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : String(error);

/** Drops errors of the stream: what a write met shows in its outcome; without a listener it would end the process. */
const stream = (): typeof process.stdout => {
  if (process.stdout.listenerCount('error') === 0) process.stdout.on('error', () => undefined);
  return process.stdout;
};

/** Files and devices are written to the last byte here: a stream takes part of a chunk for all of it. */
const outputKind = (): 'file' | 'pipe' | 'stream' => {
  const stats = fstatSync(OUTPUT);
  if (stats.isFile() || (stats.isCharacterDevice() && !isTerminal(OUTPUT))) return 'file';
  return stats.isFIFO() ? 'pipe' : 'stream';
};

/** Tells whether a descriptor is a terminal; Node's own answer, which takes its time to load, is asked for only where it may be one. */
export const isTerminal = (descriptor: 0 | 1 | 2): boolean =>
  mayBeTerminal(descriptor) && process.getBuiltinModule('node:tty').isatty(descriptor);

const mayBeTerminal = (descriptor: number): boolean => {
  const found = statsOf(() => fstatSync(descriptor));
  return found?.isCharacterDevice() === true && found.rdev !== statsOf(() => statSync('/dev/null'))?.rdev;
};

/** Null where a descriptor is closed, or nothing is there. */
const statsOf = (look: () => Stats): Stats | null => {
  try {
    return look();
  } catch {
    return null;
  }
};
