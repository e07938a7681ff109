import { isLeft } from 'fp-ts/lib/Either.js';
import { stagedBlob, tableLayout } from '../tlogfs/table-layout.js';
import type { Bucket } from './bucket.js';

/** Copies of blobs that were just sent, made while nobody waits for them. */
export interface LaterCopies {
  /** Keeps a blob. Where that is not possible, or more wait than memory is for, it is fetched when it is wanted. */
  readonly keepBlob: (digest: string, content: Uint8Array) => void;
  /** Resolves once the copy of that path is there, or will not be; at once where none is being made. */
  readonly made: (path: string) => Promise<void>;
  /** Resolves once none is being made. */
  readonly all: () => Promise<void>;
}

/** Bytes of blobs that wait to be copied at most. */
const MOST_WAITING = 64 * 1024 * 1024;

/** Copies one blob after another, each durable before it gets its name: what has the name is taken for whole. */
export const laterCopies = ({
  files,
  ids,
  dataDir,
  giveWay,
}: Pick<Bucket, 'files' | 'ids' | 'dataDir' | 'giveWay'>): LaterCopies => {
  const layout = tableLayout(dataDir);
  const making = new Map<string, Promise<void>>();
  let last: Promise<void> = Promise.resolve();
  let waiting = 0;

  const make = async (digest: string, content: Uint8Array): Promise<void> => {
    await giveWay();
    const path = layout.blob(digest);
    for (const directory of [layout.stagingDir, layout.blobDir(digest)]) files.makeDirectories(directory)();
    const staged = layout.staged(stagedBlob(ids.uuidV7(), 1));
    const written = await files.streamToNewFile(staged, whole(content))();
    if (!isLeft(written) && isLeft(files.rename(staged, path)())) files.remove(staged)();
  };

  return {
    keepBlob: (digest, content) => {
      const path = layout.blob(digest);
      if (making.has(path) || waiting + content.length > MOST_WAITING) return;
      waiting += content.length;
      last = last.then(() =>
        make(digest, content).finally(() => {
          waiting -= content.length;
          making.delete(path);
        }),
      );
      making.set(path, last);
    },
    made: async (path) => making.get(path),
    all: () => last,
  };
};

async function* whole(content: Uint8Array): AsyncGenerator<Uint8Array> {
  yield content;
}
