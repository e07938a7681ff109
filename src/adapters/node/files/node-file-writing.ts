import { closeSync, fsync, fsyncSync, writeSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { FileSystemError, NewContent, NewFile } from '../../../ports/file-system.js';
import { setOwnerAndMode } from './node-file-attributes.js';
import { failed } from './node-file-errors.js';
import { openInBackground, openSync, unlinkSync } from './path-bytes.js';
import { sparseWriter } from './sparse-writing.js';

/** Bytes that are handed to, or asked from, the operating system at once. */
export const CHUNK = 1024 * 1024;

/** Modes that nobody else may write, whatever the umask lets through. */
const NEW_FILE_MODE = 0o644;

/** Something that is done with a file that was just made at a path, while it is open and empty. */
export type OnMade = (file: number, path: string) => void;

const nothingMore: OnMade = () => undefined;

/** Makes a file with the bits that the umask leaves of `0644`; a durable one is that with its content. */
export const writeNewFile = (
  path: string,
  content: Uint8Array,
  durability: 'durable' | 'relaxed',
  onMade = nothingMore,
): void =>
  withNewFile(path, NEW_FILE_MODE, (file) => {
    onMade(file, path);
    writeAll(file, content);
    if (durability === 'durable') fsyncSync(file);
  });

/** Makes files like `writeNewFile`, and directories' entries durable; waits for all of it at once. */
export const writeNewFiles = (
  files: readonly NewContent[],
  directories: readonly string[],
  onMade = nothingMore,
): TaskEither<FileSystemError, void> =>
  TE.tryCatch(
    async () => {
      const made: string[] = [];
      const open: OpenFile[] = [];
      const opened = (path: string, flags: string): number => {
        const file = onPath(path, 'open', () => openSync(path, flags, NEW_FILE_MODE));
        open.push({ path, file });
        return file;
      };
      try {
        for (const { path, content } of files) {
          const file = opened(path, 'wx');
          made.push(path);
          onMade(file, path);
          onPath(path, 'write', () => writeAll(file, content));
        }
        for (const path of directories) opened(path, 'r');
        await allSynced(open);
      } catch (error) {
        // They are ours, and not to be relied on.
        for (const path of made) unlinkSync(path);
        throw error;
      } finally {
        for (const { file } of open) closeSync(file);
      }
    },
    failed('write', files[0]?.path ?? ''),
  );

interface OpenFile {
  readonly path: string;
  readonly file: number;
}

/**
 * Waits for all before it rejects: a file that is still being synced must not be closed. One alone is synced here rather than by another
 * thread, which would have to be woken first; of several all are, so that the caller goes on meanwhile.
 */
const allSynced = async (open: readonly OpenFile[]): Promise<void> => {
  const sync = open.length === 1 ? syncHere : syncInBackground;
  const outcomes = await Promise.allSettled(
    open.map(({ path, file }) => sync(file).catch((error) => Promise.reject(failed('fsync', path)(error)))),
  );
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
};

const syncInBackground = promisify(fsync);

const syncHere = async (file: number): Promise<void> => fsyncSync(file);

/** Names this path in every error of the work. */
const onPath = <A>(path: string, call: string, body: () => A): A => {
  try {
    return body();
  } catch (error) {
    throw failed(call, path)(error);
  }
};

/** Makes a file with exactly these bits: they are set on the open file, which nobody can have exchanged. */
export const createFile = (path: string, content: Uint8Array, { mode, fsync, owner }: NewFile): void =>
  withNewFile(path, mode & 0o777, (file) => {
    writeAll(file, content);
    // Last: writing takes the set-user-ID bit away.
    setOwnerAndMode(file, mode, owner);
    if (fsync) fsyncSync(file);
  });

const withNewFile = (path: string, mode: number, write: (file: number) => void): void => {
  const file = openSync(path, 'wx', mode);
  try {
    write(file);
  } catch (error) {
    // The file is ours and half written: nobody must take it for a whole one.
    unlinkSync(path);
    throw error;
  } finally {
    closeSync(file);
  }
};

const writeAll = (file: number, content: Uint8Array): void => {
  let written = 0;
  while (written < content.length) written += writeSync(file, content, written, content.length - written);
};

/**
 * An error that the source throws is not one of this file: it is rejected with, untouched, after the
 * half-written file is removed.
 */
export const streamToNewFile = (
  path: string,
  content: AsyncIterable<Uint8Array>,
  as?: NewFile,
  onMade = nothingMore,
): TaskEither<FileSystemError, void> =>
  TE.tryCatch(
    async () => {
      const file = await openInBackground(path, 'wx', as === undefined ? NEW_FILE_MODE : as.mode & 0o600);
      try {
        // Before anything is in it, so that nobody reads it who may not; bits that writing takes away are not given here.
        if (as === undefined) onMade(file.fd, path);
        else setOwnerAndMode(file.fd, as.mode, as.owner);
        await writeStream(file, content);
        if (as?.fsync !== false) await file.sync();
      } catch (error) {
        unlinkSync(path);
        throw error;
      } finally {
        await file.close();
      }
    },
    failed('write', path),
  );

/** Gathers small chunks, so that a stream of lines does not become a system call per line. */
const writeStream = async (file: FileHandle, content: AsyncIterable<Uint8Array>): Promise<void> => {
  const sparse = sparseWriter({
    write: async (bytes, position) => (await file.write(bytes, 0, bytes.length, position)).bytesWritten,
    truncate: (size) => file.truncate(size),
  });
  // Most contents are small: there is room for what has come, and not for a whole chunk from the beginning.
  let gathered = new Uint8Array(0);
  let filled = 0;
  for await (const chunk of content) {
    if (filled + chunk.length > CHUNK) {
      await sparse.add(gathered.subarray(0, filled));
      filled = 0;
    }
    if (chunk.length >= CHUNK) {
      await sparse.add(chunk);
    } else {
      // Copied, because a source may reuse its buffer for its next chunk.
      if (filled + chunk.length > gathered.length) gathered = withRoom(gathered, filled + chunk.length);
      gathered.set(chunk, filled);
      filled += chunk.length;
    }
  }
  await sparse.add(gathered.subarray(0, filled));
  await sparse.end();
};

/** The same bytes with room for `size`, and for as many again up to a chunk. */
const withRoom = (bytes: Uint8Array, size: number): Uint8Array<ArrayBuffer> => {
  const room = new Uint8Array(bytes.length === 0 ? size : Math.min(CHUNK, 2 * size));
  room.set(bytes);
  return room;
};
