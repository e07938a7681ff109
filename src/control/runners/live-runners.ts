import { isLeft } from 'fp-ts/lib/Either.js';
import type { Locks } from '../../ports/locks.js';
import { runnerLocks } from './runner-locks.js';

/** Tells whether a runner lives; of each it is found out once. Who cannot be asked is taken for alive. */
export const liveRunners = (locks: Locks, controlDir: string): ((runnerId: string) => boolean) => {
  const runners = runnerLocks(locks, controlDir);
  const known = new Map<string, boolean>();
  return (runnerId) => {
    const before = known.get(runnerId);
    if (before !== undefined) return before;
    const held = runners.isHeld(runnerId);
    const isLive = isLeft(held) || held.right;
    known.set(runnerId, isLive);
    return isLive;
  };
};
