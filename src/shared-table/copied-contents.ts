import { basename } from 'node:path';
import { isLeft } from 'fp-ts/lib/Either.js';
import type { FileSystem, FileSystemError } from '../ports/file-system.js';
import { fetchChecked } from '../remotes/pull/fetch-contents.js';
import { blobKey, dataKey } from '../remotes/remote-keys.js';
import { isMissing } from '../tlogfs/failure.js';
import { type DataFile, DIGEST_TAG } from '../tlogfs/log/log-entry.js';
import type { RowFiles } from '../tlogfs/rows/row-files.js';
import { tableLayout } from '../tlogfs/table-layout.js';
import { askedIfAny, type Bucket, tableFailureOf } from './bucket.js';

/** Contents of a table that are here, or are fetched when they are wanted. */
export interface CopiedContents {
  /** Sees to it that a data file is here, whole. */
  readonly dataFile: (file: DataFile) => Promise<void>;
  /** Files in which a blob that is not here is fetched before it is read. */
  readonly files: FileSystem;
  /** Rows of data files that are fetched before they are read. */
  readonly rowFiles: (rows: RowFiles) => RowFiles;
}

/** Times that a file is fetched again because somebody has removed the copy before it was read. */
const TRIES = 3;
const FILES_AT_ONCE = 8;

/**
 * Copies of data files and blobs, each fetched once, with its digest checked, when it is first wanted. `onMissing` is called
 * where the store has no such file any more: it was merged away, and the newest version has its rows. `onFetched` is told of the bytes
 * that were added.
 */
export const copiedContents = (
  bucket: Bucket,
  {
    onMissing,
    onFetched,
  }: { readonly onMissing: () => Promise<void>; readonly onFetched: (bytes: number) => void },
): CopiedContents => {
  const { files, dataDir, store } = bucket;
  const layout = tableLayout(dataDir);
  const underWay = new Map<string, Promise<void>>();

  const isHere = (path: string, size: number | null): boolean => {
    const found = files.stat(path)();
    return (
      found._tag === 'Right' && found.right.kind === 'file' && (size === null || found.right.size === size)
    );
  };

  const fetchOnce = (path: string, work: () => Promise<void>): Promise<void> => {
    const running = underWay.get(path);
    if (running !== undefined) return running;
    const begun = work().finally(() => underWay.delete(path));
    underWay.set(path, begun);
    return begun;
  };

  const fetchAs = async (wanted: Parameters<typeof fetchChecked>[1], directory: string): Promise<void> => {
    for (const made of [directory, layout.stagingDir]) {
      const there = files.makeDirectories(made)();
      if (isLeft(there)) throw there.left;
    }
    const fetched = await fetchChecked(bucket, wanted)();
    if (!isLeft(fetched)) {
      onFetched(wanted.size);
      return;
    }
    const { left: error } = fetched;
    if (error._tag === 'RemoteDamaged' && error.problem === 'it is missing') {
      await onMissing();
      throw gone(wanted.path);
    }
    throw tableFailureOf(error);
  };

  const dataFile = async (file: DataFile): Promise<void> => {
    const path = layout.dataFile(file.path);
    if (isHere(path, file.size)) return;
    const wanted = {
      key: dataKey(file.path),
      size: file.size,
      digest: file.tags?.[DIGEST_TAG] ?? null,
      path,
    };
    await fetchOnce(path, () => fetchAs(wanted, parentOf(path)));
  };

  const blob = async (path: string): Promise<void> => {
    const digest = basename(path);
    if (isHere(path, null) || path !== layout.blob(digest) || !/^[0-9a-f]{64}$/.test(digest)) return;
    const info = await askedIfAny(store.head(blobKey(digest)));
    if (info === null) throw gone(path);
    await fetchOnce(path, () =>
      fetchAs({ key: blobKey(digest), size: info.size, digest, path }, layout.blobDir(digest)),
    );
  };

  async function* streamFile(path: string): AsyncGenerator<Uint8Array> {
    if (path.startsWith(`${layout.blobRoot}/`)) await blob(path);
    yield* files.streamFile(path);
  }

  /** Reads a file that is fetched before, again where the copy is removed meanwhile. */
  const withFile = async <A>(file: DataFile, read: () => Promise<A>): Promise<A> => {
    for (let tries = 1; ; tries += 1) {
      await dataFile(file);
      try {
        return await read();
      } catch (error) {
        if (tries === TRIES || !isMissing(error) || isHere(layout.dataFile(file.path), file.size))
          throw error;
      }
    }
  };

  return {
    dataFile,
    files: { ...files, streamFile },
    rowFiles: (rows) => {
      const owners = new WeakMap<object, DataFile>();
      return {
        ...rows,
        select: async (file, selection) => {
          const found =
            rows.selectKept(file, selection) ?? (await withFile(file, () => rows.select(file, selection)));
          for (const row of found) owners.set(row, file);
          return found;
        },
        nodesNamed: (file, partId, name) => withFile(file, () => rows.nodesNamed(file, partId, name)),
        readAll: (file) => withFile(file, () => rows.readAll(file)),
        contentOf: (row) => {
          const file = owners.get(row);
          if (file === undefined) return rows.contentOf(row);
          return withFile(file, async () => (await rows.contentOf(row)) ?? null);
        },
        selectKept: (file, selection) => {
          const found = rows.selectKept(file, selection);
          for (const row of found ?? []) owners.set(row, file);
          return found;
        },
        prepare: async (wanted) => {
          const queue = wanted[Symbol.iterator]();
          const worker = async () => {
            for (const file of queue) await dataFile(file);
          };
          await Promise.all(Array.from({ length: FILES_AT_ONCE }, worker));
        },
      };
    },
  };
};

const gone = (path: string): FileSystemError => ({
  _tag: 'FileSystemError',
  call: 'open',
  path,
  code: 'ENOENT',
});

const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/'));
