import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { FileSystem, FileSystemError, FoundInstead, UnsafeFile } from '../../ports/file-system.js';

/**
 * Bounds within which a pond's files lie: its directory, and in it `data` and `control`, each of which may be a symlink and is
 * resolved once. Below these two nothing is reached through a symlink, and no name leads out of them. All other paths
 * are left as they are.
 */
export interface Confinement {
  /** Returns where the path leads, with its directories looked at just now; the entry itself is not. */
  readonly locate: (call: string, path: string) => Either<FileSystemError, string>;
  /** The same of a directory: it is one, or there is nothing there yet. */
  readonly locateDirectory: (call: string, path: string) => Either<FileSystemError, string>;
  /** The same of a file that somebody else opens by its path: it is a regular file, or there is nothing there yet. */
  readonly locateFile: (call: string, path: string) => Either<FileSystemError, string>;
  readonly isInside: (path: string) => boolean;
}

/** Directories on the way to a place, as they are named and where they are, from the top. */
type Way = readonly { readonly named: string; readonly place: string }[];

/** Ways that are kept: blobs have 256 directories. */
const MOST_WAYS = 512;

const leadsOut = (name: string): boolean => name === '' || name === '.' || name === '..';

type Looking = Pick<FileSystem, 'stat'>;

/**
 * Follows the symlinks of a path to where it leads, be it there or not; `linkOfAnother` is one that must not be followed. Null where
 * links lead in a circle.
 */
export type Follow = (
  path: string,
) => { readonly place: string; readonly linkOfAnother: string | null } | null;

export const confinement = (files: Looking, directory: string, follow: Follow): Confinement =>
  confinementOf(files, [`${directory}/data`, `${directory}/control`], follow);

/** The same of directories that are all of something, such as that of a store. */
export const confinementOf = (
  files: Looking,
  directories: readonly string[],
  follow: Follow,
): Confinement => {
  const roots = directories.map((path) => ({ path, below: `${path}/`, real: null as string | null }));
  const rootOf = (path: string) => roots.find((root) => path.startsWith(root.below) || path === root.path);

  /** Ways to directories, as they lead from where the roots are by now. */
  const ways = new Map<string, Way | null>();

  /** Resolved when it is first there; what is put in its place later is not followed. */
  const resolved = (call: string, root: (typeof roots)[number]): Either<FileSystemError, string> => {
    if (root.real !== null) return right(root.real);
    const found = files.stat(root.path)();
    if (isLeft(found) && !isMissing(found.left)) return found;
    // Where it leads is found out by one walk, which looks at each link that it follows: another walk could come by other links.
    const led = follow(root.path);
    if (led === null) return unsafe(call, root.path, 'dangling-symlink');
    if (led.linkOfAnother !== null) return unsafe(call, led.linkOfAnother, 'symlink-of-another');
    // Not there yet: `init` is about to make it.
    if (isLeft(found)) return right(led.place);
    const there = files.stat(led.place)();
    if (isLeft(there)) return isMissing(there.left) ? unsafe(call, root.path, 'dangling-symlink') : there;
    const { kind } = there.right;
    if (kind !== 'directory')
      return unsafe(call, root.path, kind === 'symlink' ? 'dangling-symlink' : instead(kind));
    root.real = led.place;
    ways.clear();
    return right(root.real);
  };

  /** The directories from a root to one below it, both included or none; null: a name leads out. Most calls are about the same few. */
  const wayTo = (root: (typeof roots)[number], real: string, directory: string): Way | null => {
    const known = ways.get(directory);
    if (known !== undefined) return known;
    const names = directory === root.path ? [] : directory.slice(root.below.length).split('/');
    const upTo = (from: string, index: number) => [from, ...names.slice(0, index + 1)].join('/');
    const way = names.some(leadsOut)
      ? null
      : names.map((_, index) => ({ named: upTo(root.path, index), place: upTo(real, index) }));
    if (ways.size >= MOST_WAYS) ways.clear();
    ways.set(directory, way);
    return way;
  };

  /** The place with all directories on the way to it looked at, and it too where it is to be one itself. */
  const placeOf = (
    call: string,
    path: string,
    last: 'looked-at' | 'left',
  ): Either<FileSystemError, string> => {
    const root = rootOf(path);
    if (root === undefined) return right(path);
    const real = resolved(call, root);
    if (isLeft(real) || path === root.path) return real;
    const end = path.lastIndexOf('/');
    const name = path.slice(end + 1);
    const way = leadsOut(name) ? null : wayTo(root, real.right, path.slice(0, end));
    if (way === null) return unsafe(call, path, 'outside');
    const place = `${way.at(-1)?.place ?? real.right}/${name}`;
    for (const directory of last === 'left' ? way : [...way, { named: path, place }]) {
      const found = files.stat(directory.place)();
      // What is below something that is missing is missing, too: the call itself says so.
      if (isLeft(found)) break;
      if (found.right.kind !== 'directory') return unsafe(call, directory.named, instead(found.right.kind));
    }
    return right(place);
  };

  return {
    isInside: (path) => rootOf(path) !== undefined,
    locate: (call, path) => placeOf(call, path, 'left'),
    locateDirectory: (call, path) => placeOf(call, path, 'looked-at'),
    locateFile: (call, path) => {
      const place = placeOf(call, path, 'left');
      if (isLeft(place) || rootOf(path) === undefined) return place;
      const found = files.stat(place.right)();
      return isLeft(found) || found.right.kind === 'file'
        ? place
        : unsafe(call, path, instead(found.right.kind));
    },
  };
};

/**
 * The error of a call inside a confinement, about the path as it was named: what the operating system refuses because
 * it is not a regular file is `UnsafeFile`.
 */
export const inConfinement = (
  files: Pick<FileSystem, 'stat'>,
  error: FileSystemError,
  path: string,
  place: string,
): FileSystemError => {
  if (error._tag === 'UnsafeFile') return error;
  if (error.code === 'EFBIG' && error.call === 'read') return unsafeFile(error.call, path, 'too-large');
  if (!REFUSED.has(error.code)) return error.path === place && place !== path ? { ...error, path } : error;
  const found = files.stat(place)();
  if (isLeft(found) || found.right.kind === 'file') return { ...error, path };
  return unsafeFile(error.call, path, instead(found.right.kind));
};

/** Error of opening or removing something that is not a regular file. */
const REFUSED: ReadonlySet<string> = new Set(['ELOOP', 'EISDIR', 'ESPIPE', 'ENXIO', 'ENOTDIR', 'EPERM']);

const instead = (kind: string): FoundInstead =>
  kind === 'symlink' || kind === 'directory' || kind === 'file' ? kind : 'special';

const unsafeFile = (call: string, path: string, found: FoundInstead): UnsafeFile => ({
  _tag: 'UnsafeFile',
  call,
  path,
  code: 'UNSAFE',
  found,
});

const unsafe = (call: string, path: string, found: FoundInstead): Either<FileSystemError, never> =>
  left(unsafeFile(call, path, found));

const isMissing = (error: FileSystemError): boolean => error.code === 'ENOENT';
