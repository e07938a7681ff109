import {
  BLOB_PREFIX,
  blobKey,
  checkpointKey,
  checkpointVersion,
  DATA_PREFIX,
  dataKey,
  isBlobKey,
  LOG_PREFIX,
} from '../remotes/remote-keys.js';
import { blobsIn } from '../tlogfs/rows/blobs-in.js';
import { isDataFileName, MERGED_PREFIX, mergedVersionOf } from '../tlogfs/table-layout.js';
import type { SweepOptions, Swept } from '../tlogfs/tlog.js';
import type { SnapshotSource } from '../tlogfs/transactions/snapshot.js';
import { asked, type Bucket } from './bucket.js';
import { readEntries } from './bucket-log.js';

const NOTHING: Swept['removed'] = {
  staged_files: 0,
  orphaned_files: 0,
  orphaned_blobs: 0,
  merged_away_files: 0,
  checkpoints: 0,
};

/** Files among which recovery looks for what merges have left, the newest: each costs a request. */
const MOST_LOOKED_AT = 100;

/**
 * Removes from the store what nothing refers to any more and what has been there for some time: data files that were merged away, or
 * whose transaction never landed, blobs that no row refers to, and checkpoints that a newer one stands in for. The caller holds the writer's lock and
 * has made sure that no transaction of a dead writer can land, so that nobody is about to refer to any of it. Without a time it removes only what
 * merges have left that died.
 */
export const sweepShared = async (
  bucket: Bucket,
  source: SnapshotSource,
  { mergedAwayBefore: before, dryRun }: SweepOptions,
): Promise<Swept> => {
  const { store } = bucket;
  const state = source.table.known();
  const removed = { ...NOTHING };
  let bytes = 0;
  const remove = async (key: string, size: number, kind: keyof Swept['removed']): Promise<void> => {
    if (!dryRun) await asked(store.delete(key));
    removed[kind] += 1;
    bytes += size;
  };
  const active = new Set([...state.files.values()].map(({ path }) => dataKey(path)));
  const tombstones = new Map(
    [...state.removed.values()].map((tombstone) => [dataKey(tombstone.path), tombstone]),
  );
  if (before === null) {
    const unnamed = (await asked(store.list({ prefix: MERGED_PREFIX }))).flatMap(({ key, size }) => {
      const version = mergedVersionOf(key);
      // A later one may still be somebody's.
      const isAsked = version !== null && version <= state.version;
      return isAsked && !active.has(key) && !tombstones.has(key) ? [{ key, size, version }] : [];
    });
    // Most of those before were merged away long ago: they are for maintenance to look at.
    const merged = unnamed.toSorted((one, other) => other.version - one.version).slice(0, MOST_LOOKED_AT);
    const entries = await readEntries(
      bucket,
      merged.map(({ version }) => version),
    );
    for (const [place, { key, size }] of merged.entries()) {
      const entry = entries[place]?.entry;
      if (entry === undefined || entry.adds.some(({ path }) => dataKey(path) === key)) continue;
      await remove(key, size, 'orphaned_files');
    }
    return { removed, bytes };
  }
  const blobs = await blobsIn(source.rowFiles, [...state.files.values()]);
  const referred = new Set([...blobs].map(blobKey));

  for (const { key, size, modifiedAt } of await asked(store.list({ prefix: DATA_PREFIX }))) {
    if (active.has(key) || !isDataFileName(key)) continue;
    const tombstone = tombstones.get(key);
    const since = tombstone?.deletionTimestamp ?? modifiedAt / 1000;
    // A file that is named by no tombstone was merged away long ago, or its transaction never landed.
    if (since > before) continue;
    await remove(key, size, tombstone === undefined ? 'orphaned_files' : 'merged_away_files');
  }
  for (const { key, size, modifiedAt } of await asked(store.list({ prefix: BLOB_PREFIX }))) {
    if (!isBlobKey(key) || referred.has(key) || modifiedAt / 1000 > before) continue;
    await remove(key, size, 'orphaned_blobs');
  }
  for (const { key, size } of await asked(store.list({ prefix: LOG_PREFIX }))) {
    const version = checkpointVersion(key);
    if (version === null || version >= state.checkpointVersion || key !== checkpointKey(version)) continue;
    await remove(key, size, 'checkpoints');
  }
  return { removed, bytes };
};
