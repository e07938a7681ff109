import { lstatSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { left, right } from 'fp-ts/lib/Either.js';
import type { IOEither } from 'fp-ts/lib/IOEither.js';
import type { Lock, LockFailed, Locks } from '../../ports/locks.js';
import { makePrivateFile, refuseUnsafe } from './database-file.js';
import { makePrivateDirectory } from './private-directory.js';

/**
 * A lock is an empty SQLite database on which a connection holds `BEGIN EXCLUSIVE`. SQLite's POSIX locks are what
 * Node lacks: the operating system drops them when the process ends, even by SIGKILL; nothing is written; SQLite
 * keeps its connections in one process apart, too. A lock file must never be opened by other means in a process
 * that holds it: closing any descriptor of a file drops all POSIX locks of the process on it.
 *
 * Who lets go keeps the connection for the next time, as long as the file is the same: opening one takes as long as
 * writing a small file.
 *
 * Who asks whether a lock is held takes SQLite's *shared* lock for some microseconds, which an exclusive one
 * refuses. That may coincide with somebody's acquiring, which is therefore tried again while nobody holds it.
 */
export const sqliteLocks: Locks = {
  tryAcquire: (path, { inExisting } = { inExisting: false }) =>
    attempt(path, () => {
      const candidate = takeIdle(path) ?? openNew(path, inExisting);
      try {
        if (beginExclusive(candidate.connection)) return heldLock(path, candidate);
      } catch (problem) {
        candidate.connection.close();
        throw problem;
      }
      keepIdle(path, candidate);
      return null;
    }),
  isHeld: (path) =>
    attempt(path, () => {
      const connection = openExisting(path);
      if (connection === null) return false;
      try {
        return isHeldByOther(connection);
      } finally {
        connection.close();
      }
    }),
  remove: (path) =>
    attempt(path, () => {
      takeIdle(path)?.connection.close();
      rmSync(path, { force: true });
    }),
};

/** Number of tries to acquire against passing readers. Each takes some ten microseconds, as a reader does. */
const TRIES = 500;

/** No journal file: a killed holder would leave it behind, and readers would lock the database to remove it. */
const BEGIN = 'PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE';

interface Candidate {
  readonly connection: Database.Database;
  /** The file's identity. While the connection is open, no other file can get the same. */
  readonly file: string;
}

/** Connections that hold nothing, by path: one each. */
const idle = new Map<string, Candidate>();

const fileAt = (path: string): string | null => {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats === undefined ? null : `${stats.dev}:${stats.ino}`;
};

/** Null also where the path has another file by now: a lock on the old one would be none. */
const takeIdle = (path: string): Candidate | null => {
  const candidate = idle.get(path);
  if (candidate === undefined) return null;
  idle.delete(path);
  if (candidate.file === fileAt(path)) return candidate;
  candidate.connection.close();
  return null;
};

/** Keeps no connection where the path has another file by now, or none: nobody would come for it. */
const keepIdle = (path: string, candidate: Candidate): void => {
  if (idle.has(path) || candidate.file !== fileAt(path)) candidate.connection.close();
  else idle.set(path, candidate);
};

const openNew = (path: string, inExisting: boolean): Candidate => {
  if (!inExisting) makePrivateDirectory(dirname(path));
  refuseUnsafe(path);
  makePrivateFile(path);
  // Made by now: SQLite makes none, which it would do through a symlink that somebody puts there meanwhile.
  const connection = new Database(path, { timeout: 0, fileMustExist: true });
  return { connection, file: fileAt(path) ?? '' };
};

/** Keeps held connections from the garbage collector, which would close them and so let go of the lock. */
const held = new Set<Database.Database>();

const heldLock = (path: string, candidate: Candidate): Lock => {
  const { connection } = candidate;
  held.add(connection);
  return {
    release: () => {
      if (!held.delete(connection)) return;
      connection.exec('ROLLBACK');
      keepIdle(path, candidate);
    },
  };
};

const beginExclusive = (connection: Database.Database): boolean => {
  for (let tries = 0; tries < TRIES; tries += 1) {
    if (!isRefused(() => connection.exec(BEGIN))) return true;
    if (isHeldByOther(connection)) return false;
  }
  return false;
};

const isHeldByOther = (connection: Database.Database): boolean =>
  isRefused(() => connection.exec('SELECT count(*) FROM sqlite_master'));

const isRefused = (statement: () => void): boolean => {
  try {
    statement();
    return false;
  } catch (problem) {
    if (problem instanceof Database.SqliteError && problem.code.startsWith('SQLITE_BUSY')) return true;
    throw problem;
  }
};

/**
 * Read-only, so that a missing file stays missing: null. One that may not be opened is there. Most locks that somebody asks for are not
 * there, such as that of a queue in which nobody waits: looking costs far less than SQLite's error.
 */
const openExisting = (path: string): Database.Database | null => {
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return null;
  refuseUnsafe(path);
  try {
    return new Database(path, { readonly: true, fileMustExist: true, timeout: 0 });
  } catch (problem) {
    if (fileAt(path) === null) return null;
    throw problem;
  }
};

const attempt =
  <A>(path: string, work: () => A): IOEither<LockFailed, A> =>
  () => {
    try {
      return right(work());
    } catch (problem) {
      return left({
        _tag: 'LockFailed',
        path,
        message: problem instanceof Error ? problem.message : String(problem),
      });
    }
  };
