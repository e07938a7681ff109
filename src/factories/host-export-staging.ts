import { createHash } from 'node:crypto';
import { isLeft } from 'fp-ts/lib/Either.js';
import type { FileSystemError, HostFileSystem } from '../ports/file-system.js';
import type { ByteStream } from '../tinyfs/persistence.js';

/** Where contents wait, complete, until the plan moves them to the target. */
export interface ExportStaging {
  /** Writes a content; answers its file and its SHA-256. What the content throws while it is read is thrown. */
  readonly add: (content: ByteStream) => Promise<{ readonly path: string; readonly sha256: string }>;
  /** Takes everything away that is still there. */
  readonly clear: () => void;
}

const FILE_MODE = 0o644;

/** A staging directory of one configuration, emptied of what an earlier attempt left there. */
export const openStaging = (files: HostFileSystem, directory: string): ExportStaging => {
  let count = 0;
  const clear = () => {
    const names = files.readDirectory(directory)();
    if (isLeft(names)) return;
    for (const name of names.right) files.remove(`${directory}/${name}`)();
    files.removeDirectory(directory)();
  };
  clear();
  must(files.makeDirectories(directory)());
  return {
    add: async (content) => {
      count += 1;
      const path = `${directory}/${count}`;
      const hash = createHash('sha256');
      must(await files.streamToNewFile(path, hashing(content, hash))());
      must(files.chmod(path, FILE_MODE)());
      return { path, sha256: hash.digest('hex') };
    },
    clear,
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

const must = (
  done: { readonly _tag: 'Left'; readonly left: FileSystemError } | { readonly _tag: 'Right' },
): void => {
  if (done._tag === 'Left') throw new Error(`${done.left.path}: ${done.left.call} failed: ${done.left.code}`);
};
