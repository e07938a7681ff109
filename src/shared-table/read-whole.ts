import { checkpointKey, entryKey, LAST_CHECKPOINT_KEY } from '../remotes/remote-keys.js';
import { corrupt, run as runCall } from '../tlogfs/failure.js';
import { readCheckpointFile } from '../tlogfs/log/checkpoint-reading.js';
import { refuseUnknownFormat } from '../tlogfs/log/pond-format.js';
import { readPointer } from '../tlogfs/log/table.js';
import { BEGINNING, replay, type TableState } from '../tlogfs/log/table-state.js';
import { stagedBlob, tableLayout } from '../tlogfs/table-layout.js';
import type { TLogError } from '../tlogfs/tlog.js';
import { askedIfAny, type Bucket } from './bucket.js';
import { type ListedLog, listLog, type ReadEntry, readEntries } from './bucket-log.js';
import { keepCheckpoint, keepEntries, keepKnownCheckpoint } from './copied-log.js';

/** The state of the newest checkpoint with the entries after it, or of all entries where there is none. */
export const readWhole = async (bucket: Bucket): Promise<TableState> => {
  const { store } = bucket;
  const pointer = await askedIfAny(store.get({ key: LAST_CHECKPOINT_KEY }));
  const pointed =
    pointer === null ? null : (readPointer(LAST_CHECKPOINT_KEY, pointer.content)?.version ?? null);
  const listed = await listLog(bucket, Math.max(0, pointed ?? 0));
  const candidates = [...new Set([...listed.checkpoints, ...(pointed === null ? [] : [pointed])])].sort(
    (a, b) => b - a,
  );
  let state: TableState | null = null;
  for (const version of candidates) {
    state = await readCheckpointAt(bucket, version);
    if (state !== null) break;
  }
  if (state === null && pointed !== null) {
    // What is pointed at cannot be read: the log from its beginning says the same.
    return replayed(bucket, null, await listLog(bucket, 0));
  }
  const whole = await replayed(bucket, state, listed);
  if (state !== null) keepCheckpoint(bucket, state);
  keepKnownCheckpoint(bucket, whole.checkpointVersion);
  return whole;
};

const replayed = async (bucket: Bucket, from: TableState | null, listed: ListedLog): Promise<TableState> => {
  const { url } = bucket.store;
  const newest = Math.max(-1, ...listed.entries.keys());
  const first = (from?.version ?? -1) + 1;
  if (from === null && newest < 0) throw { _tag: 'NotAPond', path: url } satisfies TLogError;
  const versions = Array.from({ length: Math.max(0, newest - first + 1) }, (_, index) => first + index);
  const read = present(url, versions, await readEntries(bucket, versions));
  const state = replay(
    url,
    from ?? BEGINNING,
    read.map(({ entry }) => entry),
  );
  if (state.protocol.minReaderVersion > 1) {
    throw {
      _tag: 'UnsupportedTable',
      path: url,
      problem: `it needs reader version ${state.protocol.minReaderVersion}, this is 1`,
    } satisfies TLogError;
  }
  refuseUnknownFormat(url, state);
  keepEntries(bucket, read);
  return state;
};

/** Null where it cannot be read: it only repeats the log. */
const readCheckpointAt = async (bucket: Bucket, version: number): Promise<TableState | null> => {
  const { store, files, dataDir, ids } = bucket;
  const found = await askedIfAny(store.get({ key: checkpointKey(version) }));
  if (found === null) return null;
  const layout = tableLayout(dataDir);
  runCall(files.makeDirectories(layout.stagingDir));
  const path = layout.staged(stagedBlob(ids.uuidV7(), 1));
  runCall(files.writeNewFile(path, found.content));
  try {
    return { ...(await readCheckpointFile(files, path, version)), checkpointVersion: version };
  } catch (error) {
    if (isCheckpointFault(error)) return null;
    throw error;
  } finally {
    files.remove(path)();
  }
};

const isCheckpointFault = (error: unknown): boolean =>
  typeof error === 'object' &&
  error !== null &&
  '_tag' in error &&
  (error._tag === 'CorruptData' || error._tag === 'UnsupportedData');

/** Entries of versions that must all be there. */
export const present = (
  url: string,
  versions: readonly number[],
  read: readonly (ReadEntry | null)[],
): readonly ReadEntry[] =>
  versions.map((version, index) => {
    const entry = read[index] ?? null;
    if (entry === null) throw corrupt(`${url}/${entryKey(version)}`, 'missing log entry');
    return entry;
  });
