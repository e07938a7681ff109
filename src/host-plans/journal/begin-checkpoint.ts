import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { AppendLog } from '../../ports/append-log.js';
import type { HostFileSystem } from '../../ports/file-system.js';
import { callFailed, type HostOperationError } from '../steps/host-error.js';
import { lockNew } from './checkpoint-locks.js';
import { type CheckpointPlace, checkpointPath, lockPath } from './checkpoint-place.js';
import type { HostCheckpoint } from './host-checkpoint.js';
import { createHostJournal } from './host-journal.js';
import type { OpenedJournal } from './journal-log.js';
import { retireCheckpoint } from './retire-checkpoint.js';

/** A checkpoint for a new plan that works on these files; nothing is on disk before its `create`. */
export const beginCheckpoint = (place: CheckpointPlace, worked: HostFileSystem): HostCheckpoint => {
  const { ports, directory } = place;
  const id = ports.ids.uuidV7();
  const path = checkpointPath(place, id, 'open');
  const open = (): Either<HostOperationError, OpenedJournal> => {
    const made = makeDurably(ports.files, directory);
    return isLeft(made) ? made : openLocked(place, id, path);
  };
  return createHostJournal(
    { ...ports, worked, id, path, open, retire: retireCheckpoint(place, id, path) },
    [],
  );
};

/** Makes the journal under its lock, so that nobody takes it for one that a crash has left. */
const openLocked = (
  place: CheckpointPlace,
  id: string,
  path: string,
): Either<HostOperationError, OpenedJournal> => {
  const { locks } = place.ports;
  const lock = lockNew(locks, lockPath(place, id));
  if (isLeft(lock)) return lock;
  const log = createLog(place, path);
  if (!isLeft(log)) return right({ log: log.right, lock: lock.right, ...newSeal(place, id) });
  lock.right.release();
  locks.remove(lockPath(place, id))();
  return log;
};

const createLog = (
  { ports: { files, logs }, directory }: CheckpointPlace,
  path: string,
): Either<HostOperationError, AppendLog> => {
  const log = logs.create(path)();
  if (isLeft(log)) return left(callFailed(log.left));
  const synced = files.fsyncDirectory(directory)();
  if (!isLeft(synced)) return log;
  log.right.close();
  files.remove(path)();
  return left(callFailed(synced.left));
};

/** Journals say nothing of where they were made where no key can be kept, and then need somebody who adopts them. */
const newSeal = (
  { ports: { logger }, author }: CheckpointPlace,
  id: string,
): Pick<OpenedJournal, 'bound' | 'sealing'> => {
  const bound = author.here();
  const key = isLeft(bound) ? bound : author.keyOf(bound.right, id);
  if (!isLeft(bound) && !isLeft(key)) return { bound: bound.right, sealing: { key: key.right, last: '' } };
  const problem = isLeft(bound) ? bound.left : isLeft(key) ? key.left : '';
  logger.log('warn', 'checkpoint_not_sealed', { id, problem });
  return { bound: null, sealing: null };
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
