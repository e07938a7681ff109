import { closeSync, constants, fstatSync, fsyncSync, read, readSync } from 'node:fs';
import { promisify } from 'node:util';
import { type AccessRight, type HostFileSystem, LARGEST_WHOLE_FILE } from '../../../ports/file-system.js';
import { MOUNTS, mountPoints } from './mount-points.js';
import { chmod, chmodUnopened, giveLink, makeDirectory, setModifiedAt } from './node-file-attributes.js';
import { copyFile } from './node-file-copying.js';
import { attempt, codeOf, failed, fileSystemError } from './node-file-errors.js';
import { openRegular } from './node-file-opening.js';
import { entryStatOf, statOf } from './node-file-stat.js';
import { CHUNK, createFile, streamToNewFile, writeNewFile, writeNewFiles } from './node-file-writing.js';
import {
  accessSync,
  linkSync,
  mkdirAllSync,
  openSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
} from './path-bytes.js';

/** The host's filesystem by `node:fs`. */
export const nodeFileSystem: HostFileSystem = {
  readFile: (path) => attempt('read', path, () => readFile(path)),
  readRange: (path, offset, length, room) =>
    attempt('read', path, () => readRange(path, offset, length, room)),
  writeNewFile: (path, content, durability = 'durable') =>
    attempt('write', path, () => writeNewFile(path, content, durability)),
  writeNewFiles,
  streamToNewFile,
  streamFile,
  stat: (path) => () => statOf(path),
  readDirectory: (path) => attempt('readdir', path, () => readdirSync(path)),
  makeDirectories: (path, mode = DIRECTORY_MODE) =>
    attempt('mkdir', path, () => mkdirAllSync(path, mode, DIRECTORY_MODE)),
  rename: (from, to) => attempt('rename', from, () => renameSync(from, to)),
  link: (from, to) => attempt('link', to, () => linkSync(from, to)),
  remove: (path) => attempt('unlink', path, () => removeIfThere(path)),
  fsyncFile: (path) => attempt('fsync', path, () => synced(openRegular(path))),
  fsyncDirectory: (path) => attempt('fsync', path, () => synced(openSync(path, DIRECTORY))),

  lstat: (path) => () => entryStatOf(path),
  mountPoints: () => attempt('read', MOUNTS, mountPoints),
  access: (path, rights) => attempt('access', path, () => accessSync(path, accessMode(rights))),
  realPath: (path) => attempt('realpath', path, () => realpathSync(path)),
  readLink: (path) => attempt('readlink', path, () => readlinkSync(path)),
  makeDirectory: (path, mode) => attempt('mkdir', path, () => makeDirectory(path, mode)),
  removeDirectory: (path) => attempt('rmdir', path, () => rmdirSync(path)),
  createFile: (path, content, as) => attempt('write', path, () => createFile(path, content, as)),
  copyFile,
  symlink: (target, path) => attempt('symlink', path, () => symlinkSync(target, path)),
  giveLink: (path, owner) => attempt('lchown', path, () => giveLink(path, owner)),
  removeFile: (path) => attempt('unlink', path, () => unlinkSync(path)),
  chmod: (path, mode) => attempt('chmod', path, () => chmod(path, mode)),
  chmodUnopened: (path, mode) => attempt('chmod', path, () => chmodUnopened(path, mode)),
  setModifiedAt: (path, modifiedAt) => attempt('lutime', path, () => setModifiedAt(path, modifiedAt)),
};

/** Nobody else may write what is made, whatever the umask lets through. */
const DIRECTORY_MODE = 0o755;

const ACCESS: Readonly<Record<AccessRight, number>> = {
  read: constants.R_OK,
  write: constants.W_OK,
  search: constants.X_OK,
};

function accessMode(rights: readonly AccessRight[]): number {
  return rights.reduce((mode, right) => mode | ACCESS[right], constants.F_OK);
}

/** A pipe in a directory's place would keep the process until somebody opens its other end. */
const DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY;

function readFile(path: string): Uint8Array {
  const file = openRegular(path);
  try {
    const { size } = fstatSync(file);
    if (size > LARGEST_WHOLE_FILE) throw fileSystemError('read', path, 'EFBIG');
    // What says that it has no bytes may have some: files of /proc do.
    return filledFrom(file, 0, new Uint8Array(size === 0 ? CHUNK : size));
  } finally {
    closeSync(file);
  }
}

function readRange(path: string, offset: number, length: number, room?: Uint8Array): Uint8Array {
  const file = openRegular(path);
  try {
    if (room !== undefined) return filledFrom(file, offset, room.subarray(0, length));
    // Whoever asks for very much mostly sets a limit.
    const there = length > CHUNK ? Math.max(fstatSync(file).size - offset, CHUNK) : length;
    return filledFrom(file, offset, new Uint8Array(Math.min(length, there)));
  } finally {
    closeSync(file);
  }
}

/** The bytes of `bytes` that the file has, read into it. */
function filledFrom(file: number, offset: number, bytes: Uint8Array): Uint8Array {
  let filled = 0;
  while (filled < bytes.length) {
    const count = readSync(file, bytes, filled, bytes.length - filled, offset + filled);
    if (count === 0) break;
    filled += count;
  }
  return bytes.subarray(0, filled);
}

function removeIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}

function synced(file: number): void {
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

const readInBackground = promisify(read);

/** Bytes that are asked for at least. */
const LEAST_ROOM = 4 * 1024;

async function* streamFile(path: string): AsyncGenerator<Uint8Array> {
  const guarded = <A>(call: string, body: () => A): A => {
    try {
      return body();
    } catch (error) {
      throw failed(call, path)(error);
    }
  };
  const file = guarded('open', () => openRegular(path));
  try {
    const { size } = guarded('fstat', () => fstatSync(file));
    for (let at = 0; ; ) {
      // Most files are small: no more is asked for than there seems to be, with room to see that there is no more; and of one that
      // has grown, or does not say how long it is, more each time.
      const room = Math.min(CHUNK, Math.max(Math.abs(size - at), LEAST_ROOM));
      const chunk = new Uint8Array(room);
      const { bytesRead } = await readInBackground(file, chunk, 0, room, null).catch((error: unknown) => {
        throw failed('read', path)(error);
      });
      if (bytesRead === 0) return;
      at += bytesRead;
      yield chunk.subarray(0, bytesRead);
    }
  } finally {
    closeSync(file);
  }
}
