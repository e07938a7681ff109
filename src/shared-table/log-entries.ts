import { entryKey } from '../remotes/remote-keys.js';
import { corrupt, isCorrupt } from '../tlogfs/failure.js';
import { decodeLogEntry, type LogEntry } from '../tlogfs/log/log-entry.js';
import { tableLayout } from '../tlogfs/table-layout.js';
import type { Bucket } from './bucket.js';
import { listLog, type ReadEntry, readEntries } from './bucket-log.js';
import { keepEntries } from './copied-log.js';

/** Entries of a log in a store: those that were read, those that the copy has, and those that are fetched when they are needed. */
export interface LogEntries {
  /** Reads one. Throws an {@link EntryWanted} where it is neither known nor in the copy. */
  readonly read: (version: number) => LogEntry;
  /** Reads one from the copy; null where it is not there. One that is not whole is removed, so that it is fetched again. */
  readonly here: (version: number) => Pick<ReadEntry, 'text' | 'entry'> | null;
  /** Takes note of entries that were read in the store. */
  readonly note: (read: readonly ReadEntry[]) => void;
  /** Does so, and puts them into the copy. */
  readonly keep: (read: readonly ReadEntry[]) => void;
  /** Does work; where it needs entries that are not here, they are fetched, and it is done again. */
  readonly within: <A>(work: () => Promise<A>) => Promise<A>;
  /** Version of the oldest entry that the store has, as far as it was found out. */
  readonly first: () => number;
  /** Forgets what was read: another log lies there. */
  readonly forget: () => void;
}

/** An entry that is needed and is not here yet. */
class EntryWanted extends Error {
  constructor(readonly version: number) {
    super(`log entry ${version} is not here yet`);
  }
}

/** Old entries that are fetched together. */
const OLD_AT_ONCE = 64;
/** Entries that are kept in memory. */
const KNOWN = 4096;

export const logEntries = (bucket: Bucket): LogEntries => {
  const { store, files, dataDir } = bucket;
  const layout = tableLayout(dataDir);
  const known = new Map<number, LogEntry>();
  let oldest = 0;

  const remember = (version: number, entry: LogEntry): LogEntry => {
    if (known.size > KNOWN) known.clear();
    known.set(version, entry);
    return entry;
  };

  const here: LogEntries['here'] = (version) => {
    const path = layout.logEntry(version);
    const found = files.readFile(path)();
    if (found._tag === 'Left') return null;
    try {
      return { text: found.right, entry: decodeLogEntry(path, found.right) };
    } catch (error) {
      if (!isCorrupt(error)) throw error;
      files.remove(path)();
      return null;
    }
  };

  const note: LogEntries['note'] = (read) => {
    for (const { version, entry } of read) remember(version, entry);
  };

  const keep: LogEntries['keep'] = (read) => {
    note(read);
    keepEntries(bucket, read);
  };

  const fetch = async (version: number): Promise<void> => {
    const first = Math.max(0, version - OLD_AT_ONCE + 1);
    const wanted = Array.from({ length: version - first + 1 }, (_, index) => first + index).filter(
      (one) => !known.has(one) && here(one) === null,
    );
    const there = (await readEntries(bucket, wanted)).filter((entry) => entry !== null);
    keep(there);
    if (there.some((entry) => entry.version === version)) return;
    // Another engine removes the oldest entries, which a checkpoint stands for.
    const oldestThere = Math.min(...(await listLog(bucket, 0)).entries.keys());
    if (!Number.isFinite(oldestThere) || oldestThere <= version) {
      throw corrupt(`${store.url}/${entryKey(version)}`, 'missing log entry');
    }
    oldest = oldestThere;
  };

  return {
    here,
    note,
    keep,
    read: (version) => {
      const entry = known.get(version);
      if (entry !== undefined) return entry;
      const copied = here(version);
      if (copied === null) throw new EntryWanted(version);
      return remember(version, copied.entry);
    },
    within: async (work) => {
      for (;;) {
        try {
          return await work();
        } catch (error) {
          if (!(error instanceof EntryWanted)) throw error;
          await fetch(error.version);
        }
      }
    },
    first: () => oldest,
    forget: () => known.clear(),
  };
};
