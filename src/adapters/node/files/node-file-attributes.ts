import { closeSync, constants, fchmodSync, fchownSync, fstatSync } from 'node:fs';
import type { Owner } from '../../../ports/file-system.js';
import { codeOf, fileSystemError } from './node-file-errors.js';
import {
  chmodSync,
  lchownSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  openSync,
  rmdirSync,
} from './path-bytes.js';

/** A directory may inherit this bit from its parent, and keeps it. */
const SET_GROUP = 0o2000;

/** The umask has taken bits away, or nothing: what is missing is set on the directory that was just made. */
export const makeDirectory = (path: string, mode: number): void => {
  mkdirSync(path, mode);
  try {
    const made = lstatSync(path).mode & 0o7777;
    const wanted = mode | (made & SET_GROUP);
    if (made !== wanted) chmod(path, wanted);
  } catch (error) {
    rmdirSync(path);
    throw error;
  }
};

/** Linux has no `chmod` that spares symlinks; an open file cannot be exchanged for one. */
export const chmod = (path: string, mode: number): void => {
  const file = openToChange(path);
  if (file === null) {
    chmodSync(path, mode);
    return;
  }
  try {
    fchmodSync(file, mode);
  } finally {
    closeSync(file);
  }
};

/** Linux's flag for a descriptor that only names a file; Node has no name for it. Closing one drops no lock. */
const O_PATH = 0o10000000;

/** A symlink is refused; only on systems without descriptors that merely name a file one could still be put there meanwhile. */
export const chmodUnopened = (path: string, mode: number): void => {
  if (lstatSync(path).isSymbolicLink()) throw fileSystemError('chmod', path, 'ELOOP');
  if (process.platform !== 'linux') {
    chmodSync(path, mode);
    return;
  }
  const named = openSync(path, O_PATH | constants.O_NOFOLLOW);
  try {
    if (fstatSync(named).isSymbolicLink()) throw fileSystemError('chmod', path, 'ELOOP');
    chmodSync(`/proc/self/fd/${named}`, mode);
  } finally {
    closeSync(named);
  }
};

/** Null: its owner, who may not read it. Only here a symlink could still be put into its place before the call. */
const openToChange = (path: string): number | null => {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (codeOf(error) !== 'EACCES' || lstatSync(path).isSymbolicLink()) throw error;
    return null;
  }
};

/**
 * Node takes seconds as a floating-point number, which is about a quarter of a microsecond coarse today, and on its
 * way to the kernel it is cut off, in Node 20 to whole microseconds, in Node 24 to nanoseconds: so the next try is a
 * little later, or earlier.
 */
const TRIES = [0.25, 0.5, 0, 0.75, -0.25, -0.5];

/** Sets the time, and keeps the time of the last access. */
export const setModifiedAt = (path: string, modifiedAt: number): void => {
  if (!(modifiedAt >= 0)) throw fileSystemError('lutime', path, 'EINVAL');
  const accessed = lstatSync(path).atimeMs / 1000;
  for (const more of TRIES) {
    lutimesSync(path, accessed, (modifiedAt + more) / 1e6);
    if (Math.round(lstatSync(path).mtimeMs * 1000) === modifiedAt) return;
  }
};

const SET_USER = 0o4000;

/** Gives an open file to its owner where that is wanted and may be, and sets the bits that it may have then. */
export const setOwnerAndMode = (file: number, mode: number, owner: Owner | undefined): void => {
  if (owner?.give === true) giveAway((user, group) => fchownSync(file, user, group), owner);
  fchmodSync(file, owner === undefined ? mode : mode & ~borrowed(fstatSync(file), owner));
};

/** The same of a symlink, which has no bits of its own. */
export const giveLink = (path: string, owner: Omit<Owner, 'give'>): void =>
  giveAway((user, group) => lchownSync(path, user, group), owner);

/** Bits that would let whoever runs the file act as somebody who never gave them. */
const borrowed = (made: { readonly uid: number; readonly gid: number }, { user, group }: Owner): number =>
  (made.uid === user ? 0 : SET_USER) | (made.gid === group ? 0 : SET_GROUP);

/** A group of one's own is kept even where the owner cannot be. */
const giveAway = (
  give: (user: number, group: number) => void,
  { user, group }: Omit<Owner, 'give'>,
): void => {
  const mayNot = (change: () => void): boolean => {
    try {
      change();
      return false;
    } catch (error) {
      if (!NOT_ALLOWED.has(codeOf(error) ?? '')) throw error;
      return true;
    }
  };
  if (mayNot(() => give(user, group))) mayNot(() => give(SAME, group));
};

/** Errors that a process hears that is not root, or on a filesystem that knows no owners. */
const NOT_ALLOWED: ReadonlySet<string> = new Set(['EPERM', 'EINVAL', 'ENOSYS', 'EOPNOTSUPP']);
/** The number that leaves a file's owner as it is. */
const SAME = 0xffffffff;
