import { type Either, isLeft } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { LockFailed } from '../../ports/locks.js';
import type { ControlError } from '../control-error.js';
import { refusal } from '../store/control-store.js';
import { computed } from '../store/coroutine.js';
import type { SignsOfLife } from '../store/signs-of-life.js';
import type { RunnerLocks } from './runner-locks.js';

/** Signs of life that are locks on files of this machine. */
export const lockSigns = (runnerLocks: RunnerLocks): SignsOfLife => ({
  give: (runnerId) => computed(() => orRefuse(runnerLocks.acquire(runnerId))),
  liveness: () => {
    const known = new Map<string, boolean>();
    return (runnerId) =>
      computed(() => {
        const answer = known.get(runnerId);
        if (answer !== undefined) return answer;
        const probed = orRefuse(runnerLocks.isHeld(runnerId));
        known.set(runnerId, probed);
        return probed;
      });
  },
  takeAway: (runnerId) => fromLock(() => runnerLocks.release(runnerId)),
  abandon: (runnerId) => {
    // The lock is let go in any case; where its empty file cannot be removed, nothing depends on that.
    runnerLocks.release(runnerId);
  },
  clear: (dead) =>
    pipe(
      dead,
      TE.traverseSeqArray((runnerId) => fromLock(() => runnerLocks.clear(runnerId))),
      TE.map(() => undefined),
    ),
  takeAllAway: () => runnerLocks.releaseAll(),
});

const orRefuse = <A>(outcome: Either<LockFailed, A>): A => {
  if (isLeft(outcome)) throw refusal(lockFailed(outcome.left));
  return outcome.right;
};

const fromLock = <A>(work: () => Either<LockFailed, A>): TE.TaskEither<ControlError, A> =>
  pipe(TE.fromIOEither(work), TE.mapLeft(lockFailed));

const lockFailed = ({ path, message, unsafe }: LockFailed): ControlError =>
  unsafe ?? {
    _tag: 'ControlFailed',
    path,
    code: 'LOCK_FAILED',
    message,
  };
