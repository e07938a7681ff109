import * as fs from 'node:fs';
import { promisify } from 'node:util';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { FileSystemError, NewFile } from '../../../ports/file-system.js';
import { setOwnerAndMode } from './node-file-attributes.js';
import { failed, fileSystemError } from './node-file-errors.js';
import { CHUNK } from './node-file-writing.js';
import { openSync, unlinkSync } from './path-bytes.js';
import { sparseWriter } from './sparse-writing.js';

// Opening and asking are done at once, in microseconds; only what may take long goes through the pool of threads.
const read = promisify(fs.read);
const write = promisify(fs.write);
const fsync = promisify(fs.fsync);
const truncate = promisify(fs.ftruncate);

/** Flags that refuse a symlink and the wait for a pipe's other end: both would lead away from the file that was named. */
const SOURCE = fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW | fs.constants.O_NONBLOCK;

/** Copies a regular file to a new one. Each error names the end at which it happened. */
export const copyFile = (from: string, to: string, as: NewFile): TaskEither<FileSystemError, void> =>
  TE.tryCatch(
    async () => {
      const source = openSource(from);
      try {
        await fill(source, from, to, as);
      } finally {
        fs.closeSync(source);
      }
    },
    failed('write', to),
  );

const openSource = (path: string): number =>
  at('open', path, () => {
    const file = openSync(path, SOURCE);
    const stats = fs.fstatSync(file);
    if (stats.isFile()) return file;
    fs.closeSync(file);
    throw fileSystemError('read', path, stats.isDirectory() ? 'EISDIR' : 'EINVAL');
  });

const fill = async (source: number, from: string, to: string, as: NewFile): Promise<void> => {
  const file = openSync(to, 'wx', as.mode & 0o777);
  const sparse = sparseWriter({
    write: async (bytes, position) => (await write(file, bytes, 0, bytes.length, position)).bytesWritten,
    truncate: (size) => truncate(file, size),
  });
  try {
    const chunk = new Uint8Array(Math.min(CHUNK, fs.fstatSync(source).size + 1));
    for (;;) {
      const { bytesRead } = await read(source, chunk, 0, chunk.length, null).catch(rethrown('read', from));
      if (bytesRead === 0) break;
      await sparse.add(chunk.subarray(0, bytesRead));
    }
    await sparse.end();
    // Last: writing takes the set-user-ID bit away.
    setOwnerAndMode(file, as.mode, as.owner);
    if (as.fsync) await fsync(file);
  } catch (error) {
    // The file is ours and half written: nobody must take it for a whole one.
    unlinkSync(to);
    throw error;
  } finally {
    fs.closeSync(file);
  }
};

const at = <A>(call: string, path: string, body: () => A): A => {
  try {
    return body();
  } catch (error) {
    throw failed(call, path)(error);
  }
};

const rethrown =
  (call: string, path: string) =>
  (error: unknown): never => {
    throw failed(call, path)(error);
  };
