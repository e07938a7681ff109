import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { AppendLog, AppendLogs } from '../../ports/append-log.js';
import type { Clock } from '../../ports/clock.js';
import type { HostFileSystem } from '../../ports/file-system.js';
import type { Ids } from '../../ports/ids.js';
import type { Locks } from '../../ports/locks.js';
import type { Logger } from '../../ports/logger.js';
import { callFailed, type HostOperationError } from '../steps/host-error.js';
import { decodeJournal, type JournalRecord, type UnreadableJournal } from './checkpoint-record.js';
import type { HostCheckpoint } from './host-checkpoint.js';
import { createHostJournal, type JournalPlace } from './host-journal.js';

/** What keeping checkpoints in files needs. */
export interface CheckpointPorts {
  readonly files: HostFileSystem;
  readonly logs: AppendLogs;
  readonly locks: Locks;
  readonly ids: Ids;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly pid: number;
}

/** The journal of a plan that is being executed, was interrupted by a crash, or was rolled back. */
export interface FoundCheckpoint {
  readonly id: string;
  readonly path: string;
  /** `open`: its plan has not ended, whether or not somebody is at it. */
  readonly state: 'open' | 'rolled_back' | 'incomplete';
}

/** The checkpoints in one directory. */
export interface FileCheckpoints {
  readonly directory: string;
  /** A checkpoint for a new plan; nothing is on disk before its `create`. */
  readonly begin: () => HostCheckpoint;
  /** Oldest first. A missing directory has none. */
  readonly find: () => Either<HostOperationError, readonly FoundCheckpoint[]>;
  readonly read: (
    found: FoundCheckpoint,
  ) => Either<HostOperationError | UnreadableJournal, readonly JournalRecord[]>;
  /** Whether a live process is at it. */
  readonly isLive: (found: FoundCheckpoint) => Either<HostOperationError, boolean>;
  /** Removes the locks of checkpoints that are gone: a crash came between the removal of the two. */
  readonly sweepLocks: () => void;
  /**
   * Locks a checkpoint, reads it, and gives it to `use`; null when somebody else is at it, or it is gone. `use` ends it
   * by `settle`.
   */
  readonly resume: <A>(
    found: FoundCheckpoint,
    use: (records: readonly JournalRecord[], checkpoint: HostCheckpoint) => Promise<A>,
  ) => Promise<Either<HostOperationError | UnreadableJournal, A | null>>;
}

const SUFFIXES = {
  open: '.journal',
  rolled_back: '.rolled-back',
  incomplete: '.incomplete',
} as const;

const LOCK_SUFFIX = '.lock';

/** How many checkpoints of plans that were rolled back are kept, for people to look at. */
const KEPT = 20;

export const fileCheckpoints = (ports: CheckpointPorts, directory: string): FileCheckpoints => {
  const { files, logs, locks, ids } = ports;
  const pathOf = (id: string, state: FoundCheckpoint['state']) => `${directory}/${id}${SUFFIXES[state]}`;
  const lockOf = (id: string) => `${directory}/${id}${LOCK_SUFFIX}`;

  const find = (): Either<HostOperationError, readonly FoundCheckpoint[]> => {
    const names = files.readDirectory(directory)();
    if (isLeft(names)) return names.left.code === 'ENOENT' ? right([]) : left(callFailed(names.left));
    return right(names.right.toSorted().flatMap((name) => foundAs(directory, name)));
  };

  const retire =
    (id: string, path: string): JournalPlace['retire'] =>
    (end, lock) => {
      const kept = end === 'executed' ? null : pathOf(id, end);
      const moved =
        kept === null ? files.remove(path)() : kept === path ? right(undefined) : files.rename(path, kept)();
      if (!isLeft(moved) && end !== 'incomplete') locks.remove(lockOf(id))();
      lock.release();
      if (end === 'rolled_back') prune();
      return moved;
    };

  const prune = (): void => {
    const found = find();
    if (isLeft(found)) return;
    const old = found.right.filter(({ state }) => state === 'rolled_back').slice(0, -KEPT);
    for (const { path } of old) files.remove(path)();
  };

  const openLocked = (
    id: string,
    open: () => Either<HostOperationError, AppendLog>,
  ): ReturnType<JournalPlace['open']> => {
    const failed = (problem: string) =>
      left({ _tag: 'CheckpointFailed', path: lockOf(id), problem } as const);
    const lock = locks.tryAcquire(lockOf(id))();
    if (isLeft(lock)) return failed(lock.left.message);
    if (lock.right === null) return failed('another process is at it');
    // Between its creation and its locking a sweep may have taken the file away: what is held then is not the lock of any name.
    const held = locks.isHeld(lockOf(id))();
    if (isLeft(held) || !held.right) {
      lock.right.release();
      return failed(isLeft(held) ? held.left.message : 'its lock was taken away');
    }
    const log = open();
    if (!isLeft(log)) return right({ log: log.right, lock: lock.right });
    lock.right.release();
    locks.remove(lockOf(id))();
    return log;
  };

  const createLog = (path: string): Either<HostOperationError, AppendLog> => {
    const log = logs.create(path)();
    if (isLeft(log)) return left(callFailed(log.left));
    const synced = files.fsyncDirectory(directory)();
    if (!isLeft(synced)) return log;
    log.right.close();
    files.remove(path)();
    return left(callFailed(synced.left));
  };

  const read: FileCheckpoints['read'] = ({ path }) => {
    const bytes = files.readFile(path)();
    return isLeft(bytes) ? left(callFailed(bytes.left)) : decodeJournal(bytes.right);
  };

  const sweepLocks: FileCheckpoints['sweepLocks'] = () => {
    const names = files.readDirectory(directory)();
    if (isLeft(names)) return;
    const found = names.right.flatMap((name) => foundAs(directory, name));
    // One that was rolled back is only there for people: nobody is at it any more.
    const ids = new Set(found.filter(({ state }) => state !== 'rolled_back').map(({ id }) => id));
    for (const name of names.right) {
      const id = name.slice(0, -LOCK_SUFFIX.length);
      if (!name.endsWith(LOCK_SUFFIX) || ids.has(id)) continue;
      const lock = locks.tryAcquire(lockOf(id))();
      if (isLeft(lock) || lock.right === null) continue;
      // Whoever holds it may have made its checkpoint since the directory was read.
      const noneIsThere = (['open', 'incomplete'] as const).every((state) => {
        const checkpoint = files.stat(pathOf(id, state))();
        return isLeft(checkpoint) && checkpoint.left.code === 'ENOENT';
      });
      if (noneIsThere) locks.remove(lockOf(id))();
      lock.right.release();
    }
  };

  return {
    directory,
    sweepLocks,
    begin: () => {
      const id = ids.uuidV7();
      const path = pathOf(id, 'open');
      return createHostJournal(
        {
          ...ports,
          id,
          path,
          open: () => {
            const made = makeDurably(files, directory);
            return isLeft(made) ? made : openLocked(id, () => createLog(path));
          },
          retire: retire(id, path),
        },
        [],
      );
    },
    find,
    read,
    isLive: ({ id }) => {
      const held = locks.isHeld(lockOf(id))();
      return isLeft(held)
        ? left({ _tag: 'CheckpointFailed', path: lockOf(id), problem: held.left.message })
        : held;
    },
    resume: async (found, use) => {
      const { id, path } = found;
      const lock = locks.tryAcquire(lockOf(id))();
      if (isLeft(lock)) {
        return left({ _tag: 'CheckpointFailed', path: lockOf(id), problem: lock.left.message });
      }
      const held = lock.right;
      if (held === null) return right(null);
      // Read under the lock: who held it before may have ended the plan.
      const records = read(found);
      if (isLeft(records)) {
        const gone = isGone(records.left);
        if (gone) locks.remove(lockOf(id))();
        held.release();
        return gone ? right(null) : records;
      }
      const intents = records.right.flatMap((record) =>
        record.record === 'intents' ? record.operations : [],
      );
      const journal = createHostJournal(
        {
          ...ports,
          id,
          path,
          open: () => {
            const log = logs.open(path)();
            return isLeft(log) ? left(callFailed(log.left)) : right({ log: log.right, lock: held });
          },
          retire: retire(id, path),
        },
        intents,
      );
      const resumed = journal.resume();
      if (isLeft(resumed)) {
        held.release();
        return resumed;
      }
      return right(await use(records.right, journal));
    },
  };
};

/** Whether a checkpoint could not be read because it is not there any more: its plan has ended. */
export const isGone = (error: HostOperationError | UnreadableJournal): boolean =>
  error._tag === 'HostCallFailed' && error.code === 'ENOENT';

const foundAs = (directory: string, name: string): readonly FoundCheckpoint[] => {
  for (const state of ['open', 'rolled_back', 'incomplete'] as const) {
    const suffix = SUFFIXES[state];
    if (name.endsWith(suffix)) {
      return [{ id: name.slice(0, -suffix.length), path: `${directory}/${name}`, state }];
    }
  }
  return [];
};

/** A directory that a crash takes away would take its journals with it. */
const makeDurably = (files: HostFileSystem, directory: string): Either<HostOperationError, void> => {
  const made = files.makeDirectories(directory)();
  if (isLeft(made)) return left(callFailed(made.left));
  if (made.right === null) return right(undefined);
  const above = made.right.slice(0, made.right.lastIndexOf('/')) || '/';
  for (let at = directory; ; at = at.slice(0, at.lastIndexOf('/')) || '/') {
    const synced = files.fsyncDirectory(at)();
    if (isLeft(synced) && synced.left.code !== 'EACCES') return left(callFailed(synced.left));
    if (at === above || at === '/') return right(undefined);
  }
};
