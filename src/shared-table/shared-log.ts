import { createHash } from 'node:crypto';
import type { ObjectInfo } from '../ports/object-store.js';
import { corrupt } from '../tlogfs/failure.js';
import { refuseUnknownFormat } from '../tlogfs/log/pond-format.js';
import type { Table } from '../tlogfs/log/table.js';
import { replay, type TableState, txnSeqOf } from '../tlogfs/log/table-state.js';
import type { Bucket } from './bucket.js';
import { listLog, type ReadEntry, readEntries } from './bucket-log.js';
import {
  copiedState,
  forgetCopy,
  keepCheckpoint,
  keepKnownCheckpoint,
  knownCheckpoint,
} from './copied-log.js';
import { latestOf } from './latest-of.js';
import { logEntries } from './log-entries.js';
import { present, readWhole } from './read-whole.js';

/** The log of a table in a store, as this process knows it. */
export interface SharedLog {
  readonly table: Table;
  /** Asks once for what is newer, and takes it in. */
  readonly pull: () => Promise<void>;
  /**
   * Takes in what follows, up to an entry that is said to have a transaction, without asking what there is; false: it is not found so, and
   * nothing was taken in.
   */
  readonly reach: (version: number, txnSeq: number) => Promise<boolean>;
  /** Does work; where it needs old entries that are not here, they are fetched, and it is done again. */
  readonly withEntries: <A>(work: () => Promise<A>) => Promise<A>;
  /** Takes in an entry that this process has just published, or that lies where it wanted to. */
  readonly take: (entry: ReadEntry) => TableState;
}

/** More entries than these are not fetched one by one where a checkpoint stands for them. */
const MANY_ENTRIES = 24;
/** Versions after which the copy gets a checkpoint of its own; the same for who is in a hurry, and asks again and again. */
const KEEP_CHECKPOINT_AFTER = 20;
const KEEP_LATER = 200;

/** Opens the log: from the copy that is here, else from the newest checkpoint in the store. `NotAPond` where there is none. */
export const openSharedLog = async (bucket: Bucket, pondId: string): Promise<SharedLog> => {
  const { store } = bucket;
  const entries = logEntries(bucket);
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

  /** Tells whether the newest entry that is known is the one that lies there. */
  const isTheSame = async (found: ObjectInfo): Promise<boolean> => {
    if (tip !== null && tip.etag === found.etag) return true;
    const text = entries.here(state.version)?.text;
    if (text === undefined || text.length !== found.size) return false;
    if (found.etag.replaceAll('"', '') === createHash('md5').update(text).digest('hex')) return true;
    const [there] = await readEntries(bucket, [state.version]);
    return there !== null && there !== undefined && Buffer.compare(there.text, text) === 0;
  };

  const takeIn = (read: readonly ReadEntry[], keepAfter = KEEP_CHECKPOINT_AFTER): TableState => {
    const news = read.filter(({ version }) => version > state.version);
    const newer = replay(
      store.url,
      state,
      news.map(({ entry }) => entry),
    );
    refuseUnknownFormat(store.url, newer);
    state = newer;
    entries.keep(news);
    if (state.version - keptCheckpoint >= keepAfter) {
      keepCheckpoint(bucket, state);
      keptCheckpoint = state.version;
    }
    return state;
  };

  const versionsUpTo = (newest: number): readonly number[] =>
    Array.from({ length: newest - state.version }, (_, index) => state.version + 1 + index);

  const reach: SharedLog['reach'] = async (version, txnSeq) => {
    if (version <= state.version || version - state.version > MANY_ENTRIES) return false;
    let last = txnSeqOf(state);
    const read = await readEntries(bucket, versionsUpTo(version));
    const there = read.filter((entry) => entry !== null);
    for (const { entry } of there) {
      if (entry.transaction === null) continue;
      // Numbers are given once, also where an older copy of the table was put back: one that does not follow is of another history.
      if ((entry.transaction.based_on_seq ?? entry.transaction.txn_seq - 1) !== last) return false;
      last = entry.transaction.txn_seq;
    }
    if (there.length < read.length || last !== txnSeq) return false;
    takeIn(there, KEEP_LATER);
    return true;
  };

  const pullOnce = async (): Promise<void> => {
    const listed = await listLog(bucket, state.version);
    const found = listed.entries.get(state.version);
    const newest = Math.max(state.version, ...listed.entries.keys());
    const isGone = found === undefined || !(await isTheSame(found));
    const checkpoint = Math.max(-1, ...listed.checkpoints.filter((version) => version <= newest));
    if (isGone || (newest - state.version > MANY_ENTRIES && checkpoint - state.version > 1)) {
      const { id } = state.metaData;
      if (isGone) forgetCopy(bucket);
      const whole = await readWhole(bucket);
      if (whole.metaData.id !== id) throw corrupt(store.url, 'another pond lies there by now');
      entries.forget();
      state = whole;
      keptCheckpoint = whole.checkpointVersion;
      tip = null;
      return;
    }
    const versions = versionsUpTo(newest);
    takeIn(present(store.url, versions, await readEntries(bucket, versions)));
    tip = listed.entries.get(newest) ?? null;
    if (checkpoint > state.checkpointVersion) checkpointed(checkpoint);
  };

  const checkpointed = (version: number): void => {
    state = { ...state, checkpointVersion: version };
    keepKnownCheckpoint(bucket, version);
  };

  const pull = latestOf(pullOnce);

  return {
    pull,
    reach,
    take: (entry) => takeIn([entry]),
    withEntries: entries.within,
    table: {
      known: () => state,
      refresh: () => state,
      // What this process publishes was taken in when it was.
      advance: () => state,
      checkpointed,
      restored: (whole) => {
        state = whole;
      },
      readEntry: entries.read,
      firstEntry: entries.first,
    },
  };
};
