import { closeSync, constants, existsSync, fstatSync } from 'node:fs';
import { codeOf, fileSystemError } from './node-file-errors.js';
import { lstatIfThere, openSync, readlinkSync } from './path-bytes.js';

/*
 * Linux has calls that name an entry by an open directory, Node has not: but `/proc/PID/fd/N/name` is that entry, whatever
 * has become of the directory's own path. So who has walked to a directory once, through directories only, works in it and
 * nowhere else, even if somebody exchanges what is on the way.
 */

/** Linux's flag for a descriptor that only names a directory: it needs no right to list it. */
const O_PATH = 0o10000000;
const DIRECTORY = O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW;
const PROCESS = '/proc/self';

/** Directories that are open at once, at most, besides those that are in use: a quarter of what a process may have open by default. */
const MOST_OPEN = 256;

/** Tells whether entries can be named by open directories here. */
export const canHoldDirectories = (): boolean => process.platform === 'linux' && existsSync(`${PROCESS}/fd`);

/** A place that stays what it is until it is let go of. */
export interface Lease {
  readonly place: string;
  readonly end: () => void;
}

/** Directories that were walked to. */
export interface HeldDirectories {
  /** An entry, whatever it is, by its directory. */
  readonly entry: (path: string) => Lease;
  /** A directory itself. */
  readonly directory: (path: string) => Lease;
  /** A directory was removed, or has another name: what is at its path from now on is another one. */
  readonly forget: (path: string) => void;
  readonly close: () => void;
}

interface Held {
  readonly file: number;
  users: number;
  /** Number of the use that was its last. */
  usedAt: number;
}

/** A path that was walked to leads to the same directory ever after: another one in its place is `ESTALE`. */
export const holdDirectories = (): HeldDirectories => {
  // The process by its number: the link `self` would be followed for each entry, which is a third of what such a name costs.
  const descriptors = `/proc/${readlinkSync(PROCESS)}/fd`;
  const held = new Map<string, Held>();
  let uses = 0;
  const identities = new Map<string, string>();

  const letGo = (path: string, { file }: Held): void => {
    held.delete(path);
    closeSync(file);
  };

  const keep = (path: string, file: number): Held => {
    const kept = { file, users: 0, usedAt: uses };
    held.set(path, kept);
    while (held.size > MOST_OPEN) {
      const oldest = leastRecentlyUsed(kept);
      if (oldest === null) break;
      letGo(...oldest);
    }
    return kept;
  };

  /** Null where all are in use, but for the one that is left out. */
  const leastRecentlyUsed = (leftOut: Held): readonly [string, Held] | null => {
    let oldest: readonly [string, Held] | null = null;
    for (const one of held) {
      const [, { users, usedAt }] = one;
      if (users > 0 || one[1] === leftOut) continue;
      if (oldest === null || usedAt < oldest[1].usedAt) oldest = one;
    }
    return oldest;
  };

  const step = (within: Held, path: string): Held => {
    const place = `${descriptors}/${within.file}/${nameOf(path)}`;
    const file = openDirectory(place);
    const { dev, ino } = fstatSync(file, { bigint: true });
    const identity = `${dev}:${ino}`;
    const before = identities.get(path);
    if (before !== undefined && before !== identity) {
      closeSync(file);
      throw fileSystemError('open', path, 'ESTALE');
    }
    identities.set(path, identity);
    return keep(path, file);
  };

  const walkTo = (directory: string): Held => {
    uses += 1;
    const current = held.get(directory) ?? walkDownTo(directory);
    current.usedAt = uses;
    return current;
  };

  const walkDownTo = (directory: string): Held => {
    const missing: string[] = [];
    let at = directory;
    while (at !== '/' && !held.has(at)) {
      missing.push(at);
      at = parentOf(at);
    }
    let current = held.get(at) ?? keep('/', openSync('/', DIRECTORY));
    current.usedAt = uses;
    for (const path of missing.toReversed()) {
      const within = current;
      within.users += 1;
      try {
        current = step(within, path);
      } finally {
        within.users -= 1;
      }
    }
    return current;
  };

  const lease = (directory: string, name: string): Lease => {
    const used = walkTo(directory);
    used.users += 1;
    return {
      place: `${descriptors}/${used.file}${name}`,
      end: () => {
        used.users -= 1;
      },
    };
  };

  return {
    entry: (path) => (path === '/' ? lease('/', '') : lease(parentOf(path), `/${nameOf(path)}`)),
    directory: (path) => lease(path, ''),
    forget: (path) => {
      if (!identities.has(path)) return;
      for (const known of identities.keys()) {
        if (known !== path && !known.startsWith(`${path}/`)) continue;
        identities.delete(known);
        const open = held.get(known);
        if (open !== undefined) letGo(known, open);
      }
    },
    close: () => {
      for (const [path, open] of held) letGo(path, open);
      identities.clear();
    },
  };
};

/** The same for calls that have nothing to do with each other: each walks by itself, and what is at a path may be another directory by then. */
export const walkedAnew = (): HeldDirectories => {
  const anew = (take: (directories: HeldDirectories) => Lease): Lease => {
    const directories = holdDirectories();
    try {
      return { ...take(directories), end: directories.close };
    } catch (error) {
      directories.close();
      throw error;
    }
  };
  return {
    entry: (path) => anew((directories) => directories.entry(path)),
    directory: (path) => anew((directories) => directories.directory(path)),
    forget: () => undefined,
    close: () => undefined,
  };
};

/** A symlink is told as one. */
const openDirectory = (place: string): number => {
  try {
    return openSync(place, DIRECTORY);
  } catch (error) {
    const isLink = codeOf(error) === 'ENOTDIR' && lstatIfThere(place)?.isSymbolicLink() === true;
    throw isLink ? fileSystemError('open', place, 'ELOOP') : error;
  }
};

const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/')) || '/';

/** The last name; one that would lead elsewhere is not one. */
const nameOf = (path: string): string => {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (name === '' || name === '.' || name === '..') throw fileSystemError('open', path, 'EINVAL');
  return name;
};
