import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import { sha256 } from '../../domain/documents/sha256.js';
import type { BindingPorts } from '../../effects/binding-here.js';
import type { AppendLog, AppendLogs } from '../../ports/append-log.js';
import type { Clock } from '../../ports/clock.js';
import type { HostFileSystem } from '../../ports/file-system.js';
import type { Ids } from '../../ports/ids.js';
import type { Locks } from '../../ports/locks.js';
import type { Logger } from '../../ports/logger.js';
import { callFailed, type HostOperationError } from '../steps/host-error.js';
import { type JournalRecord, readJournal, type UnreadableJournal } from './checkpoint-record.js';
import type { HostCheckpoint } from './host-checkpoint.js';
import { createHostJournal, type JournalPlace, type OpenedJournal } from './host-journal.js';
import { strayPath } from './journal-effects.js';
import { journalAuthor, type MadeElsewhere, type Provenance, provenanceOf } from './journal-seal.js';

/** Ports that keeping checkpoints in files needs. */
export interface CheckpointPorts {
  readonly files: HostFileSystem;
  readonly logs: AppendLogs;
  readonly locks: Locks;
  readonly ids: Ids;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly pid: number;
  readonly userState: BindingPorts['userState'];
  readonly host: BindingPorts['host'];
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
  /** A checkpoint for a new plan that works on these files; nothing is on disk before its `create`. */
  readonly begin: (worked: HostFileSystem) => HostCheckpoint;
  /** Oldest first. A missing directory has none. */
  readonly find: () => Either<HostOperationError, readonly FoundCheckpoint[]>;
  readonly read: (found: FoundCheckpoint) => Either<HostOperationError | UnreadableJournal, ReadCheckpoint>;
  /** Tells whether a live process is at it. */
  readonly isLive: (found: FoundCheckpoint) => Either<HostOperationError, boolean>;
  /** Removes the locks of checkpoints that are gone: a crash came between the removal of the two. */
  readonly sweepLocks: () => void;
  /**
   * Locks a checkpoint, reads it, and gives it to `use`; null when somebody else is at it, or it is gone. `use` ends it
   * by `settle`. One that was made elsewhere is not even locked, unless `adopt` is the digest of what stands in it.
   */
  readonly resume: <A>(
    found: FoundCheckpoint,
    how: { readonly worked: HostFileSystem; readonly adopt: string | null },
    use: (records: readonly JournalRecord[], checkpoint: HostCheckpoint) => Promise<A>,
  ) => Promise<Either<HostOperationError | UnreadableJournal | MadeElsewhere, A | null>>;
  /** Removes a checkpoint that nobody is at, without acting on it. */
  readonly discard: (found: FoundCheckpoint) => Either<HostOperationError, void>;
}

/** Content of a checkpoint. */
export interface ReadCheckpoint {
  readonly records: readonly JournalRecord[];
  readonly provenance: Provenance;
  /** The number of the user to whom its file belongs. */
  readonly owner: number;
  /** The SHA-256 of all of it. */
  readonly digest: string;
}

const SUFFIXES = {
  open: '.journal',
  rolled_back: '.rolled-back',
  incomplete: '.incomplete',
} as const;

const LOCK_SUFFIX = '.lock';

/** Number of checkpoints of plans that were rolled back that are kept, for people to look at. */
const KEPT = 20;

/** `home` is what the checkpoints are bound to; see `journalAuthor`. */
export const fileCheckpoints = (ports: CheckpointPorts, directory: string, home: string): FileCheckpoints => {
  const author = journalAuthor(ports, home);
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
    if (!isLeft(log)) return right({ log: log.right, lock: lock.right, ...newSeal(id) });
    lock.right.release();
    locks.remove(lockOf(id))();
    return log;
  };

  /** Journals say nothing of where they were made where no key can be kept, and then need somebody who adopts them. */
  const newSeal = (id: string): Pick<OpenedJournal, 'bound' | 'sealing'> => {
    const bound = author.here();
    const key = isLeft(bound) ? bound : author.keyOf(bound.right, id);
    if (!isLeft(bound) && !isLeft(key)) return { bound: bound.right, sealing: { key: key.right, last: '' } };
    const problem = isLeft(bound) ? bound.left : isLeft(key) ? key.left : '';
    ports.logger.log('warn', 'checkpoint_not_sealed', { id, problem });
    return { bound: null, sealing: null };
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

  const read: FileCheckpoints['read'] = ({ id, path }) => {
    const stat = files.lstat(path)();
    if (isLeft(stat)) return left(callFailed(stat.left));
    if (stat.right.kind !== 'file') return unreadable('not a regular file');
    const bytes = files.readFile(path)();
    if (isLeft(bytes)) return left(callFailed(bytes.left));
    const lines = readJournal(bytes.right);
    if (isLeft(lines)) return lines;
    const records = lines.right.map(({ record }) => record);
    const stray = strayPath(records, id);
    if (stray !== null) return unreadable(`no plan makes ${JSON.stringify(stray)}`);
    const provenance = provenanceOf(lines.right, id, author);
    return right({ records, provenance, owner: stat.right.owner, digest: sha256(bytes.right) });
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
    begin: (worked) => {
      const id = ids.uuidV7();
      const path = pathOf(id, 'open');
      return createHostJournal(
        {
          ...ports,
          worked,
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
    discard: ({ id, path }) => {
      const removed = files.remove(path)();
      if (isLeft(removed)) return left(callFailed(removed.left));
      locks.remove(lockOf(id))();
      return right(undefined);
    },
    resume: async (found, { worked, adopt }, use) => {
      const { id, path } = found;
      const isLive = locks.isHeld(lockOf(id))();
      if (!isLeft(isLive) && isLive.right) return right(null);
      // The lock of what is somebody else's is somebody else's, too.
      const before = read(found);
      if (isLeft(before)) return isGone(before.left) ? right(null) : before;
      const stranger = madeElsewhere(found, before.right, adopt);
      if (stranger !== null) return left(stranger);
      const lock = locks.tryAcquire(lockOf(id))();
      if (isLeft(lock)) {
        return left({ _tag: 'CheckpointFailed', path: lockOf(id), problem: lock.left.message });
      }
      const held = lock.right;
      if (held === null) return right(null);
      // Read under the lock: who held it before may have ended the plan.
      const again = read(found);
      if (isLeft(again)) {
        const gone = isGone(again.left);
        if (gone) locks.remove(lockOf(id))();
        held.release();
        return gone ? right(null) : again;
      }
      const changed = madeElsewhere(found, again.right, adopt);
      if (changed !== null) {
        held.release();
        return left(changed);
      }
      const { records, provenance } = again.right;
      const sealing = provenance._tag === 'Here' ? provenance.sealing : null;
      const intents = records.flatMap((record) => (record.record === 'intents' ? record.operations : []));
      const journal = createHostJournal(
        {
          ...ports,
          worked,
          id,
          path,
          open: () => {
            const log = logs.open(path)();
            return isLeft(log)
              ? left(callFailed(log.left))
              : right({ log: log.right, lock: held, bound: null, sealing });
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
      return right(await use(records, journal));
    },
  };
};

const unreadable = (problem: string): Either<UnreadableJournal, never> =>
  left({ _tag: 'UnreadableJournal', line: 1, problem });

const madeElsewhere = (
  { path }: FoundCheckpoint,
  { provenance, owner, digest }: ReadCheckpoint,
  adopt: string | null,
): MadeElsewhere | null =>
  provenance._tag === 'Here' || adopt === digest
    ? null
    : { _tag: 'MadeElsewhere', path, why: provenance.why, owner };

/** Tells whether a checkpoint could not be read because it is not there any more: its plan has ended. */
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
