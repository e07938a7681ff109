import { fstatSync, write } from 'node:fs';
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

export const standardOutput = (): StandardOutput => {
  let first: string | null = null;
  const failed = (error: unknown): false => {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    if (code !== 'EPIPE') first ??= code;
    return false;
  };
  const writeWhole = async (data: Uint8Array | string): Promise<boolean> => {
    const bytes = typeof data === 'string' ? Buffer.from(data) : data;
    try {
      for (let at = 0; at < bytes.length; ) {
        at += (await writeInBackground(OUTPUT, bytes, at, bytes.length - at)).bytesWritten;
      }
      return true;
    } catch (error) {
      return failed(error);
    }
  };
  const writeToStream = (data: Uint8Array | string): Promise<boolean> =>
    new Promise((resolve) => {
      process.stdout.write(data, (error) => resolve(error == null || failed(error)));
    });
  return {
    write: (data) => (isPlainFile() ? writeWhole(data) : writeToStream(data)),
    error: () => first,
  };
};

/** Files and devices are written to the last byte here: a stream takes part of a chunk for all of it. */
const isPlainFile = (): boolean => {
  const stats = fstatSync(OUTPUT);
  return stats.isFile() || (stats.isCharacterDevice() && process.stdout.isTTY !== true);
};
