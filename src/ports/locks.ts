import type { IOEither } from 'fp-ts/lib/IOEither.js';
import type { UnsafeFile } from './file-system.js';

/** Reason why it could not be found out whether a lock is free. */
export interface LockFailed {
  readonly _tag: 'LockFailed';
  /** The lock's file. */
  readonly path: string;
  readonly message: string;
  /** Kind of thing that stands in the place of the lock's file, where that is the reason. */
  readonly unsafe?: UnsafeFile;
}

/** A held lock. */
export interface Lock {
  /** Lets go. The lock's file stays. */
  readonly release: () => void;
}

/**
 * Exclusive locks on files that the operating system releases when their holder's process ends, however it ends.
 * They hold between processes, and between two holders in one process.
 */
export interface Locks {
  /**
   * The lock, or null when somebody else holds it. Does not wait. Creates the lock file where it is missing, and its directory, unless that has been
   * made (`inExisting`): by its path it may lead elsewhere by now.
   */
  readonly tryAcquire: (
    path: string,
    options?: { readonly inExisting: boolean },
  ) => IOEither<LockFailed, Lock | null>;
  /** Tells whether anybody holds the lock now. A missing lock file is held by nobody. Never takes the lock, not even for a moment. */
  readonly isHeld: (path: string) => IOEither<LockFailed, boolean>;
  /** Removes a lock's file; a missing one is fine. Only for a path that nobody acquires again: who opened the file before would lock another one than who comes after. */
  readonly remove: (path: string) => IOEither<LockFailed, void>;
}
