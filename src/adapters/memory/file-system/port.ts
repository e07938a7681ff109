import { left, right } from 'fp-ts/lib/Either.js';
import type { IOEither } from 'fp-ts/lib/IOEither.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { FileSystemError, HostFileSystem } from '../../../ports/file-system.js';
import * as contents from './contents.js';
import * as entries from './entries.js';
import { isFileSystemError, type Kernel } from './kernel.js';
import {
  chmod,
  copyFile,
  createFile,
  makeDirectories,
  makeDirectory,
  removeIfThere,
  setModifiedAt,
  streamFile,
  streamToNewFile,
  writeNewFile,
  writeNewFiles,
} from './programs.js';
import { rename } from './rename.js';

/** The whole port by the system calls of a kernel. */
export const memoryPort = (kernel: Kernel): HostFileSystem => ({
  readFile: (path) => attempt(() => readRange(kernel, path, 0, Number.POSITIVE_INFINITY)),
  readRange: (path, offset, length) => attempt(() => readRange(kernel, path, offset, length)),
  writeNewFile: (path, content, durability = 'durable') =>
    attempt(() => writeNewFile(kernel, path, content, durability)),
  writeNewFiles: (files, directories) => attemptTask(() => writeNewFiles(kernel, files, directories)),
  streamToNewFile: (path, content, as) => attemptTask(() => streamToNewFile(kernel, path, content, as)),
  streamFile: (path) => streamFile(kernel, path),
  stat: (path) =>
    attempt(() => {
      const { kind, size, mode, modifiedAt } = contents.lstat(kernel, path);
      return { kind, size, mode, modifiedAt };
    }),
  readDirectory: (path) => attempt(() => contents.scandir(kernel, path)),
  makeDirectories: (path, mode) => attempt(() => makeDirectories(kernel, path, mode)),
  rename: (from, to) => attempt(() => rename(kernel, from, to)),
  link: (from, to) => attempt(() => entries.link(kernel, from, to)),
  remove: (path) => attempt(() => removeIfThere(kernel, path)),
  fsyncFile: (path) => attempt(() => contents.fsync(kernel, path, contents.openRegular(kernel, path))),
  fsyncDirectory: (path) => attempt(() => contents.fsync(kernel, path, contents.openDirectory(kernel, path))),

  lstat: (path) => attempt(() => contents.lstat(kernel, path)),
  mountPoints: () => attempt(() => contents.mountPoints(kernel)),
  access: (path, rights) => attempt(() => contents.access(kernel, path, rights)),
  realPath: (path) => attempt(() => contents.realpath(kernel, path)),
  readLink: (path) => attempt(() => contents.readlink(kernel, path)),
  makeDirectory: (path, mode) => attempt(() => makeDirectory(kernel, path, mode)),
  removeDirectory: (path) => attempt(() => entries.rmdir(kernel, path)),
  createFile: (path, content, as) => attempt(() => createFile(kernel, path, content, as)),
  copyFile: (from, to, as) => attemptTask(() => copyFile(kernel, from, to, as)),
  symlink: (target, path) => attempt(() => entries.symlink(kernel, target, path)),
  giveLink: (path) => attempt(() => entries.lchown(kernel, path)),
  removeFile: (path) => attempt(() => entries.unlink(kernel, path)),
  chmod: (path, mode) => attempt(() => chmod(kernel, path, mode)),
  chmodUnopened: (path, mode) => attempt(() => chmod(kernel, path, mode)),
  setModifiedAt: (path, modifiedAt) => attempt(() => setModifiedAt(kernel, path, modifiedAt)),
});

const readRange = (kernel: Kernel, path: string, offset: number, length: number): Uint8Array => {
  const node = contents.openRegular(kernel, path);
  return length === 0 ? new Uint8Array(0) : contents.read(kernel, path, node, { offset, length });
};

export const attempt =
  <A>(body: () => A): IOEither<FileSystemError, A> =>
  () => {
    try {
      return right(body());
    } catch (error) {
      if (!isFileSystemError(error)) throw error;
      return left(error);
    }
  };

const attemptTask =
  <A>(body: () => Promise<A>): TaskEither<FileSystemError, A> =>
  async () => {
    try {
      return right(await body());
    } catch (error) {
      if (!isFileSystemError(error)) throw error;
      return left(error);
    }
  };
