import { createHash } from 'node:crypto';
import type { ObjectInfo } from '../ports/object-store.js';
import { corrupt } from '../tlogfs/failure.js';
import { refuseUnknownFormat } from '../tlogfs/log/pond-format.js';
import type { ForeseenState } from '../tlogfs/log/publication.js';
import type { Table } from '../tlogfs/log/table.js';
import { replay, type TableState, txnSeqOf } from '../tlogfs/log/table-state.js';
import type { Bucket } from './bucket.js';
import { listLog, type ReadEntry, readEntries } from './bucket-log.js';
import {
  copiedState,
  forgetCopy,
  keepCheckpoint,
  keepEntries,
  keepKnownCheckpoint,
  knownCheckpoint,
} from './copied-log.js';
import { latestOf } from './latest-of.js';
import { type LogEntries, logEntries } from './log-entries.js';
import { present, readWhole } from './read-whole.js';

/** The log of a table in a store, as this process knows it. */
export interface SharedLog {
  readonly table: Table;
  /** Asks once for what is newer, and takes it in. */
  readonly pull: () => Promise<void>;
  /**
   * Takes in what follows, up to an entry that is said to have a transaction, without asking what there is, and leaves it to the next pull to
   * copy that: whoever asks so is in a hurry. False: it is not found so, and nothing was taken in.
   */
  readonly reach: (version: number, txnSeq: number) => Promise<boolean>;
  /** Does work; where it needs old entries that are not here, they are fetched, and it is done again. */
  readonly withEntries: <A>(work: () => Promise<A>) => Promise<A>;
  /** Takes in an entry that this process has just published, or that lies where it wanted to. `foreseen`: the state that it makes after another one. */
  readonly take: (entry: ReadEntry, foreseen?: ForeseenState | null) => TableState;
}

/** More entries than these are not fetched one by one where a checkpoint stands for them. */
const MANY_ENTRIES = 24;
/** Versions after which the copy gets a checkpoint of its own. */
const KEEP_CHECKPOINT_AFTER = 20;
/** Entries that wait to be copied at most. */
const MOST_UNCOPIED = 200;

/** Knowledge that this process has of the log. */
interface Known {
  readonly bucket: Bucket;
  readonly entries: LogEntries;
  /** Its `checkpointVersion` is that of the store, not of the copy. */
  state: TableState;
  /** Entries that were taken in and are not among the copies yet: all of them, or none. */
  uncopied: readonly ReadEntry[];
  /** The version of the newest checkpoint of the copy. */
  keptCheckpoint: number;
  /** Tag of the newest entry in the store; null: it was not asked yet. */
  tip: Pick<ObjectInfo, 'etag'> | null;
}

/** Opens the log: from the copy that is here, else from the newest checkpoint in the store. `NotAPond` where there is none. */
export const openSharedLog = async (bucket: Bucket, pondId: string): Promise<SharedLog> => {
  const known = await firstKnown(bucket, pondId);
  const { entries } = known;
  return {
    pull: latestOf(() => pullOnce(known)),
    reach: (version, txnSeq) => reach(known, version, txnSeq),
    take: (entry, foreseen = null) => {
      takeInUncopied(known, [entry], foreseen);
      // Not before what its commit is waited for by is on its way.
      void bucket.giveWay().then(() => copyAll(known));
      return known.state;
    },
    withEntries: entries.within,
    table: {
      known: () => known.state,
      refresh: () => known.state,
      // What this process publishes was taken in when it was.
      advance: () => known.state,
      checkpointed: (version) => checkpointed(known, version),
      restored: (whole) => {
        known.state = whole;
      },
      readEntry: entries.read,
      firstEntry: entries.first,
    },
  };
};

const firstKnown = async (bucket: Bucket, pondId: string): Promise<Known> => {
  const entries = logEntries(bucket);
  const found = await copiedState(bucket);
  if (found?.metaData.id === pondId) {
    const state = { ...found, checkpointVersion: knownCheckpoint(bucket) };
    return { bucket, entries, state, uncopied: [], keptCheckpoint: found.checkpointVersion, tip: null };
  }
  forgetCopy(bucket);
  const state = await readWhole(bucket);
  return { bucket, entries, state, uncopied: [], keptCheckpoint: state.checkpointVersion, tip: null };
};

const pullOnce = async (known: Known): Promise<void> => {
  const { bucket } = known;
  const asked = known.state.version;
  // What this process publishes, or reaches, may be taken in at each `await`: the state is looked at again after it.
  const listed = await listLog(bucket, asked);
  copyAll(known);
  // It was read after the question, and is newer than the answer.
  if (known.state.version > Math.max(asked, ...listed.entries.keys())) return;
  const found = listed.entries.get(known.state.version);
  const newest = Math.max(known.state.version, ...listed.entries.keys());
  const isGone = found === undefined || !(await isTheSame(known, found));
  const checkpoint = Math.max(-1, ...listed.checkpoints.filter((version) => version <= newest));
  const { version } = known.state;
  if (isGone || (newest - version > MANY_ENTRIES && checkpoint - version > 1)) {
    if (isGone) forgetCopy(bucket);
    await readAnew(known);
    return;
  }
  const versions = versionsBetween(version, newest);
  takeIn(known, present(bucket.store.url, versions, await readEntries(bucket, versions)));
  known.tip = listed.entries.get(newest) ?? null;
  if (checkpoint > known.state.checkpointVersion) checkpointed(known, checkpoint);
};

/** Tells whether the newest entry that is known is the one that lies there. */
const isTheSame = async ({ bucket, entries, state, tip }: Known, found: ObjectInfo): Promise<boolean> => {
  if (tip !== null && tip.etag === found.etag) return true;
  const text = entries.here(state.version)?.text;
  if (text === undefined || text.length !== found.size) return false;
  if (found.etag.replaceAll('"', '') === createHash('md5').update(text).digest('hex')) return true;
  const [there] = await readEntries(bucket, [state.version]);
  return there !== null && there !== undefined && Buffer.compare(there.text, text) === 0;
};

/** Takes the newest checkpoint of the store, and what follows on it, instead of what is known. */
const readAnew = async (known: Known): Promise<void> => {
  const { bucket, entries, state } = known;
  const whole = await readWhole(bucket);
  if (whole.metaData.id !== state.metaData.id)
    throw corrupt(bucket.store.url, 'another pond lies there by now');
  entries.forget();
  known.state = whole;
  known.uncopied = [];
  known.keptCheckpoint = whole.checkpointVersion;
  known.tip = null;
};

const takeIn = (known: Known, read: readonly ReadEntry[]): TableState => {
  takeInUncopied(known, read);
  copyAll(known);
  return known.state;
};

const takeInUncopied = (
  known: Known,
  read: readonly ReadEntry[],
  foreseen: ForeseenState | null = null,
): void => {
  const { bucket, entries, state } = known;
  const { url } = bucket.store;
  const news = read.filter(({ version }) => version > state.version);
  const isForeseen =
    foreseen?.from === state && news.length === 1 && news[0]?.version === foreseen.state.version;
  const newer = isForeseen
    ? foreseen.state
    : replay(
        url,
        state,
        news.map(({ entry }) => entry),
      );
  refuseUnknownFormat(url, newer);
  known.state = newer;
  entries.note(news);
  known.uncopied = [...known.uncopied, ...news];
};

/** Puts into the copy what was taken in, and now and then a checkpoint. */
const copyAll = (known: Known): void => {
  const { bucket, state, uncopied } = known;
  keepEntries(bucket, uncopied);
  known.uncopied = [];
  if (state.version - known.keptCheckpoint < KEEP_CHECKPOINT_AFTER) return;
  keepCheckpoint(bucket, state);
  known.keptCheckpoint = state.version;
};

const reach = async (known: Known, version: number, txnSeq: number): Promise<boolean> => {
  const { bucket, state } = known;
  if (version <= state.version || version - state.version > MANY_ENTRIES) return false;
  let last = txnSeqOf(state);
  const read = await readEntries(bucket, versionsBetween(state.version, version));
  const there = read.filter((entry) => entry !== null);
  for (const { entry } of there) {
    if (entry.transaction === null) continue;
    // Numbers are given once, also where an older copy of the table was put back: one that does not follow is of another history.
    if ((entry.transaction.based_on_seq ?? entry.transaction.txn_seq - 1) !== last) return false;
    last = entry.transaction.txn_seq;
  }
  if (there.length < read.length || last !== txnSeq) return false;
  takeInUncopied(known, there);
  if (known.uncopied.length >= MOST_UNCOPIED) copyAll(known);
  return true;
};

const checkpointed = (known: Known, version: number): void => {
  known.state = { ...known.state, checkpointVersion: version };
  keepKnownCheckpoint(known.bucket, version);
};

/** Versions after a known one, up to the newest. */
const versionsBetween = (known: number, newest: number): readonly number[] =>
  Array.from({ length: newest - known }, (_, index) => known + 1 + index);
