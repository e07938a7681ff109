import { isLeft, right } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { ObjectInfo } from '../ports/object-store.js';
import {
  checkpointVersion,
  entryKey,
  entryVersion,
  LAST_CHECKPOINT_KEY,
  LOG_PREFIX,
} from '../remotes/remote-keys.js';
import { sideBySide } from '../stores/side-by-side.js';
import type { StoreError } from '../stores/store-error.js';
import { corrupt } from '../tlogfs/failure.js';
import { checksumProblem } from '../tlogfs/log/entry-checksum.js';
import { decodeLogEntry, type LogEntry } from '../tlogfs/log/log-entry.js';
import { asked, type Bucket, failureOf } from './bucket.js';

/** The part of a log that was listed. */
export interface ListedLog {
  /** Entries by version. */
  readonly entries: ReadonlyMap<number, ObjectInfo>;
  /** Versions of which there is a checkpoint, among the listed. */
  readonly checkpoints: readonly number[];
  /** Tells whether something points at a checkpoint. */
  readonly hasPointer: boolean;
}

/** A log entry as it was published, and what it says. */
export interface ReadEntry {
  readonly version: number;
  readonly text: Uint8Array;
  readonly entry: LogEntry;
}

/** Entries that are asked for at once. */
const ENTRIES_AT_ONCE = 16;

/** Lists the log from a version on, that version included: one request, where no more than a page follows. */
export const listLog = async ({ store }: Bucket, from: number): Promise<ListedLog> => {
  const after = from > 0 ? { after: entryKey(from - 1) } : {};
  const entries = new Map<number, ObjectInfo>();
  const checkpoints: number[] = [];
  let hasPointer = false;
  for (const object of await asked(store.list({ prefix: LOG_PREFIX, ...after }))) {
    const version = entryVersion(object.key);
    if (version !== null) entries.set(version, object);
    const checkpoint = checkpointVersion(object.key);
    if (checkpoint !== null) checkpoints.push(checkpoint);
    if (object.key === LAST_CHECKPOINT_KEY) hasPointer = true;
  }
  return { entries, checkpoints, hasPointer };
};

/** Reads entries; null in the place of one that is not there. */
export const readEntries = async (
  { store }: Bucket,
  versions: readonly number[],
): Promise<readonly (ReadEntry | null)[]> => {
  const read = await sideBySide(
    versions,
    ENTRIES_AT_ONCE,
    (version): TaskEither<StoreError, Uint8Array | null> =>
      async () => {
        const found = await store.get({ key: entryKey(version) })();
        if (!isLeft(found)) return right(found.right.content);
        return found.left._tag === 'ObjectMissing' ? right(null) : found;
      },
  )();
  if (isLeft(read)) throw failureOf(read.left);
  return versions.map((version, index) => {
    const found = read.right[index] ?? null;
    return found === null ? null : decodedEntry({ store }, version, found);
  });
};

/** Reads the text of an entry. */
export const decodedEntry = (
  { store }: Pick<Bucket, 'store'>,
  version: number,
  text: Uint8Array,
): ReadEntry => {
  const path = `${store.url}/${entryKey(version)}`;
  const problem = checksumProblem(text);
  if (problem !== null) throw corrupt(path, problem);
  return { version, text, entry: decodeLogEntry(path, text) };
};
