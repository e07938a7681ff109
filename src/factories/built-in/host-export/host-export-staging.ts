import { createHash } from 'node:crypto';
import { type Either, isLeft } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { FileSystemError, HostFileSystem } from '../../../ports/file-system.js';
import type { ByteStream } from '../../../tinyfs/persistence.js';

/** Where contents of all of a pond's exports wait. What is in it belongs to the process that put it there. */
export interface StagingPlace {
  /** A path for one more file, or in words why there is none. */
  readonly newPath: () => TaskEither<string, string>;
  /** Removes what processes left that have ended. */
  readonly clearAbandoned: () => void;
}

/** The contents of one attempt. They wait, complete, until the plan moves them. */
export interface ExportStaging {
  /** Writes a content; returns its file and its SHA-256. What the content throws while it is read is thrown. */
  readonly add: (content: ByteStream) => Promise<{ readonly path: string; readonly sha256: string }>;
  /** Removes what is still there. What cannot be removed is abandoned when this process ends. */
  readonly clear: () => void;
}

const FILE_MODE = 0o644;

export const openStaging = (files: HostFileSystem, place: StagingPlace): ExportStaging => {
  const staged: string[] = [];
  return {
    add: async (content) => {
      const found = await place.newPath()();
      if (isLeft(found)) throw new Error(found.left);
      const path = found.right;
      staged.push(path);
      const hash = createHash('sha256');
      must(await files.streamToNewFile(path, hashing(content, hash))());
      must(files.chmod(path, FILE_MODE)());
      return { path, sha256: hash.digest('hex') };
    },
    clear: () => {
      for (const path of staged) files.remove(path)();
    },
  };
};

/** The SHA-256 of a file of the host's; null where there is no regular file. */
export const hashOfHostFile = async (files: HostFileSystem, path: string): Promise<string | null> => {
  const stat = files.stat(path)();
  if (isLeft(stat) || stat.right.kind !== 'file') return null;
  const hash = createHash('sha256');
  for await (const chunk of files.streamFile(path)) hash.update(chunk);
  return hash.digest('hex');
};

async function* hashing(
  content: ByteStream,
  hash: ReturnType<typeof createHash>,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of content) {
    hash.update(chunk);
    yield chunk;
  }
}

const must = (done: Either<FileSystemError, unknown>): void => {
  if (isLeft(done)) throw new Error(`${done.left.path}: ${done.left.call} failed: ${done.left.code}`);
};
