import { type Either, isLeft, mapLeft } from 'fp-ts/lib/Either.js';
import type { IOEither } from 'fp-ts/lib/IOEither.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { FileSystem, FileSystemError, HostFileSystem } from '../../ports/file-system.js';
import { type Confinement, inConfinement } from './confinement.js';

type Locate = (call: string, path: string) => Either<FileSystemError, string>;

/**
 * Files of which those in a pond's `data` and `control` are reached as a {@link Confinement} says, and by the filesystem `inside`, which
 * is given real paths.
 */
export const confinedFiles = (
  files: FileSystem,
  confinement: Confinement,
  inside: FileSystem = files,
): FileSystem => {
  const { locate, locateDirectory, isInside } = confinement;

  const within =
    (find: Locate, call: string, path: string) =>
    <A>(use: (place: string, by: FileSystem) => IOEither<FileSystemError, A>): IOEither<FileSystemError, A> =>
    () => {
      if (!isInside(path)) return use(path, files)();
      const place = find(call, path);
      if (isLeft(place)) return place;
      return mapLeft((error: FileSystemError) => inConfinement(files, error, path, place.right))(
        use(place.right, inside)(),
      );
    };

  const withinTask =
    (call: string, path: string) =>
    <A>(
      use: (place: string, by: FileSystem) => TaskEither<FileSystemError, A>,
    ): TaskEither<FileSystemError, A> =>
    async () => {
      if (!isInside(path)) return use(path, files)();
      const place = locate(call, path);
      if (isLeft(place)) return place;
      return mapLeft((error: FileSystemError) => inConfinement(files, error, path, place.right))(
        await use(place.right, inside)(),
      );
    };

  const both = (
    call: string,
    [from, to]: readonly [string, string],
    use: (by: FileSystem, from: string, to: string) => IOEither<FileSystemError, void>,
  ): IOEither<FileSystemError, void> =>
    within(locate, call, from)((source) => within(locate, call, to)((target, by) => use(by, source, target)));

  async function* streamFile(path: string): AsyncGenerator<Uint8Array> {
    if (!isInside(path)) {
      yield* files.streamFile(path);
      return;
    }
    const place = locate('open', path);
    if (isLeft(place)) throw place.left;
    try {
      yield* inside.streamFile(place.right);
    } catch (error) {
      throw isFileSystemError(error) ? inConfinement(files, error, path, place.right) : error;
    }
  }

  return {
    readFile: (path) => within(locate, 'open', path)((place, by) => by.readFile(place)),
    readRange: (path, offset, length, room) =>
      within(locate, 'open', path)((place, by) => by.readRange(place, offset, length, room)),
    writeNewFile: (path, content, durability) =>
      within(locate, 'open', path)((place, by) => by.writeNewFile(place, content, durability)),
    writeNewFiles: (made, directories) => async () => {
      const places: { readonly path: string; readonly content: Uint8Array }[] = [];
      for (const { path, content } of made) {
        const place = locate('open', path);
        if (isLeft(place)) return place;
        places.push({ path: place.right, content });
      }
      const synced: string[] = [];
      for (const path of directories) {
        const place = locateDirectory('fsync', path);
        if (isLeft(place)) return place;
        synced.push(place.right);
      }
      const areInside = [...made.map(({ path }) => path), ...directories].every(isInside);
      return (areInside ? inside : files).writeNewFiles(places, synced)();
    },
    streamToNewFile: (path, content, as) =>
      withinTask('open', path)((place, by) => by.streamToNewFile(place, content, as)),
    streamFile,
    stat: (path) => within(locate, 'lstat', path)((place, by) => by.stat(place)),
    readDirectory: (path) => within(locateDirectory, 'readdir', path)((place, by) => by.readDirectory(place)),
    makeDirectories: (path, mode) =>
      within(locateDirectory, 'mkdir', path)((place, by) => by.makeDirectories(place, mode)),
    rename: (from, to) => both('rename', [from, to], (by, source, target) => by.rename(source, target)),
    link: (from, to) => both('link', [from, to], (by, source, target) => by.link(source, target)),
    remove: (path) => within(locate, 'unlink', path)((place, by) => by.remove(place)),
    realPath: (path) => within(locateDirectory, 'realpath', path)((place, by) => by.realPath(place)),
    fsyncFile: (path) => within(locate, 'fsync', path)((place, by) => by.fsyncFile(place)),
    fsyncDirectory: (path) => within(locateDirectory, 'fsync', path)((place, by) => by.fsyncDirectory(place)),
  };
};

/** The same of the calls that only {@link HostFileSystem} has. */
export const confinedHostFiles = (
  files: HostFileSystem,
  confinement: Confinement,
  inside: HostFileSystem = files,
): HostFileSystem => {
  const at =
    <A>(
      call: string,
      path: string,
      use: (place: string, by: HostFileSystem) => IOEither<FileSystemError, A>,
    ) =>
    (): Either<FileSystemError, A> => {
      const place = confinement.locate(call, path);
      return isLeft(place) ? place : use(place.right, confinement.isInside(path) ? inside : files)();
    };
  return {
    ...confinedFiles(files, confinement, inside),
    lstat: (path) => at('lstat', path, (place, by) => by.lstat(place)),
    mountPoints: files.mountPoints,
    access: (path, rights) => at('access', path, (place, by) => by.access(place, rights)),
    readLink: (path) => at('readlink', path, (place, by) => by.readLink(place)),
    makeDirectory: (path, mode) => at('mkdir', path, (place, by) => by.makeDirectory(place, mode)),
    removeDirectory: (path) => at('rmdir', path, (place, by) => by.removeDirectory(place)),
    createFile: (path, content, as) => at('open', path, (place, by) => by.createFile(place, content, as)),
    copyFile: (from, to, as) => async () => {
      const source = confinement.locate('open', from);
      if (isLeft(source)) return source;
      const target = confinement.locate('open', to);
      return isLeft(target) ? target : files.copyFile(source.right, target.right, as)();
    },
    symlink: (target, path) => at('symlink', path, (place, by) => by.symlink(target, place)),
    giveLink: (path, owner) => at('lchown', path, (place, by) => by.giveLink(place, owner)),
    removeFile: (path) => at('unlink', path, (place, by) => by.removeFile(place)),
    chmod: (path, mode) => at('chmod', path, (place, by) => by.chmod(place, mode)),
    chmodUnopened: (path, mode) => at('chmod', path, (place, by) => by.chmodUnopened(place, mode)),
    setModifiedAt: (path, modifiedAt) =>
      at('utimes', path, (place, by) => by.setModifiedAt(place, modifiedAt)),
  };
};

const isFileSystemError = (error: unknown): error is FileSystemError =>
  typeof error === 'object' &&
  error !== null &&
  '_tag' in error &&
  (error._tag === 'FileSystemError' || error._tag === 'UnsafeFile');
