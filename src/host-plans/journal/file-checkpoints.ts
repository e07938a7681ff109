import { type Either, isLeft, left, map, right } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { HostFileSystem } from '../../ports/file-system.js';
import { callFailed, type HostOperationError } from '../steps/host-error.js';
import { beginCheckpoint } from './begin-checkpoint.js';
import { isLocked, sweepLocks } from './checkpoint-locks.js';
import {
  type CheckpointPlace,
  type CheckpointPorts,
  type FoundCheckpoint,
  listCheckpoints,
  lockPath,
} from './checkpoint-place.js';
import type { UnreadableJournal } from './checkpoint-record.js';
import type { HostCheckpoint } from './host-checkpoint.js';
import { journalAuthor } from './journal-seal.js';
import { type ReadCheckpoint, readCheckpoint } from './read-checkpoint.js';
import {
  type NotResumed,
  type ResumedCheckpoint,
  type Resuming,
  resumeCheckpoint,
} from './resume-checkpoint.js';

/** The checkpoints in one directory. */
export interface FileCheckpoints {
  readonly directory: string;
  /** A checkpoint for a new plan that works on these files; nothing is on disk before its `create`. */
  readonly begin: (worked: HostFileSystem) => HostCheckpoint;
  /** Oldest first. A missing directory has none. */
  readonly find: () => Either<HostOperationError, readonly FoundCheckpoint[]>;
  readonly read: (found: FoundCheckpoint) => Either<HostOperationError | UnreadableJournal, ReadCheckpoint>;
  /** Tells whether a live process is at it. */
  readonly isLive: (found: FoundCheckpoint) => Either<HostOperationError, boolean>;
  /** Removes the locks of checkpoints that are gone: a crash came between the removal of the two. */
  readonly sweepLocks: () => void;
  /** Locks a checkpoint and reads it; null when somebody else is at it, or it is gone. Whoever is handed it ends it by `settle`. */
  readonly resume: (found: FoundCheckpoint, how: Resuming) => Either<NotResumed, ResumedCheckpoint | null>;
  /** Removes a checkpoint that nobody is at, without acting on it. */
  readonly discard: (found: FoundCheckpoint) => Either<HostOperationError, void>;
}

/** `home` is what the checkpoints are bound to; see `journalAuthor`. */
export const fileCheckpoints = (ports: CheckpointPorts, directory: string, home: string): FileCheckpoints => {
  const place: CheckpointPlace = { ports, directory, author: journalAuthor(ports, home) };
  return {
    directory,
    begin: (worked) => beginCheckpoint(place, worked),
    find: () =>
      pipe(
        listCheckpoints(place),
        map(({ checkpoints }) => checkpoints),
      ),
    read: (found) => readCheckpoint(place, found),
    isLive: ({ id }) => isLocked(ports.locks, lockPath(place, id)),
    sweepLocks: () => sweepLocks(place),
    resume: (found, how) => resumeCheckpoint(place, found, how),
    discard: ({ id, path }) => {
      const removed = ports.files.remove(path)();
      if (isLeft(removed)) return left(callFailed(removed.left));
      ports.locks.remove(lockPath(place, id))();
      return right(undefined);
    },
  };
};
