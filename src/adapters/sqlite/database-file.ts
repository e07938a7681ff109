import {
  accessSync,
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  type Stats,
} from 'node:fs';
import { basename, dirname } from 'node:path';
import Database from 'better-sqlite3';
import { giveToDirectoryOwner } from '../node/files/given-to-owner.js';
import { canHoldDirectories, type HeldDirectories, holdDirectories } from '../node/files/held-directories.js';

/** Kind of what is at the path of a database. */
export type DatabaseFile =
  | { readonly _tag: 'Missing' }
  | { readonly _tag: 'Writable' }
  /** It may be read; it, or what SQLite keeps beside it, may not be written. */
  | { readonly _tag: 'ReadOnly' }
  /** It has another name, a hard link, under which SQLite would keep other files beside it: a write would be one to both, or damage. */
  | { readonly _tag: 'Linked' };

/** Files that SQLite keeps beside a database in WAL mode. */
const COMPANIONS = ['-wal', '-shm'] as const;

/**
 * Looks at a database before SQLite does. Links and special files are refused, and so is a rollback journal: a database
 * in WAL mode has none, and rolling one back removes the file that it names as its super-journal, wherever that is.
 */
export const lookAt = (path: string): DatabaseFile => {
  refuseUnsafe(path);
  const stats = statOf(path);
  if (stats === null) return { _tag: 'Missing' };
  if (stats.nlink > 1) return { _tag: 'Linked' };
  if ([dirname(path), ...placesOf(path)].every(mayWrite)) return { _tag: 'Writable' };
  return { _tag: 'ReadOnly' };
};

const SHARED = 0o2020;

/**
 * Makes an empty file where there is none, which SQLite takes for an empty database: for its owner only, whatever the
 * umask, or for the group that its directory is shared with. What SQLite keeps beside a database gets its mode. One that
 * is there is not opened: closing it again would drop this process's locks on it.
 */
export const makePrivateFile = (path: string): void => {
  if (statOf(path) !== null) return;
  const forGroup = isShared(dirname(path));
  try {
    const file = openSync(path, 'wx', 0o600);
    if (forGroup) fchmodSync(file, 0o660);
    giveToDirectoryOwner(file, path);
    closeSync(file);
  } catch (problem) {
    // SQLite says what is wrong with the place, and somebody else may have been faster.
    if (!(problem instanceof Error && 'code' in problem)) throw problem;
  }
};

/** Tells whether the owner of a directory shares it with its group. */
export const isShared = (directory: string): boolean => {
  const stats = statOf(directory);
  return stats !== null && (stats.mode & SHARED) === SHARED;
};

/** Throws `UNSAFE_FILE` for what SQLite must not be given. */
export const refuseUnsafe = (path: string): void => {
  for (const place of placesOf(path)) {
    const stats = regularOrNull(place);
    // SQLite writes over a log that it cannot make sense of.
    if (place !== path && stats !== null && stats.nlink > 1)
      throw unsafe(`${basename(place)} has another name (a hard link)`);
  }
  const journal = `${path}-journal`;
  if (statOf(journal) !== null)
    throw unsafe(`there is a rollback journal beside it (${basename(journal)}), which pond does not leave`);
};

const placesOf = (path: string): readonly string[] => [
  path,
  ...COMPANIONS.map((suffix) => `${path}${suffix}`),
];

const regularOrNull = (place: string, named = place): Stats | null => {
  const stats = statOf(place);
  if (stats !== null && !stats.isFile()) throw unsafe(`${basename(named)} is ${kindOf(stats)}`);
  return stats;
};

/** Files of a database where they stand, in a directory that is the same whatever somebody puts into its place. */
interface Standing {
  /**
   * Throws `UNSAFE_FILE` where SQLite, which follows links, has opened something else than what stands there: what was
   * looked at before may have been exchanged since. On Linux each of its files must be among those that this process has
   * open; elsewhere a file that was exchanged and put back is not noticed.
   */
  readonly refuseExchanged: (which: 'database' | 'all') => void;
  readonly release: () => void;
}

/** The path is a real one: there are no symlinks in it. */
export const whatStandsAt = (path: string): Standing => {
  const directories = canHoldDirectories() ? holdDirectories() : null;
  return {
    refuseExchanged: (which) => {
      const isOpen = openFiles();
      for (const place of which === 'all' ? placesOf(path) : [path]) {
        const stats = regularOrNull(directories === null ? place : entryIn(directories, place), place);
        if (isOpen === null) continue;
        // A database that is open has all of them: what is not here was made elsewhere.
        if (stats === null || !isOpen(stats))
          throw unsafe(`${basename(place)} was exchanged while it was opened`);
      }
    },
    release: () => directories?.close(),
  };
};

const entryIn = (directories: HeldDirectories, path: string): string => {
  try {
    return directories.entry(path).place;
  } catch {
    throw unsafe(`a symlink leads to the directory of ${basename(path)}, or it was exchanged`);
  }
};

/** Tells of a file whether this process has it open; null where the system does not tell. */
const openFiles = (): ((file: Stats) => boolean) | null => {
  let descriptors: readonly number[];
  try {
    descriptors = readdirSync('/proc/self/fd').map(Number);
  } catch {
    return null;
  }
  // What was opened last mostly has the highest number, and the others need not be looked at.
  const left = descriptors.toSorted((a, b) => a - b);
  const seen = new Set<string>();
  return (file) => {
    while (!seen.has(identityOf(file))) {
      const next = left.pop();
      if (next === undefined) return false;
      try {
        seen.add(identityOf(fstatSync(next)));
      } catch {
        // That of the listing itself, which is closed by now.
      }
    }
    return true;
  };
};

/**
 * Looks again and again whether the file that stands at the path is still the one that was opened; throws `UNSAFE_FILE` where it is not,
 * since what is written to one that nobody finds any more is lost, and what others write is never seen.
 */
export const refuseAnotherLater = (path: string): (() => void) => {
  const identity = () => {
    const stats = statOf(path);
    return stats === null ? null : identityOf(stats);
  };
  const opened = identity();
  return () => {
    if (identity() === opened) return;
    throw unsafe(
      `${basename(path)} was exchanged or removed while this process had it open: end the process, and start it again`,
    );
  };
};

const identityOf = ({ dev, ino }: Stats): string => `${dev}:${ino}`;

const unsafe = (problem: string) => new Database.SqliteError(problem, 'UNSAFE_FILE');

const kindOf = (stats: Stats): string => {
  if (stats.isSymbolicLink()) return 'a symlink, which is not followed';
  return stats.isDirectory() ? 'a directory' : 'not a regular file';
};

/** Null: nothing is there. What may not be looked at may not be opened either. */
const statOf = (path: string): Stats | null => {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) ?? null;
  } catch (problem) {
    if (isCoded(problem, 'ENOTDIR')) return null;
    throw new Database.SqliteError(
      problem instanceof Error ? problem.message : String(problem),
      'SQLITE_PERM',
    );
  }
};

/** Tells whether a file may be written. One that is not there keeps nobody from it: others remove what is beside a database as they close it. */
const mayWrite = (path: string): boolean => {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch (problem) {
    // Whatever else keeps us from it: reading a copy is what is left.
    return isCoded(problem, 'ENOENT');
  }
};

const isCoded = (problem: unknown, code: string): boolean =>
  problem instanceof Error && 'code' in problem && problem.code === code;
