import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { FileSystemError } from './file-system.js';

/** A content that is all there, on disk, and goes away with the process at the latest. */
export interface Spooled {
  readonly size: number;
  /** The content from its beginning. */
  readonly bytes: AsyncIterable<Uint8Array>;
  readonly discard: () => void;
}

/**
 * Takes in a content of any size before it is needed, on the disk of `directory`. Nobody else can read it, and nothing
 * is left of it when the process ends. What the content throws is rejected with.
 */
export type Spool = (
  directory: string,
  content: AsyncIterable<Uint8Array>,
) => TaskEither<FileSystemError, Spooled>;
