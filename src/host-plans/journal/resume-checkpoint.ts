import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { HostFileSystem } from '../../ports/file-system.js';
import type { Lock } from '../../ports/locks.js';
import { callFailed, type HostOperationError } from '../steps/host-error.js';
import { isLocked, tryLock } from './checkpoint-locks.js';
import { type CheckpointPlace, type FoundCheckpoint, lockPath } from './checkpoint-place.js';
import type { JournalRecord, UnreadableJournal } from './checkpoint-record.js';
import type { HostCheckpoint } from './host-checkpoint.js';
import { createHostJournal } from './host-journal.js';
import type { MadeElsewhere } from './journal-seal.js';
import { isGone, type ReadCheckpoint, readCheckpoint } from './read-checkpoint.js';
import { retireCheckpoint } from './retire-checkpoint.js';

/** Reason why nobody acts on a checkpoint. */
export type NotResumed = HostOperationError | UnreadableJournal | MadeElsewhere;

/** Choices of taking a checkpoint up again. */
export interface Resuming {
  /** Filesystem that its plan works on. */
  readonly worked: HostFileSystem;
  /** Digest of what stands in one that was made elsewhere and is acted on all the same; null: of none. */
  readonly adopt: string | null;
}

/** A checkpoint that is locked here, and what stands in it. */
export interface ResumedCheckpoint {
  readonly records: readonly JournalRecord[];
  readonly checkpoint: HostCheckpoint;
}

/** Locks a checkpoint and reads it; null when somebody else is at it, or it is gone. One that was made elsewhere is not even locked. */
export const resumeCheckpoint = (
  place: CheckpointPlace,
  found: FoundCheckpoint,
  { worked, adopt }: Resuming,
): Either<NotResumed, ResumedCheckpoint | null> => {
  const { locks } = place.ports;
  const path = lockPath(place, found.id);
  const isLive = isLocked(locks, path);
  if (!isLeft(isLive) && isLive.right) return right(null);
  // The lock of what is somebody else's is somebody else's, too.
  const before = readToActOn(place, found, adopt);
  if (isLeft(before)) return before;
  if (before.right === null) return right(null);
  const lock = tryLock(locks, path);
  if (isLeft(lock)) return lock;
  const held = lock.right;
  if (held === null) return right(null);
  // Read under the lock: who held it before may have ended the plan.
  const read = readToActOn(place, found, adopt);
  if (isLeft(read) || read.right === null) {
    if (!isLeft(read)) locks.remove(path)();
    held.release();
    return isLeft(read) ? read : right(null);
  }
  const resumed = resumeLocked(place, found, { read: read.right, held, worked });
  if (isLeft(resumed)) held.release();
  return resumed;
};

/** Content of a checkpoint on which this user may act; null: it is gone. */
const readToActOn = (
  place: CheckpointPlace,
  found: FoundCheckpoint,
  adopt: string | null,
): Either<NotResumed, ReadCheckpoint | null> => {
  const read = readCheckpoint(place, found);
  if (isLeft(read)) return isGone(read.left) ? right(null) : read;
  const { provenance, owner, digest } = read.right;
  return provenance._tag === 'Here' || adopt === digest
    ? read
    : left({ _tag: 'MadeElsewhere', path: found.path, why: provenance.why, owner });
};

const resumeLocked = (
  place: CheckpointPlace,
  { id, path }: FoundCheckpoint,
  {
    read: { records, provenance },
    held,
    worked,
  }: { readonly read: ReadCheckpoint; readonly held: Lock; readonly worked: HostFileSystem },
): Either<HostOperationError, ResumedCheckpoint> => {
  const { ports } = place;
  const sealing = provenance._tag === 'Here' ? provenance.sealing : null;
  const intents = records.flatMap((record) => (record.record === 'intents' ? record.operations : []));
  const open = () => {
    const log = ports.logs.open(path)();
    return isLeft(log)
      ? left(callFailed(log.left))
      : right({ log: log.right, lock: held, bound: null, sealing });
  };
  const retire = retireCheckpoint(place, id, path);
  const checkpoint = createHostJournal({ ...ports, worked, id, path, open, retire }, intents);
  const resumed = checkpoint.resume();
  return isLeft(resumed) ? resumed : right({ records, checkpoint });
};
