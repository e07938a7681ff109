import { closeSync, constants, fchownSync, fstatSync, readdirSync, readlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { codeOf } from './node-file-errors.js';
import { lstatIfThere, openSync } from './path-bytes.js';

/*
 * What the superuser makes in another user's pond is given to that user, who could not use the pond any more otherwise:
 * `sudo pond` and a container whose volume belongs to somebody would leave directories in which their owner may not write.
 * SQLite does the same with the files that it keeps beside a database. Whose the place is says the directory in which the
 * open file really lies, so that nobody can have something given to him elsewhere. Elsewhere than on Linux nothing is given.
 */

const SUPERUSER = 0;

const isSuperuser = (): boolean => process.platform === 'linux' && process.geteuid?.() === SUPERUSER;

/**
 * Gives a file that this process has just made at a path, and has open, to the owner of the directory that it lies in. In a
 * directory of the superuser's it stays what it is.
 */
export const giveToDirectoryOwner = (file: number, path: string): void => {
  // By what the directory is, where it is named by a descriptor, too.
  if (isSuperuser() && lstatIfThere(`${dirname(path)}/.`)?.uid !== SUPERUSER) give(file);
};

/**
 * The same of directories that were just made: the topmost of them, and all below it on the way to the last one. A new
 * pond is whoever makes it's, wherever that is.
 */
export const giveDirectories = (topmost: string, last: string): void => {
  if (!isSuperuser()) return;
  const names = last.slice(topmost.length).split('/').slice(1);
  if (names.some((name) => OF_A_NEW_POND.has(name))) return;
  let at = topmost;
  for (const name of [...names, null]) {
    giveDirectory(at, name);
    at = `${at}/${name}`;
  }
};

const OF_A_NEW_POND: ReadonlySet<string> = new Set(['data', 'control']);
const DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/** Only one of the superuser's with nothing in it but the next one: any other was put there by somebody meanwhile. */
const giveDirectory = (path: string, next: string | null): void => {
  const file = openSync(path, DIRECTORY);
  try {
    const names = readdirSync(`/proc/self/fd/${file}`);
    if (fstatSync(file).uid === SUPERUSER && names.every((name) => name === next)) give(file);
  } finally {
    closeSync(file);
  }
};

const give = (file: number): void => {
  const owner = lstatIfThere(dirname(readlinkSync(`/proc/self/fd/${file}`)));
  if (owner === undefined || owner.uid === SUPERUSER) return;
  try {
    fchownSync(file, owner.uid, owner.gid);
  } catch (error) {
    // A filesystem without owners, or one on which the superuser is nobody in particular.
    if (!NOT_ALLOWED.has(codeOf(error) ?? '')) throw error;
  }
};

const NOT_ALLOWED: ReadonlySet<string> = new Set(['EPERM', 'EINVAL', 'ENOSYS', 'EOPNOTSUPP']);
