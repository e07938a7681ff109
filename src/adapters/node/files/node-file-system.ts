import {
  accessSync,
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  promises,
  readdirSync,
  readFileSync,
  readSync,
  realpathSync,
  renameSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
} from 'node:fs';
import type { AccessRight, HostFileSystem } from '../../../ports/file-system.js';
import { chmod, makeDirectory, readLink, setModifiedAt } from './node-file-attributes.js';
import { copyFile } from './node-file-copying.js';
import { attempt, codeOf, failed } from './node-file-errors.js';
import { entryStatOf, statOf } from './node-file-stat.js';
import { CHUNK, createFile, streamToNewFile, writeNewFile, writeNewFiles } from './node-file-writing.js';

/** The host's filesystem by `node:fs`. */
export const nodeFileSystem: HostFileSystem = {
  readFile: (path) => attempt('read', path, () => readFileSync(path)),
  readRange: (path, offset, length) => attempt('read', path, () => readRange(path, offset, length)),
  writeNewFile: (path, content) => attempt('write', path, () => writeNewFile(path, content)),
  writeNewFiles,
  streamToNewFile,
  streamFile,
  stat: (path) => () => statOf(path),
  readDirectory: (path) => attempt('readdir', path, () => readdirSync(path)),
  makeDirectories: (path) => attempt('mkdir', path, () => mkdirSync(path, { recursive: true }) ?? null),
  rename: (from, to) => attempt('rename', from, () => renameSync(from, to)),
  link: (from, to) => attempt('link', to, () => linkSync(from, to)),
  remove: (path) => attempt('unlink', path, () => removeIfThere(path)),
  fsyncFile: (path) => attempt('fsync', path, () => fsyncPath(path)),
  fsyncDirectory: (path) => attempt('fsync', path, () => fsyncPath(path)),

  lstat: (path) => () => entryStatOf(path),
  access: (path, rights) => attempt('access', path, () => accessSync(path, accessMode(rights))),
  realPath: (path) => attempt('realpath', path, () => realpathSync.native(path)),
  readLink: (path) => attempt('readlink', path, () => readLink(path)),
  makeDirectory: (path, mode) => attempt('mkdir', path, () => makeDirectory(path, mode)),
  removeDirectory: (path) => attempt('rmdir', path, () => rmdirSync(path)),
  createFile: (path, content, as) => attempt('write', path, () => createFile(path, content, as)),
  copyFile,
  symlink: (target, path) => attempt('symlink', path, () => symlinkSync(target, path)),
  removeFile: (path) => attempt('unlink', path, () => unlinkSync(path)),
  chmod: (path, mode) => attempt('chmod', path, () => chmod(path, mode)),
  setModifiedAt: (path, modifiedAt) => attempt('lutime', path, () => setModifiedAt(path, modifiedAt)),
};

const ACCESS: Readonly<Record<AccessRight, number>> = {
  read: constants.R_OK,
  write: constants.W_OK,
  search: constants.X_OK,
};

function accessMode(rights: readonly AccessRight[]): number {
  return rights.reduce((mode, right) => mode | ACCESS[right], constants.F_OK);
}

/** A pipe answers at once that it has no ranges, instead of keeping the process until somebody opens its other end. */
const RANGE = constants.O_RDONLY | constants.O_NONBLOCK;

function readRange(path: string, offset: number, length: number): Uint8Array {
  const file = openSync(path, RANGE);
  try {
    // Whoever asks for very much mostly sets a limit.
    const there = length > CHUNK ? Math.max(fstatSync(file).size - offset, CHUNK) : length;
    const bytes = new Uint8Array(Math.min(length, there));
    let filled = 0;
    while (filled < bytes.length) {
      const read = readSync(file, bytes, filled, bytes.length - filled, offset + filled);
      if (read === 0) break;
      filled += read;
    }
    return bytes.subarray(0, filled);
  } finally {
    closeSync(file);
  }
}

function removeIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}

function fsyncPath(path: string): void {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

async function* streamFile(path: string): AsyncGenerator<Uint8Array> {
  const guarded = async <A>(call: string, body: () => Promise<A>): Promise<A> => {
    try {
      return await body();
    } catch (error) {
      throw failed(call, path)(error);
    }
  };
  const file = await guarded('open', () => promises.open(path, 'r'));
  try {
    for (;;) {
      const chunk = new Uint8Array(CHUNK);
      const { bytesRead } = await guarded('read', () => file.read(chunk, 0, CHUNK));
      if (bytesRead === 0) return;
      yield chunk.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}
