import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { Lock, Locks } from '../../ports/locks.js';
import type { HostOperationError } from '../steps/host-error.js';
import { type CheckpointPlace, checkpointPath, listCheckpoints, lockPath } from './checkpoint-place.js';

/** Takes a lock without waiting for it; null: somebody else has it. */
export const tryLock = (locks: Locks, path: string): Either<HostOperationError, Lock | null> => {
  const lock = locks.tryAcquire(path)();
  return isLeft(lock) ? lockFailed(path, lock.left.message) : lock;
};

/** Tells whether somebody has a lock. */
export const isLocked = (locks: Locks, path: string): Either<HostOperationError, boolean> => {
  const held = locks.isHeld(path)();
  return isLeft(held) ? lockFailed(path, held.left.message) : held;
};

/** Takes the lock of a checkpoint that is about to be made. */
export const lockNew = (locks: Locks, path: string): Either<HostOperationError, Lock> => {
  const lock = tryLock(locks, path);
  if (isLeft(lock)) return lock;
  if (lock.right === null) return lockFailed(path, 'another process is at it');
  // Between its creation and its locking a sweep may have taken the file away: what is held then is not the lock of any name.
  const held = isLocked(locks, path);
  if (!isLeft(held) && held.right) return right(lock.right);
  lock.right.release();
  return isLeft(held) ? held : lockFailed(path, 'its lock was taken away');
};

/** Removes the locks of checkpoints that are gone: a crash came between the removal of the two. */
export const sweepLocks = (place: CheckpointPlace): void => {
  const { files, locks } = place.ports;
  const listed = listCheckpoints(place);
  if (isLeft(listed)) return;
  // One that was rolled back is only there for people: nobody is at it any more.
  const unended = new Set(
    listed.right.checkpoints.filter(({ state }) => state !== 'rolled_back').map(({ id }) => id),
  );
  for (const id of listed.right.locked) {
    if (unended.has(id)) continue;
    const path = lockPath(place, id);
    const lock = tryLock(locks, path);
    if (isLeft(lock) || lock.right === null) continue;
    // Whoever holds it may have made its checkpoint since the directory was read.
    const noneIsThere = (['open', 'incomplete'] as const).every((state) => {
      const checkpoint = files.stat(checkpointPath(place, id, state))();
      return isLeft(checkpoint) && checkpoint.left.code === 'ENOENT';
    });
    if (noneIsThere) locks.remove(path)();
    lock.right.release();
  }
};

const lockFailed = (path: string, problem: string): Either<HostOperationError, never> =>
  left({ _tag: 'CheckpointFailed', path, problem });
