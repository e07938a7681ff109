import { isRight } from 'fp-ts/lib/Either.js';
import type { FileSystem } from '../../ports/file-system.js';

/** A host file as far as one sees without reading it whether it was written to. */
export interface HostFileState {
  readonly size: number;
  /** Microseconds since the epoch. */
  readonly modifiedAt: number;
}

/** State of a file now; null where it cannot be looked at. */
export const hostFileState = (files: Pick<FileSystem, 'stat'>, path: string): HostFileState | null => {
  const found = files.stat(path)();
  return isRight(found) ? found.right : null;
};

/**
 * Tells whether a file is still in the state in which it was before it was read. Where it is not, what was read may be neither
 * what was there before nor what is there now.
 */
export const isAsItWas = (
  files: Pick<FileSystem, 'stat'>,
  path: string,
  before: HostFileState | null,
): boolean => {
  const now = hostFileState(files, path);
  return now !== null && before !== null && now.size === before.size && now.modifiedAt === before.modifiedAt;
};
