import { closeSync, constants, existsSync, fstatSync } from 'node:fs';
import { codeOf, fileSystemError } from './node-file-errors.js';
import { type OpenDirectory, openDirectories } from './open-directories.js';
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

/** A path that was walked to leads to the same directory ever after: another one in its place is `ESTALE`. */
export const holdDirectories = (): HeldDirectories => {
  // The process by its number: the link `self` would be followed for each entry, which is a third of what such a name costs.
  const descriptors = `/proc/${readlinkSync(PROCESS)}/fd`;
  const open = openDirectories();
  /** Device and inode of each directory that was ever walked to, by its path. */
  const identities = new Map<string, string>();

  const step = (within: OpenDirectory, path: string): OpenDirectory => {
    const place = `${descriptors}/${within.file}/${nameOf(path)}`;
    const file = openPlace(place);
    const { dev, ino } = fstatSync(file, { bigint: true });
    const identity = `${dev}:${ino}`;
    const before = identities.get(path);
    if (before !== undefined && before !== identity) {
      closeSync(file);
      throw fileSystemError('open', path, 'ESTALE');
    }
    identities.set(path, identity);
    return open.keep(path, file);
  };

  const walkTo = (directory: string): OpenDirectory => {
    const missing: string[] = [];
    let at = directory;
    let nearest = open.use(at);
    while (nearest === null && at !== '/') {
      missing.push(at);
      at = parentOf(at);
      nearest = open.use(at);
    }
    let current = nearest ?? open.keep('/', openSync('/', DIRECTORY));
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
        open.letGo(known);
      }
    },
    close: () => {
      open.letAllGo();
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
const openPlace = (place: string): number => {
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
