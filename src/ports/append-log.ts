import type { IOEither } from 'fp-ts/lib/IOEither.js';
import type { FileSystemError } from './file-system.js';

/** A file that only grows. */
export interface AppendLog {
  /** Adds bytes at the end. `durable` ones, and all before them, survive power loss once this returned; others may be lost with the power, but not with the process. What could not be added whole, or made durable, is taken back, so that nobody reads later what was said to have failed. */
  readonly append: (bytes: Uint8Array, durability: 'durable' | 'relaxed') => IOEither<FileSystemError, void>;
  /** Lets go of the file. What was appended without being durable stays as it is. */
  readonly close: () => void;
}

/** Opens such files. */
export interface AppendLogs {
  /** A new file for its owner alone; `EEXIST` when it is there. Its directory is not made durable. */
  readonly create: (path: string) => IOEither<FileSystemError, AppendLog>;
  /** One that exists. */
  readonly open: (path: string) => IOEither<FileSystemError, AppendLog>;
}
