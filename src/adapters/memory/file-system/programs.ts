import type { NewContent, NewFile } from '../../../ports/file-system.js';
import * as contents from './contents.js';
import * as entries from './entries.js';
import { isFileSystemError, type Kernel, refuse } from './kernel.js';
import type { FileNode } from './nodes.js';

/*
 * Calls of the port that are several system calls, in the same order as the node adapter makes them: so a fault, or
 * the end of power, between two of them finds what it would find on a real disk.
 */

/** Bytes that are copied at once. */
const CHUNK = 1024 * 1024;
const SET_GROUP = 0o2000;

export const writeNewFile = (
  kernel: Kernel,
  path: string,
  content: Uint8Array,
  durability: 'durable' | 'relaxed',
): void =>
  withNewFile(kernel, path, 0o644, (file) => {
    contents.append(kernel, path, file, content);
    if (durability === 'durable') contents.fsync(kernel, path, file);
  });

export const writeNewFiles = async (
  kernel: Kernel,
  files: readonly NewContent[],
  directories: readonly string[],
): Promise<void> => {
  const made: { readonly path: string; readonly file: FileNode }[] = [];
  try {
    for (const { path, content } of files) {
      const file = entries.create(kernel, path, 0o644);
      made.push({ path, file });
      contents.append(kernel, path, file, content);
    }
    for (const { path, file } of made) contents.fsync(kernel, path, file);
    for (const path of directories) {
      contents.fsync(kernel, path, contents.open(kernel, path, { follow: true }));
    }
  } catch (error) {
    for (const { path } of made) entries.unlink(kernel, path);
    throw error;
  }
};

export const createFile = (kernel: Kernel, path: string, content: Uint8Array, as: NewFile): void =>
  withNewFile(kernel, path, as.mode, (file) => {
    contents.append(kernel, path, file, content);
    contents.fchmod(kernel, path, file, as.mode);
    if (as.fsync) contents.fsync(kernel, path, file);
  });

const withNewFile = (kernel: Kernel, path: string, mode: number, write: (file: FileNode) => void): void => {
  const file = entries.create(kernel, path, mode);
  try {
    write(file);
  } catch (error) {
    entries.unlink(kernel, path);
    throw error;
  }
};

export const streamToNewFile = async (
  kernel: Kernel,
  path: string,
  content: AsyncIterable<Uint8Array>,
  as?: NewFile,
): Promise<void> => {
  const file = entries.create(kernel, path, as?.mode ?? 0o644);
  try {
    if (as !== undefined) contents.fchmod(kernel, path, file, as.mode);
    for await (const chunk of content) contents.append(kernel, path, file, chunk);
    if (as?.fsync !== false) contents.fsync(kernel, path, file);
  } catch (error) {
    entries.unlink(kernel, path);
    throw error;
  }
};

export const copyFile = async (kernel: Kernel, from: string, to: string, as: NewFile): Promise<void> => {
  const source = contents.open(kernel, from, { follow: false });
  if (source.kind === 'directory') return refuse({ name: 'read', path: from }, 'EISDIR');
  const file = entries.create(kernel, to, as.mode);
  try {
    for (let offset = 0; ; offset += CHUNK) {
      const chunk = contents.read(kernel, from, source, { offset, length: CHUNK });
      // Others have their turn, as they have during a copy on a real disk.
      await Promise.resolve();
      if (chunk.length === 0) break;
      contents.append(kernel, to, file, chunk);
    }
    contents.fchmod(kernel, to, file, as.mode);
    if (as.fsync) contents.fsync(kernel, to, file);
  } catch (error) {
    entries.unlink(kernel, to);
    throw error;
  }
};

export async function* streamFile(kernel: Kernel, path: string): AsyncGenerator<Uint8Array> {
  const file = contents.open(kernel, path, { follow: false });
  for (let offset = 0; ; offset += CHUNK) {
    const chunk = contents.read(kernel, path, file, { offset, length: CHUNK });
    if (chunk.length === 0) return;
    yield chunk;
  }
}

export const removeIfThere = (kernel: Kernel, path: string): void => {
  try {
    entries.unlink(kernel, path);
  } catch (error) {
    if (!isFileSystemError(error) || error.code !== 'ENOENT') throw error;
  }
};

/** Node's way: down from the path to the first directory that is there, and up again. */
export const makeDirectories = (kernel: Kernel, path: string, mode = 0o755): string | null => {
  const waiting = [path];
  let topmost: string | null = null;
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    try {
      entries.mkdir(kernel, next, next === path ? mode : 0o755);
      topmost ??= next;
    } catch (error) {
      if (!isFileSystemError(error)) throw error;
      if (error.code === 'ENOENT') waiting.push(next, next.slice(0, next.lastIndexOf('/')) || '/');
      else if (error.code !== 'EEXIST') throw { ...error, path };
      else passDirectory(kernel, next, path, waiting.length > 0);
    }
  }
  return topmost;
};

/** The path is taken: fine when a directory has it. */
const passDirectory = (kernel: Kernel, taken: string, path: string, isParent: boolean): void => {
  const call = { name: 'mkdir', path };
  try {
    if (contents.isDirectory(kernel, taken)) return;
  } catch (error) {
    if (!isFileSystemError(error)) throw error;
    refuse(call, error.code);
  }
  refuse(call, isParent ? 'ENOTDIR' : 'EEXIST');
};

export const makeDirectory = (kernel: Kernel, path: string, mode: number): void => {
  entries.mkdir(kernel, path, mode);
  try {
    const made = contents.lstat(kernel, path).mode;
    const wanted = mode | (made & SET_GROUP);
    if (made !== wanted) chmod(kernel, path, wanted);
  } catch (error) {
    entries.rmdir(kernel, path);
    throw error;
  }
};

/** Goes by the open file, so that no symlink is followed; by the path where its owner may not open it. */
export const chmod = (kernel: Kernel, path: string, mode: number): void => {
  try {
    contents.fchmod(kernel, path, contents.open(kernel, path, { follow: false }), mode);
  } catch (error) {
    if (!isFileSystemError(error) || error.call !== 'open' || error.code !== 'EACCES') throw error;
    if (contents.lstat(kernel, path).kind === 'symlink') throw error;
    contents.chmod(kernel, path, mode);
  }
};

export const setModifiedAt = (kernel: Kernel, path: string, modifiedAt: number): void => {
  if (!(modifiedAt >= 0)) refuse({ name: 'lutime', path }, 'EINVAL');
  // For the time of the last access, which is kept.
  contents.lstat(kernel, path);
  contents.lutime(kernel, path, modifiedAt);
};
