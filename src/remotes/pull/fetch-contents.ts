import { createHash } from 'node:crypto';
import { isLeft } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { steps } from '../../effects/steps.js';
import type { FileSystem } from '../../ports/file-system.js';
import { RANGE_SIZE, rangesOf, type StoreThrown } from '../../stores/ranges-of.js';
import { objectsSideBySide } from '../../stores/side-by-side.js';
import { makeDurableDirectory } from '../../tlogfs/durable-directory.js';
import { attempt, run as runCall } from '../../tlogfs/failure.js';
import { type DataFile, DIGEST_TAG } from '../../tlogfs/log/log-entry.js';
import type { TableState } from '../../tlogfs/log/table-state.js';
import { stagedBlob } from '../../tlogfs/table-layout.js';
import { type Blob, localLogOf } from '../local-log.js';
import type { RemoteError } from '../remote-error.js';
import { blobKey, dataKey } from '../remote-keys.js';
import type { PullDeps } from './pulling.js';

const FILES_AT_ONCE = { small: 8, large: 2, from: RANGE_SIZE };
const BLOBS_AT_ONCE = { ...FILES_AT_ONCE, small: 4 };

/** Files and contents that were fetched, because they were not here. */
export interface FetchedCounts {
  readonly dataFiles: number;
  readonly blobs: number;
}

/**
 * Fetches the files of a state that are not here, then the blobs that their rows refer to. A file gets its name complete,
 * checked and durable; so do those that an earlier attempt has fetched, and did not live to make durable. `before`: the state
 * that is published here.
 */
export const fetchContents = (
  deps: PullDeps,
  before: TableState | null,
  state: TableState,
): TaskEither<RemoteError, FetchedCounts> =>
  steps<RemoteError, FetchedCounts>(async ({ run }) => {
    const { files, dataDir } = deps;
    const local = localLogOf(files, dataDir, state);
    const { layout } = local;
    const dataFiles = await run(fetchDataFiles(deps, state));
    const blobs = (await run(local.blobsOf(state.files.values()))).filter((blob) => !local.hasBlob(blob));
    const added = [...state.files.values()].filter(({ path }) => before?.files.has(path) !== true);
    const named = [...blobs, ...(await run(local.blobsOf(added)))];
    const arriving = stepsOf(deps, blobs);
    const directories = new Set(named.map(({ digest }) => layout.blobDir(digest)));
    for (const directory of directories) {
      await run(attempt(async () => makeDurableDirectory(files, directory, dataDir)));
    }
    await run(
      objectsSideBySide(blobs, BLOBS_AT_ONCE, (blob) => fetchBlob(arriving, blob, layout.blob(blob.digest))),
    );
    for (const directory of directories) {
      await run(attempt(async () => runCall(files.fsyncDirectory(directory))));
    }
    return { dataFiles, blobs: blobs.length };
  });

/** Fetches the files of a state that are not here; returns how many those were. */
export const fetchDataFiles = (deps: PullDeps, state: TableState): TaskEither<RemoteError, number> =>
  steps<RemoteError, number>(async ({ run }) => {
    const { files, dataDir } = deps;
    const local = localLogOf(files, dataDir, state);
    const { layout } = local;
    await run(attempt(async () => makeDurableDirectory(files, layout.stagingDir, dataDir)));
    const wanted = [...state.files.values()].filter((file) => !local.hasFile(file));
    const arriving = stepsOf(deps, wanted);
    await run(
      objectsSideBySide(wanted, FILES_AT_ONCE, (file) =>
        fetchDataFile(arriving, file, layout.dataFile(file.path)),
      ),
    );
    await run(attempt(async () => runCall(files.fsyncDirectory(dataDir))));
    return wanted.length;
  });

/** The same, and who hears of steps hears of each byte of these that arrives. */
const stepsOf = (deps: PullDeps, wanted: readonly { readonly size: number }[]): Arriving => {
  const total = wanted.reduce((sum, { size }) => sum + size, 0);
  let done = 0;
  return {
    ...deps,
    onBytes: (bytes) => {
      done += bytes;
      deps.onStep?.({ unit: 'byte', done, total });
    },
  };
};

interface Arriving extends PullDeps {
  readonly onBytes: (bytes: number) => void;
}

/** The digest of a data file stands in the log, where this program wrote it; of another engine's files only the size is known. */
const fetchDataFile = (deps: Arriving, file: DataFile, path: string): TaskEither<RemoteError, void> =>
  fetchChecked(deps, {
    key: dataKey(file.path),
    size: file.size,
    digest: file.tags?.[DIGEST_TAG] ?? null,
    path,
  });

const fetchBlob = (deps: Arriving, { digest, size }: Blob, path: string): TaskEither<RemoteError, void> =>
  fetchChecked(deps, { key: blobKey(digest), size, digest, path });

/** An object that is wanted as a file. */
export interface Wanted {
  readonly key: string;
  readonly size: number;
  /** SHA-256; null: not known. */
  readonly digest: string | null;
  readonly path: string;
}

/** Fetches one object; it gets its name complete and checked. */
export const fetchChecked = (
  {
    files,
    dataDir,
    store,
    ids,
    onBytes,
  }: Pick<Arriving, 'files' | 'dataDir' | 'store' | 'ids'> & Partial<Pick<Arriving, 'onBytes'>>,
  { key, size, digest, path }: Wanted,
): TaskEither<RemoteError, void> =>
  steps<RemoteError, void>(async ({ run, fail }) => {
    const staged = `${dataDir}/_staging/${stagedBlob(ids.uuidV7(), 1)}`;
    const hash = createHash('sha256');
    let received = 0;
    const failed: { thrown: StoreThrown | null } = { thrown: null };
    const measured = async function* () {
      for await (const chunk of rangesOf(store, { key, size }, failed)) {
        hash.update(chunk);
        received += chunk.length;
        onBytes?.(chunk.length);
        yield chunk;
      }
    };
    const written = await streamed(files, staged, measured());
    const drop = () => files.remove(staged)();
    if (failed.thrown !== null) {
      drop();
      const { error } = failed.thrown;
      return fail(
        error._tag === 'ObjectMissing'
          ? { _tag: 'RemoteDamaged', store: store.url, key, problem: 'it is missing' }
          : error,
      );
    }
    if (written !== null) return fail(written);
    const problem =
      received !== size
        ? `${size} bytes expected, ${received} found`
        : digest !== null && hash.digest('hex') !== digest
          ? 'it does not have its digest'
          : null;
    if (problem !== null) {
      drop();
      return fail({ _tag: 'RemoteDamaged', store: store.url, key, problem });
    }
    await run(attempt(async () => runCall(files.rename(staged, path))));
  });

/** Null: it is written. What the chunks' source throws is known to whoever made it. */
const streamed = async (
  files: FileSystem,
  path: string,
  chunks: AsyncIterable<Uint8Array>,
): Promise<RemoteError | null> => {
  const written = await attempt(async () => {
    const outcome = await files.streamToNewFile(path, chunks)();
    if (isLeft(outcome)) throw outcome.left;
  })();
  return isLeft(written) ? written.left : null;
};
