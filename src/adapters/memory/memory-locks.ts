import { right } from 'fp-ts/lib/Either.js';
import type { Locks } from '../../ports/locks.js';

/** Locks of processes that share `held`: a process that has died must have its locks taken out of it. */
export const memoryLocks = (held: Set<string>): Locks => ({
  tryAcquire: (path) => () => {
    if (held.has(path)) return right(null);
    held.add(path);
    return right({ release: () => held.delete(path) });
  },
  isHeld: (path) => () => right(held.has(path)),
  remove: () => () => right(undefined),
});
