import { isLeft, left } from 'fp-ts/lib/Either.js';
import type { AppendLogs } from '../../ports/append-log.js';
import type { FileSystemError } from '../../ports/file-system.js';
import type { LockFailed, Locks } from '../../ports/locks.js';
import type { SqlDatabases } from '../../ports/sql-database.js';
import type { Confinement } from './confinement.js';

/** Files that SQLite opens beside its database file, by itself and by their paths. */
const BESIDE = ['-wal', '-shm', '-journal'] as const;

/** Databases whose files are looked at before SQLite opens them. */
export const confinedDatabases = (databases: SqlDatabases, { locateFile }: Confinement): SqlDatabases => ({
  open: (path, options) => () => {
    const place = locateFile('open', path);
    if (isLeft(place)) return place;
    for (const suffix of BESIDE) {
      const beside = locateFile('open', `${path}${suffix}`);
      if (isLeft(beside)) return beside;
    }
    return databases.open(place.right, options)();
  },
});

/** Locks whose files are looked at before they are used. */
export const confinedLocks = (locks: Locks, { locateFile }: Confinement): Locks => ({
  tryAcquire: (path, options) => () => {
    const place = locateFile('open', path);
    return isLeft(place) ? left(lockFailed(place.left)) : locks.tryAcquire(place.right, options)();
  },
  isHeld: (path) => () => {
    const place = locateFile('open', path);
    return isLeft(place) ? left(lockFailed(place.left)) : locks.isHeld(place.right)();
  },
  remove: (path) => () => {
    const place = locateFile('unlink', path);
    return isLeft(place) ? left(lockFailed(place.left)) : locks.remove(place.right)();
  },
});

const lockFailed = (error: FileSystemError): LockFailed => ({
  _tag: 'LockFailed',
  path: error.path,
  message: `${error.call} failed: ${error.code}`,
  ...(error._tag === 'UnsafeFile' ? { unsafe: error } : {}),
});

/** Journals that are looked at before they are opened. */
export const confinedLogs = (logs: AppendLogs, { locate, locateFile }: Confinement): AppendLogs => ({
  create: (path) => () => {
    const place = locate('open', path);
    return isLeft(place) ? place : logs.create(place.right)();
  },
  open: (path) => () => {
    const place = locateFile('open', path);
    return isLeft(place) ? place : logs.open(place.right)();
  },
});
