import { randomUUID } from 'node:crypto';
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { Lock, Locks } from '../../ports/locks.js';
import type { NoWorkingSpace, WorkingSpaces } from '../../ports/working-spaces.js';
import { giveDirectories } from './files/given-to-owner.js';
import { chmodUnopened } from './files/node-file-attributes.js';

/**
 * Working spaces in a directory: `<uuid>`, made after its lock `<uuid>.lock` was taken and removed before that is let
 * go. So a directory whose lock nobody holds is a dead process's. A lock without a directory may be somebody's who is
 * about to make it, and stays. Where another user could exchange what is at a path, nothing is made or removed there: this
 * user's own directory among the system's temporary files takes its place.
 */
export const nodeWorkingSpaces = (
  locks: Locks,
  couldBeExchanged: (path: string) => boolean = () => false,
): WorkingSpaces => ({
  use: (root, use) => async () => {
    const isSafe = !couldBeExchanged(`${root}/entry`);
    const space =
      (isSafe ? makeIn(locks, root) : null) ?? makeAmongOwn(locks, couldBeExchanged) ?? makeElsewhere();
    if (isLeft(space)) return space;
    try {
      return await use(space.right.directory)();
    } finally {
      space.right.remove();
    }
  },
  sweep: (root) => () => {
    const own = ownTemporary(couldBeExchanged);
    const roots = [...(couldBeExchanged(`${root}/entry`) ? [] : [root]), ...(own === null ? [] : [own])];
    const swept = roots.flatMap((at) => spacesIn(at).filter((name) => removeIfAbandoned(locks, at, name)));
    if (own !== null) removeIfEmpty(own);
    return swept.length;
  },
});

/** The place of this user's directory among the system's temporary files; null where users have no numbers. */
const ownPlace = (): string | null => {
  const user = process.getuid?.();
  return user === undefined ? null : join(tmpdir(), `pond-queries-${user}`);
};

/** The directory at that place, if it is there; one that somebody else has put there, or may look into, is not. */
const ownTemporary = (couldBeExchanged: (path: string) => boolean): string | null => {
  const path = ownPlace();
  if (path === null) return null;
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined || !stats.isDirectory() || stats.uid !== process.getuid?.()) return null;
  return (stats.mode & OF_OTHERS) !== 0 || couldBeExchanged(`${path}/entry`) ? null : path;
};

const OF_OTHERS = 0o077;

const makeAmongOwn = (
  locks: Locks,
  couldBeExchanged: (path: string) => boolean,
): Either<never, Space> | null => {
  const place = ownPlace();
  if (place === null) return null;
  try {
    mkdirSync(place, { mode: 0o700 });
  } catch {
    // It is there, or cannot be made: that is seen next.
  }
  const root = ownTemporary(couldBeExchanged);
  const made = root === null ? null : makeIn(locks, root);
  if (root === null || made === null || isLeft(made)) return made;
  const { directory, remove } = made.right;
  return right({
    directory,
    remove: () => {
      remove();
      removeIfEmpty(root);
    },
  });
};

/** Removes a directory with nothing in it; whoever is about to make something there finds another place. */
const removeIfEmpty = (directory: string): void => {
  try {
    rmdirSync(directory);
  } catch {
    // Another query of this user has something there.
  }
};

/** None where it may not be looked at: then there is nothing to remove either. */
const spacesIn = (root: string): readonly string[] => {
  try {
    return isRealDirectory(root) ? readdirSync(root).filter((name) => SPACE.test(name)) : [];
  } catch {
    return [];
  }
};

const SPACE = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

interface Space {
  readonly directory: string;
  readonly remove: () => void;
}

/** Null where nothing may be made there; what reads a file's name as a pattern would not find it below such a name either. */
const makeIn = (locks: Locks, root: string): Either<never, Space> | null => {
  if (/[*?[\]{}]/.test(root)) return null;
  try {
    const made = mkdirSync(root, { mode: 0o700, recursive: true });
    if (made !== undefined && isShared(dirname(root))) chmodUnopened(root, FOR_GROUP);
    if (made !== undefined) giveDirectories(made, root);
    if (!isRealDirectory(root)) return null;
    const directory = join(root, randomUUID());
    const lock = locks.tryAcquire(`${directory}.lock`)();
    if (isLeft(lock) || lock.right === null) return null;
    return makeLocked(locks, directory, lock.right);
  } catch {
    // A read-only medium, another user's pond, a full disk: the system's temporary files are the other place.
    return null;
  }
};

/** Tells whether the owner of a directory shares it with its group, whose members make their own spaces then. */
const isShared = (directory: string): boolean => (lstatSync(directory).mode & SHARED) === SHARED;

const SHARED = 0o2020;
const FOR_GROUP = 0o2770;

const makeLocked = (locks: Locks, directory: string, lock: Lock): Either<never, Space> => {
  const remove = () => {
    rmSync(directory, { recursive: true, force: true });
    lock.release();
    locks.remove(`${directory}.lock`)();
  };
  try {
    mkdirSync(directory, { mode: 0o700 });
    giveDirectories(directory, directory);
  } catch (problem) {
    remove();
    throw problem;
  }
  return right({ directory, remove });
};

const makeElsewhere = (): Either<NoWorkingSpace, Space> => {
  try {
    const directory = mkdtempSync(join(tmpdir(), 'pond-query-'));
    return right({ directory, remove: () => rmSync(directory, { recursive: true, force: true }) });
  } catch (problem) {
    const code = problem instanceof Error && 'code' in problem ? String(problem.code) : 'EIO';
    return left({ _tag: 'NoWorkingSpace', path: tmpdir(), code });
  }
};

const removeIfAbandoned = (locks: Locks, root: string, name: string): boolean => {
  const path = join(root, name);
  const lock = locks.tryAcquire(`${path}.lock`)();
  if (isLeft(lock) || lock.right === null) return false;
  try {
    rmSync(path, { recursive: true, force: true });
    return true;
  } catch {
    // It takes up room and nothing else; the next command tries again.
    return false;
  } finally {
    lock.right.release();
    locks.remove(`${path}.lock`)();
  }
};

/** A link could lead to somebody's files. */
const isRealDirectory = (path: string): boolean =>
  lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
