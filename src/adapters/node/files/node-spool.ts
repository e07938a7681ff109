import { closeSync, constants, openSync, read, unlinkSync, write } from 'node:fs';
import { promisify } from 'node:util';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { v4 } from 'uuid';
import type { FileSystemError } from '../../../ports/file-system.js';
import type { Spool } from '../../../ports/spool.js';
import { failed } from './node-file-errors.js';
import { CHUNK } from './node-file-writing.js';

const NEW = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

const readInBackground = promisify(read);
const writeInBackground = promisify(write);

/** Keeps a content in a file that has no name any more before its first byte: a process that dies leaves nothing. */
export const nodeSpool: Spool = (directory, content) =>
  TE.tryCatch(
    async () => {
      const path = `${directory}/.incoming-${v4()}`;
      const file = openSync(path, NEW, 0o600);
      try {
        unlinkSync(path);
        let size = 0;
        for await (const chunk of content) {
          for (let at = 0; at < chunk.length; ) {
            const { bytesWritten } = await writeInBackground(file, chunk, at, chunk.length - at, size + at);
            at += bytesWritten;
          }
          size += chunk.length;
        }
        return { size, bytes: chunksOf(file, directory), discard: () => closeSync(file) };
      } catch (error) {
        closeSync(file);
        throw error;
      }
    },
    failed('write', directory),
  );

async function* chunksOf(file: number, directory: string): AsyncGenerator<Uint8Array> {
  for (let at = 0; ; ) {
    const chunk = new Uint8Array(CHUNK);
    const { bytesRead } = await readInBackground(file, chunk, 0, CHUNK, at).catch((error: unknown): never => {
      const failure: FileSystemError = failed('read', directory)(error);
      throw failure;
    });
    if (bytesRead === 0) return;
    at += bytesRead;
    yield chunk.subarray(0, bytesRead);
  }
}
