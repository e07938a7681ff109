import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { steps } from '../effects/steps.js';
import type { FileSystem } from '../ports/file-system.js';
import type { ReliableStore } from '../stores/reliable-store.js';
import { sideBySide } from '../stores/side-by-side.js';
import { attempt } from '../tlogfs/failure.js';
import { isDataFileName } from '../tlogfs/table-layout.js';
import { missingEntries } from './entries-here.js';
import { openLocalLog } from './local-log.js';
import type { RemoteError } from './remote-error.js';
import { BLOB_PREFIX, blobKey, DATA_PREFIX, dataKey, isBlobKey } from './remote-keys.js';
import { compareLogs, openRemoteLog } from './remote-log.js';

export interface PruneDeps {
  readonly files: FileSystem;
  readonly dataDir: string;
  readonly store: ReliableStore;
  /** Milliseconds since the epoch: what was removed from the table before is removed from the remote, too. */
  readonly before: number;
}

/** Objects that were removed from a remote. */
export interface Pruned {
  readonly dataFiles: number;
  readonly blobs: number;
}

const AT_ONCE = 8;

/**
 * Removes from a remote what the newest version no longer names: files that were merged away, and contents that were
 * forgotten, once readers have had time to let go of them. Only from a remote that is exactly what the pond is.
 */
export const prune = ({ files, dataDir, store, before }: PruneDeps): TaskEither<RemoteError, Pruned> =>
  steps<RemoteError, Pruned>(async ({ run }) => {
    const local = await run(openLocalLog(files, dataDir));
    const { state } = local;
    const remote = await run(openRemoteLog(store, state.version));
    const relation = await run(compareLogs(store, remote, local, null));
    if (relation._tag !== 'Same' || !relation.isProven || remote.jump !== null) {
      return { dataFiles: 0, blobs: 0 };
    }
    const removedAt = new Map<string, number>();
    // What another engine has removed the entries of was removed from the table before those.
    const missing = new Set(await run(attempt(async () => missingEntries(local))));
    for (let version = 0; version <= state.version; version += 1) {
      if (missing.has(version)) continue;
      for (const { path, deletionTimestamp } of (await run(local.entry(version))).removes) {
        removedAt.set(dataKey(path), deletionTimestamp ?? 0);
      }
    }
    const current = new Set([...state.files.values()].map(({ path }) => dataKey(path)));
    const isOld = (key: string, modifiedAt: number): boolean =>
      Math.max(removedAt.get(key) ?? 0, modifiedAt / 1000) < before;
    const unusedFiles = (await run(store.list({ prefix: DATA_PREFIX }))).filter(
      ({ key, modifiedAt }) => !current.has(key) && isDataFileName(key) && isOld(key, modifiedAt),
    );
    const named = new Set(
      (await run(local.blobsOf(state.files.values()))).map(({ digest }) => blobKey(digest)),
    );
    const unusedBlobs = (await run(store.list({ prefix: BLOB_PREFIX }))).filter(
      ({ key, modifiedAt }) => !named.has(key) && isBlobKey(key) && isOld(key, modifiedAt),
    );
    await run(sideBySide([...unusedFiles, ...unusedBlobs], AT_ONCE, ({ key }) => store.delete(key)));
    return { dataFiles: unusedFiles.length, blobs: unusedBlobs.length };
  });
