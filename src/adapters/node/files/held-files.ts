import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import type { IOEither } from 'fp-ts/lib/IOEither.js';
import type { FileSystemError, HeldFiles, HostFileSystem } from '../../../ports/file-system.js';
import { canHoldDirectories, type HeldDirectories, holdDirectories, walkedAnew } from './held-directories.js';
import { nodeFileSystem } from './node-file-system.js';
import { onPlace, onPlaces, streamOf, type Take } from './reached-places.js';

/**
 * The host's filesystem for one piece of work: on Linux everything is reached from directories that were opened one by one,
 * through no symlink, and another directory in the place of one that was used is `ESTALE`. Elsewhere it is the
 * filesystem as it is. Paths are absolute and normalised.
 */
export const holdNodeFiles = (): HeldFiles => {
  if (!canHoldDirectories()) return { files: nodeFileSystem, release: () => undefined };
  const directories = holdDirectories();
  return { files: heldFiles(nodeFileSystem, directories), release: directories.close };
};

/** The same filesystem, each of whose calls reaches its entries from directories that it has opened one by one, through no symlink. */
export const reachedAnew = (files: HostFileSystem): HostFileSystem =>
  canHoldDirectories() ? heldFiles(files, walkedAnew()) : files;

const heldFiles = (files: HostFileSystem, directories: HeldDirectories): HostFileSystem => {
  const { entry, directory } = directories;
  const at = (call: string, path: string) => onPlace(entry, call, path);
  const inside = (call: string, path: string) => onPlace(directory, call, path);
  const both =
    (call: string, from: string, to: string) =>
    (use: (from: string, to: string) => IOEither<FileSystemError, void>): IOEither<FileSystemError, void> =>
      at(call, from)((source) => at(call, to)((target) => use(source, target)));

  return {
    readFile: (path) => at('open', path)(files.readFile),
    readRange: (path, offset, length, room) =>
      at('open', path)((place) => files.readRange(place, offset, length, room)),
    writeNewFile: (path, content, durability) =>
      at('open', path)((place) => files.writeNewFile(place, content, durability)),
    writeNewFiles: (made, synced) =>
      onPlaces('open', [
        ...made.map(({ path }) => ({ path, take: entry })),
        ...synced.map((path) => ({ path, take: directory })),
      ])((places) =>
        files.writeNewFiles(
          made.map(({ content }, index) => ({ path: places[index] ?? '', content })),
          places.slice(made.length),
        ),
      ),
    streamToNewFile: (path, content, as) =>
      onPlaces('open', [{ path, take: entry }])(([place = '']) => files.streamToNewFile(place, content, as)),
    streamFile: (path) => streamOf(entry, 'open', path, files.streamFile),
    stat: (path) => at('lstat', path)(files.stat),
    readDirectory: (path) => inside('scandir', path)(files.readDirectory),
    makeDirectories: (path, mode) => () => makeDirectories(files, directories, path, mode),
    rename: (from, to) => forgetting(directories, from, both('rename', from, to)(files.rename)),
    link: (from, to) => both('link', from, to)(files.link),
    remove: (path) => at('unlink', path)(files.remove),
    realPath: files.realPath,
    fsyncFile: (path) => at('fsync', path)(files.fsyncFile),
    fsyncDirectory: (path) => inside('fsync', path)(files.fsyncDirectory),
    lstat: (path) => at('lstat', path)(files.lstat),
    mountPoints: files.mountPoints,
    access: (path, rights) => at('access', path)((place) => files.access(place, rights)),
    readLink: (path) => at('readlink', path)(files.readLink),
    makeDirectory: (path, mode) => at('mkdir', path)((place) => files.makeDirectory(place, mode)),
    removeDirectory: (path) => forgetting(directories, path, at('rmdir', path)(files.removeDirectory)),
    createFile: (path, content, as) => at('open', path)((place) => files.createFile(place, content, as)),
    copyFile: (from, to, as) =>
      onPlaces('open', [
        { path: from, take: entry },
        { path: to, take: entry },
      ])(([source = '', target = '']) => files.copyFile(source, target, as)),
    symlink: (target, path) => at('symlink', path)((place) => files.symlink(target, place)),
    giveLink: (path, owner) => at('lchown', path)((place) => files.giveLink(place, owner)),
    removeFile: (path) => at('unlink', path)(files.removeFile),
    chmod: (path, mode) => at('chmod', path)((place) => files.chmod(place, mode)),
    chmodUnopened: (path, mode) => at('chmod', path)((place) => files.chmodUnopened(place, mode)),
    setModifiedAt: (path, modifiedAt) =>
      at('utimes', path)((place) => files.setModifiedAt(place, modifiedAt)),
  };
};

/** Down from the root, so that each directory is looked for in one that was just found. */
const makeDirectories = (
  files: HostFileSystem,
  { entry, directory }: HeldDirectories,
  path: string,
  mode: number | undefined,
): Either<FileSystemError, string | null> => {
  let topmost: string | null = null;
  for (let end = path.indexOf('/', 1); ; end = path.indexOf('/', end + 1)) {
    const next = end < 0 ? path : path.slice(0, end);
    // Nothing is in a directory that was made just now.
    const there = topmost === null ? isThere(directory, next) : right(false);
    if (isLeft(there)) return there;
    if (!there.right) {
      const bits = end < 0 ? mode : undefined;
      const made = onPlace(entry, 'mkdir', next)((place) => files.makeDirectories(place, bits))();
      if (isLeft(made)) return made;
      topmost ??= next;
    }
    if (end < 0) return right(topmost);
  }
};

const isThere = (directory: Take, path: string): Either<FileSystemError, boolean> => {
  const found = onPlace(directory, 'mkdir', path)(() => () => right(true))();
  return isLeft(found) && found.left.code === 'ENOENT' ? right(false) : found;
};

/** Forgets a directory once the call has succeeded: what is at its path afterwards is another one, or none. */
const forgetting =
  (
    directories: HeldDirectories,
    path: string,
    done: IOEither<FileSystemError, void>,
  ): IOEither<FileSystemError, void> =>
  () => {
    const result = done();
    if (!isLeft(result)) directories.forget(path);
    return result;
  };
