import { createHash } from 'node:crypto';
import type { ObjectInfo } from '../ports/object-store.js';
import { entryKey } from '../remotes/remote-keys.js';
import { corrupt, isCorrupt } from '../tlogfs/failure.js';
import { decodeLogEntry, type LogEntry } from '../tlogfs/log/log-entry.js';
import { refuseUnknownFormat } from '../tlogfs/log/pond-format.js';
import type { Table } from '../tlogfs/log/table.js';
import { replay, type TableState } from '../tlogfs/log/table-state.js';
import { tableLayout } from '../tlogfs/table-layout.js';
import type { Bucket } from './bucket.js';
import { type ListedLog, listLog, type ReadEntry, readEntries } from './bucket-log.js';
import {
  copiedState,
  forgetCopy,
  keepCheckpoint,
  keepEntries,
  keepKnownCheckpoint,
  knownCheckpoint,
} from './copied-log.js';
import { latestOf } from './latest-of.js';
import { present, readWhole } from './read-whole.js';

/** The log of a table in a store, as this process knows it. */
export interface SharedLog {
  readonly table: Table;
  /** Asks once for what is newer, and takes it in. */
  readonly pull: () => Promise<void>;
  /** Does work; where it needs old entries that are not here, they are fetched, and it is done again. */
  readonly withEntries: <A>(work: () => Promise<A>) => Promise<A>;
  /** Takes in an entry that this process has just published, or that lies where it wanted to. */
  readonly take: (entry: ReadEntry) => TableState;
}

/** An entry that is needed and is not here yet. */
class EntryWanted extends Error {
  constructor(readonly version: number) {
    super(`log entry ${version} is not here yet`);
  }
}

/** More entries than these are not fetched one by one where a checkpoint stands for them. */
const MANY_ENTRIES = 24;
/** Old entries that are fetched together. */
const OLD_AT_ONCE = 64;
/** Versions after which the copy gets a checkpoint of its own. */
const KEEP_CHECKPOINT_AFTER = 20;

/** Opens the log: from the copy that is here, else from the newest checkpoint in the store. `NotAPond` where there is none. */
export const openSharedLog = async (bucket: Bucket, pondId: string): Promise<SharedLog> => {
  const { store, files, dataDir } = bucket;
  const layout = tableLayout(dataDir);
  const found = await copiedState(bucket);
  const copied = found?.metaData.id === pondId ? found : null;
  if (copied === null) forgetCopy(bucket);
  /** Its `checkpointVersion` is that of the store, not of the copy. */
  let state =
    copied === null ? await readWhole(bucket) : { ...copied, checkpointVersion: knownCheckpoint(bucket) };
  /** The version of the newest checkpoint of the copy. */
  let keptCheckpoint = (copied ?? state).checkpointVersion;
  /** Tag of the newest entry in the store; null: it was not asked yet. */
  let tip: Pick<ObjectInfo, 'etag'> | null = null;
  let oldest = 0;
  const entries = new Map<number, LogEntry>();

  /** An entry as its copy has it; null where there is none. One that is not whole is removed, so that it is fetched again. */
  const here = (version: number): Pick<ReadEntry, 'text' | 'entry'> | null => {
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

  /** Tells whether the newest entry that is known is the one that lies there. */
  const isTheSame = async (found: ObjectInfo): Promise<boolean> => {
    if (tip !== null && tip.etag === found.etag) return true;
    const text = here(state.version)?.text;
    if (text === undefined || text.length !== found.size) return false;
    if (found.etag.replaceAll('"', '') === createHash('md5').update(text).digest('hex')) return true;
    const [there] = await readEntries(bucket, [state.version]);
    return there !== null && there !== undefined && Buffer.compare(there.text, text) === 0;
  };

  const takeIn = (read: readonly ReadEntry[]): TableState => {
    const news = read.filter(({ version }) => version > state.version);
    const newer = replay(
      store.url,
      state,
      news.map(({ entry }) => entry),
    );
    refuseUnknownFormat(store.url, newer);
    state = newer;
    for (const { version, entry } of news) remember(version, entry);
    keepEntries(bucket, news);
    if (state.version - keptCheckpoint >= KEEP_CHECKPOINT_AFTER) {
      keepCheckpoint(bucket, state);
      keptCheckpoint = state.version;
    }
    return state;
  };

  const remember = (version: number, entry: LogEntry): void => {
    if (entries.size > 4096) entries.clear();
    entries.set(version, entry);
  };

  const pullOnce = async (): Promise<void> => {
    const listed = await listLog(bucket, state.version);
    const found = listed.entries.get(state.version);
    const newest = newestOf(listed);
    const isGone = found === undefined || !(await isTheSame(found));
    const checkpoint = Math.max(-1, ...listed.checkpoints.filter((version) => version <= newest));
    if (isGone || (newest - state.version > MANY_ENTRIES && checkpoint - state.version > 1)) {
      const { id } = state.metaData;
      if (isGone) forgetCopy(bucket);
      const whole = await readWhole(bucket);
      if (whole.metaData.id !== id) throw corrupt(store.url, 'another pond lies there by now');
      entries.clear();
      state = whole;
      keptCheckpoint = whole.checkpointVersion;
      tip = null;
      return;
    }
    const versions = Array.from({ length: newest - state.version }, (_, index) => state.version + 1 + index);
    takeIn(present(store.url, versions, await readEntries(bucket, versions)));
    tip = listed.entries.get(newest) ?? null;
    if (checkpoint > state.checkpointVersion) checkpointed(checkpoint);
  };

  const checkpointed = (version: number): void => {
    state = { ...state, checkpointVersion: version };
    keepKnownCheckpoint(bucket, version);
  };

  const pull = latestOf(pullOnce);

  const readOld = async (version: number): Promise<void> => {
    const first = Math.max(0, version - OLD_AT_ONCE + 1);
    const wanted = Array.from({ length: version - first + 1 }, (_, index) => first + index).filter(
      (one) => !entries.has(one) && here(one) === null,
    );
    const read = await readEntries(bucket, wanted);
    const there = read.filter((entry) => entry !== null);
    keepEntries(bucket, there);
    for (const entry of there) remember(entry.version, entry.entry);
    if (there.some((entry) => entry.version === version)) return;
    // Another engine removes the oldest entries, which a checkpoint stands for.
    const all = [...(await listLog(bucket, 0)).entries.keys()];
    const oldestThere = Math.min(...all);
    if (!Number.isFinite(oldestThere) || oldestThere <= version) {
      throw corrupt(`${store.url}/${entryKey(version)}`, 'missing log entry');
    }
    oldest = oldestThere;
  };

  const readEntry = (version: number): LogEntry => {
    const known = entries.get(version);
    if (known !== undefined) return known;
    const copied = here(version);
    if (copied === null) throw new EntryWanted(version);
    remember(version, copied.entry);
    return copied.entry;
  };

  return {
    pull,
    take: (entry) => takeIn([entry]),
    withEntries: async (work) => {
      for (;;) {
        try {
          return await work();
        } catch (error) {
          if (!(error instanceof EntryWanted)) throw error;
          await readOld(error.version);
        }
      }
    },
    table: {
      known: () => state,
      refresh: () => state,
      // What this process publishes was taken in when it was.
      advance: () => state,
      checkpointed,
      restored: (whole) => {
        state = whole;
      },
      readEntry,
      firstEntry: () => oldest,
    },
  };

  function newestOf({ entries: listed }: ListedLog): number {
    return Math.max(state.version, ...listed.keys());
  }
};
