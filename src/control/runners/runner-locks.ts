import type { Either } from 'fp-ts/lib/Either.js';
import type { Lock, LockFailed, Locks } from '../../ports/locks.js';

/**
 * The locks of runners, `control/runners/<runner_id>.lock`. A runner's lock says that its process is alive, its row
 * in `runners` what it claims. The lock is taken in the transaction that writes the row and let go after the row is
 * gone, so that a row without a held lock always is a dead runner's, and so is, inside a transaction, a lock's file
 * that nobody holds. Runner ids are never used twice, so a lock's file may go as soon as its holder has ended.
 */
export interface RunnerLocks {
  /** False when somebody holds it: the id is taken. */
  readonly acquire: (runnerId: string) => Either<LockFailed, boolean>;
  readonly isHeld: (runnerId: string) => Either<LockFailed, boolean>;
  /** Lets go of a lock of this process and removes its file; nothing where it is not held. */
  readonly release: (runnerId: string) => Either<LockFailed, void>;
  /** Removes what a dead runner left. */
  readonly clear: (runnerId: string) => Either<LockFailed, void>;
  readonly releaseAll: () => void;
}

const SUFFIX = '.lock';

/** Folder of the locks' files. */
export const runnersDirectory = (controlDir: string): string => `${controlDir}/runners`;

/** The runner whose lock a file in that directory is; null for other files. */
export const runnerOfLockFile = (name: string): string | null =>
  name.endsWith(SUFFIX) ? decoded(name.slice(0, -SUFFIX.length)) : null;

/** Null for a name that no runner's lock can have. */
const decoded = (name: string): string | null => {
  try {
    return decodeURIComponent(name);
  } catch (error) {
    if (error instanceof URIError) return null;
    throw error;
  }
};

export const runnerLocks = (locks: Locks, controlDir: string): RunnerLocks => {
  const held = new Map<string, Lock>();
  const pathOf = (runnerId: string) =>
    `${runnersDirectory(controlDir)}/${encodeURIComponent(runnerId)}${SUFFIX}`;
  const release: RunnerLocks['release'] = (runnerId) => {
    const lock = held.get(runnerId);
    if (lock === undefined) return { _tag: 'Right', right: undefined };
    held.delete(runnerId);
    lock.release();
    return locks.remove(pathOf(runnerId))();
  };
  return {
    acquire: (runnerId) => {
      const acquired = locks.tryAcquire(pathOf(runnerId))();
      if (acquired._tag === 'Left') return acquired;
      if (acquired.right !== null) held.set(runnerId, acquired.right);
      return { _tag: 'Right', right: acquired.right !== null };
    },
    isHeld: (runnerId) =>
      held.has(runnerId) ? { _tag: 'Right', right: true } : locks.isHeld(pathOf(runnerId))(),
    release,
    clear: (runnerId) => locks.remove(pathOf(runnerId))(),
    releaseAll: () => {
      for (const runnerId of [...held.keys()]) release(runnerId);
    },
  };
};
