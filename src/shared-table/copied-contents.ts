import { basename } from 'node:path';
import { isLeft } from 'fp-ts/lib/Either.js';
import type { FileSystem, FileSystemError } from '../ports/file-system.js';
import { fetchChecked, type Wanted } from '../remotes/pull/fetch-contents.js';
import { blobKey, dataKey } from '../remotes/remote-keys.js';
import { type DataFile, DIGEST_TAG } from '../tlogfs/log/log-entry.js';
import { type TableLayout, tableLayout } from '../tlogfs/table-layout.js';
import { askedIfAny, type Bucket, tableFailureOf } from './bucket.js';
import { type CopiedDataFiles, MOST_TRIES } from './copied-rows.js';

/** Contents of a table that are here, or are fetched when they are wanted. */
export interface CopiedContents {
  readonly dataFiles: CopiedDataFiles;
  /** Files in which a blob that is not here is fetched before it is read. */
  readonly files: FileSystem;
}

interface Hearing {
  /** Resolves once the copy of that path that is being made is there, or will not be. */
  readonly beingMade: (path: string) => Promise<void>;
  /** The store has no such file any more: it was merged away, and the newest version has its rows. */
  readonly onMissing: () => Promise<void>;
  /** Bytes were added to the copy. */
  readonly onFetched: (bytes: number) => void;
}

/** Copies of data files and blobs, each fetched once, with its digest checked, when it is first wanted. */
export const copiedContents = (bucket: Bucket, hearing: Hearing): CopiedContents => {
  const { files, dataDir, store } = bucket;
  const layout = tableLayout(dataDir);
  const fetch = fetchingOnce((wanted) => fetchInto(bucket, layout, hearing, wanted));

  const isHere = (path: string, size: number | null): boolean => {
    const found = files.stat(path)();
    return (
      found._tag === 'Right' && found.right.kind === 'file' && (size === null || found.right.size === size)
    );
  };

  const fetchDataFile = async (file: DataFile): Promise<void> => {
    const path = layout.dataFile(file.path);
    if (isHere(path, file.size)) return;
    const digest = file.tags?.[DIGEST_TAG] ?? null;
    await fetch({ key: dataKey(file.path), size: file.size, digest, path });
  };

  const fetchBlob = async (path: string): Promise<void> => {
    const digest = basename(path);
    await hearing.beingMade(path);
    if (isHere(path, null) || path !== layout.blob(digest) || !/^[0-9a-f]{64}$/.test(digest)) return;
    const info = await askedIfAny(store.head(blobKey(digest)));
    if (info === null) throw gone(path);
    await fetch({ key: blobKey(digest), size: info.size, digest, path });
  };

  async function* streamFile(path: string): AsyncGenerator<Uint8Array> {
    const isBlob = path.startsWith(`${layout.blobRoot}/`);
    let begun = false;
    for (let tries = 1; ; tries += 1) {
      if (isBlob) await fetchBlob(path);
      try {
        for await (const chunk of files.streamFile(path)) {
          begun = true;
          yield chunk;
        }
        return;
      } catch (problem) {
        // Taken away since it was fetched; once it is open it can be read to its end.
        if (begun || !isBlob || tries === MOST_TRIES || !isGone(problem)) throw problem;
      }
    }
  }

  return {
    dataFiles: {
      isHere: (file) => isHere(layout.dataFile(file.path), file.size),
      fetch: fetchDataFile,
    },
    files: { ...files, streamFile },
  };
};

/** Fetches each file once: whoever wants one that is on its way already waits for it. */
const fetchingOnce = (fetch: (wanted: Wanted) => Promise<void>): ((wanted: Wanted) => Promise<void>) => {
  const underWay = new Map<string, Promise<void>>();
  return (wanted) => {
    const running = underWay.get(wanted.path);
    if (running !== undefined) return running;
    const begun = fetch(wanted).finally(() => underWay.delete(wanted.path));
    underWay.set(wanted.path, begun);
    return begun;
  };
};

const fetchInto = async (
  bucket: Bucket,
  { stagingDir }: TableLayout,
  { onMissing, onFetched }: Hearing,
  wanted: Wanted,
): Promise<void> => {
  for (let tries = 1; ; tries += 1) {
    const isLast = tries === MOST_TRIES;
    const unmade = makeAll(bucket.files, [parentOf(wanted.path), stagingDir]);
    // The directories of the copy were deleted meanwhile.
    if (unmade !== null && !isLast && isGone(unmade)) continue;
    if (unmade !== null) throw unmade;
    const fetched = await fetchChecked(bucket, wanted)();
    if (!isLeft(fetched)) {
      onFetched(wanted.size);
      return;
    }
    const { left: error } = fetched;
    if (!isLast && isGone(error)) continue;
    if (error._tag === 'RemoteDamaged' && error.problem === 'it is missing') {
      await onMissing();
      throw gone(wanted.path);
    }
    throw tableFailureOf(error);
  }
};

/** Makes directories; why one of them could not be made, else null. */
const makeAll = (files: FileSystem, directories: readonly string[]): FileSystemError | null => {
  for (const directory of directories) {
    const made = files.makeDirectories(directory)();
    if (isLeft(made)) return made.left;
  }
  return null;
};

/** Tells whether a file or directory here is not there; a store says that otherwise. */
const isGone = (problem: unknown): boolean =>
  typeof problem === 'object' &&
  problem !== null &&
  '_tag' in problem &&
  (problem._tag === 'FileSystemError' || problem._tag === 'StorageFailed') &&
  'code' in problem &&
  problem.code === 'ENOENT';

const gone = (path: string): FileSystemError => ({
  _tag: 'FileSystemError',
  call: 'open',
  path,
  code: 'ENOENT',
});

const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/'));
