import { type Either, isLeft, mapLeft } from 'fp-ts/lib/Either.js';
import type { IOEither } from 'fp-ts/lib/IOEither.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { FileSystem, FileSystemError, HostFileSystem } from '../../ports/file-system.js';
import { type Confinement, inConfinement } from './confinement.js';

type Locate = (call: string, path: string) => Either<FileSystemError, string>;

/** Files of which those in a pond's `data` and `control` are reached as a {@link Confinement} says. */
export const confinedFiles = (files: FileSystem, confinement: Confinement): FileSystem => {
  const { locate, locateDirectory } = confinement;

  const within =
    (find: Locate, call: string, path: string) =>
    <A>(use: (place: string) => IOEither<FileSystemError, A>): IOEither<FileSystemError, A> =>
    () => {
      if (!confinement.isInside(path)) return use(path)();
      const place = find(call, path);
      if (isLeft(place)) return place;
      return mapLeft((error: FileSystemError) => inConfinement(files, error, path, place.right))(
        use(place.right)(),
      );
    };

  const withinTask =
    (call: string, path: string) =>
    <A>(use: (place: string) => TaskEither<FileSystemError, A>): TaskEither<FileSystemError, A> =>
    async () => {
      if (!confinement.isInside(path)) return use(path)();
      const place = locate(call, path);
      if (isLeft(place)) return place;
      return mapLeft((error: FileSystemError) => inConfinement(files, error, path, place.right))(
        await use(place.right)(),
      );
    };

  const both = (
    call: string,
    [from, to]: readonly [string, string],
    use: (from: string, to: string) => IOEither<FileSystemError, void>,
  ): IOEither<FileSystemError, void> =>
    within(locate, call, from)((source) => within(locate, call, to)((target) => use(source, target)));

  async function* streamFile(path: string): AsyncGenerator<Uint8Array> {
    if (!confinement.isInside(path)) {
      yield* files.streamFile(path);
      return;
    }
    const place = locate('open', path);
    if (isLeft(place)) throw place.left;
    try {
      yield* files.streamFile(place.right);
    } catch (error) {
      throw isFileSystemError(error) ? inConfinement(files, error, path, place.right) : error;
    }
  }

  return {
    readFile: (path) => within(locate, 'open', path)(files.readFile),
    readRange: (path, offset, length, room) =>
      within(locate, 'open', path)((place) => files.readRange(place, offset, length, room)),
    writeNewFile: (path, content, durability) =>
      within(locate, 'open', path)((place) => files.writeNewFile(place, content, durability)),
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
      return files.writeNewFiles(places, synced)();
    },
    streamToNewFile: (path, content, as) =>
      withinTask('open', path)((place) => files.streamToNewFile(place, content, as)),
    streamFile,
    stat: (path) => within(locate, 'lstat', path)(files.stat),
    readDirectory: (path) => within(locateDirectory, 'readdir', path)(files.readDirectory),
    makeDirectories: (path) => within(locateDirectory, 'mkdir', path)(files.makeDirectories),
    rename: (from, to) => both('rename', [from, to], files.rename),
    link: (from, to) => both('link', [from, to], files.link),
    remove: (path) => within(locate, 'unlink', path)(files.remove),
    realPath: (path) => within(locateDirectory, 'realpath', path)(files.realPath),
    fsyncFile: (path) => within(locate, 'fsync', path)(files.fsyncFile),
    fsyncDirectory: (path) => within(locateDirectory, 'fsync', path)(files.fsyncDirectory),
  };
};

/** The same of the calls that only {@link HostFileSystem} has. */
export const confinedHostFiles = (files: HostFileSystem, confinement: Confinement): HostFileSystem => {
  const at =
    <A>(call: string, path: string, use: (place: string) => IOEither<FileSystemError, A>) =>
    (): Either<FileSystemError, A> => {
      const place = confinement.locate(call, path);
      return isLeft(place) ? place : use(place.right)();
    };
  return {
    ...confinedFiles(files, confinement),
    lstat: (path) => at('lstat', path, files.lstat),
    mountPoints: files.mountPoints,
    access: (path, rights) => at('access', path, (place) => files.access(place, rights)),
    readLink: (path) => at('readlink', path, files.readLink),
    makeDirectory: (path, mode) => at('mkdir', path, (place) => files.makeDirectory(place, mode)),
    removeDirectory: (path) => at('rmdir', path, files.removeDirectory),
    createFile: (path, content, as) => at('open', path, (place) => files.createFile(place, content, as)),
    copyFile: (from, to, as) => async () => {
      const source = confinement.locate('open', from);
      if (isLeft(source)) return source;
      const target = confinement.locate('open', to);
      return isLeft(target) ? target : files.copyFile(source.right, target.right, as)();
    },
    symlink: (target, path) => at('symlink', path, (place) => files.symlink(target, place)),
    giveLink: (path, owner) => at('lchown', path, (place) => files.giveLink(place, owner)),
    removeFile: (path) => at('unlink', path, files.removeFile),
    chmod: (path, mode) => at('chmod', path, (place) => files.chmod(place, mode)),
    chmodUnopened: (path, mode) => at('chmod', path, (place) => files.chmodUnopened(place, mode)),
    setModifiedAt: (path, modifiedAt) =>
      at('utimes', path, (place) => files.setModifiedAt(place, modifiedAt)),
  };
};

const isFileSystemError = (error: unknown): error is FileSystemError =>
  typeof error === 'object' &&
  error !== null &&
  '_tag' in error &&
  (error._tag === 'FileSystemError' || error._tag === 'UnsafeFile');
