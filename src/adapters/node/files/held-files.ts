import { type Either, isLeft, left, mapLeft, right } from 'fp-ts/lib/Either.js';
import type { IOEither } from 'fp-ts/lib/IOEither.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { FileSystemError, HeldFiles, HostFileSystem } from '../../../ports/file-system.js';
import {
  canHoldDirectories,
  type HeldDirectories,
  holdDirectories,
  type Lease,
  walkedAnew,
} from './held-directories.js';
import { failed } from './node-file-errors.js';
import { nodeFileSystem } from './node-file-system.js';

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

type Take = HeldDirectories['entry'];

const heldFiles = (files: HostFileSystem, directories: HeldDirectories): HostFileSystem => {
  const leased =
    (take: Take, call: string, path: string) =>
    <A>(use: (place: string) => IOEither<FileSystemError, A>): IOEither<FileSystemError, A> =>
    () => {
      const lease = taken(take, call, path);
      if (isLeft(lease)) return lease;
      try {
        const done = use(lease.right.place)();
        // Names are put together where there is an error only: a plan makes tens of thousands of calls.
        return isLeft(done) ? left(about([[lease.right.place, path]])(done.left)) : done;
      } finally {
        lease.right.end();
      }
    };
  const at = (call: string, path: string) => leased(directories.entry, call, path);
  const inside = (call: string, path: string) => leased(directories.directory, call, path);

  const several =
    (call: string, wanted: readonly { readonly path: string; readonly take: Take }[]) =>
    <A>(use: (places: readonly string[]) => TaskEither<FileSystemError, A>): TaskEither<FileSystemError, A> =>
    async () => {
      const leases: Lease[] = [];
      try {
        for (const { path, take } of wanted) {
          const lease = taken(take, call, path);
          if (isLeft(lease)) return lease;
          leases.push(lease.right);
        }
        const names = leases.map(({ place }, index) => [place, wanted[index]?.path ?? place] as const);
        return mapLeft(about(names))(await use(leases.map(({ place }) => place))());
      } finally {
        for (const { end } of leases) end();
      }
    };

  const both =
    (call: string, from: string, to: string) =>
    (use: (from: string, to: string) => IOEither<FileSystemError, void>): IOEither<FileSystemError, void> =>
      at(call, from)((source) => at(call, to)((target) => use(source, target)));

  /** Down from the root, so that each directory is looked for in one that was just found. */
  const makeDirectories = (path: string): Either<FileSystemError, string | null> => {
    let topmost: string | null = null;
    for (let end = path.indexOf('/', 1); ; end = path.indexOf('/', end + 1)) {
      const next = end < 0 ? path : path.slice(0, end);
      const there = topmost === null ? inside('mkdir', next)(() => () => right(undefined))() : null;
      if (there !== null && isLeft(there) && there.left.code !== 'ENOENT') return there;
      if (there === null || isLeft(there)) {
        const made = at('mkdir', next)((place) => files.makeDirectories(place))();
        if (isLeft(made)) return made;
        topmost ??= next;
      }
      if (end < 0) return right(topmost);
    }
  };

  async function* streamFile(path: string): AsyncGenerator<Uint8Array> {
    const lease = taken(directories.entry, 'open', path);
    if (isLeft(lease)) throw lease.left;
    try {
      yield* files.streamFile(lease.right.place);
    } catch (error) {
      throw isFileSystemError(error) ? about([[lease.right.place, path]])(error) : error;
    } finally {
      lease.right.end();
    }
  }

  const forgetting =
    (path: string) =>
    (done: Either<FileSystemError, void>): Either<FileSystemError, void> => {
      if (!isLeft(done)) directories.forget(path);
      return done;
    };

  return {
    readFile: (path) => at('open', path)(files.readFile),
    readRange: (path, offset, length, room) =>
      at('open', path)((place) => files.readRange(place, offset, length, room)),
    writeNewFile: (path, content, durability) =>
      at('open', path)((place) => files.writeNewFile(place, content, durability)),
    writeNewFiles: (made, synced) =>
      several('open', [
        ...made.map(({ path }) => ({ path, take: directories.entry })),
        ...synced.map((path) => ({ path, take: directories.directory })),
      ])((places) =>
        files.writeNewFiles(
          made.map(({ content }, index) => ({ path: places[index] ?? '', content })),
          places.slice(made.length),
        ),
      ),
    streamToNewFile: (path, content, as) =>
      several('open', [{ path, take: directories.entry }])(([place = '']) =>
        files.streamToNewFile(place, content, as),
      ),
    streamFile,
    stat: (path) => at('lstat', path)(files.stat),
    readDirectory: (path) => inside('scandir', path)(files.readDirectory),
    makeDirectories: (path) => () => makeDirectories(path),
    rename: (from, to) => () => forgetting(from)(both('rename', from, to)(files.rename)()),
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
    removeDirectory: (path) => () => forgetting(path)(at('rmdir', path)(files.removeDirectory)()),
    createFile: (path, content, as) => at('open', path)((place) => files.createFile(place, content, as)),
    copyFile: (from, to, as) =>
      several('open', [
        { path: from, take: directories.entry },
        { path: to, take: directories.entry },
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

/** Reports what stands in the way as an error about the path that was to be reached. */
const taken = (take: Take, call: string, path: string): Either<FileSystemError, Lease> => {
  try {
    return right(take(path));
  } catch (error) {
    const failure = failed(call, path)(error);
    return left({ ...failure, path });
  }
};

/** An error about the path as it was named. */
const about =
  (names: readonly (readonly [place: string, path: string])[]) =>
  (error: FileSystemError): FileSystemError => {
    const named = names.find(([place]) => place === error.path);
    return named === undefined ? error : { ...error, path: named[1] };
  };

const isFileSystemError = (error: unknown): error is FileSystemError =>
  typeof error === 'object' && error !== null && '_tag' in error && error._tag === 'FileSystemError';
