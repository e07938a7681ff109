import type { DataFile, LogEntry, MetaData, Protocol, Remove, Txn } from '../log/log-entry.js';
import { loggedCommit } from '../log/logged-commit.js';
import { isAppendOnly } from '../log/table-properties.js';
import type { TableState } from '../log/table-state.js';
import type { LoggedCommit } from '../tlog.js';

/** The log replayed so far, with more memory than a {@link TableState}: whatever was ever added or removed. */
export interface Replay {
  protocol: Protocol | null;
  metaData: MetaData | null;
  txnSeq: number;
  /** Entries that could not be read since the newest transaction that was: their transactions are not known. */
  unreadEntries: number;
  /** Tells whether `files` is all that the table consists of. */
  isWhole: boolean;
  /** Transaction numbers by `appId`. */
  readonly txns: Map<string, Txn>;
  readonly files: Map<string, AddedFile>;
  readonly removed: Map<string, Remove>;
  /** Removed files, some of whose contents were forgotten. */
  readonly replaced: Map<string, DataFile>;
  readonly added: Set<string>;
  readonly commits: LoggedCommit[];
  readonly txnIds: Set<string>;
}

/** A file of the table, with the transaction that wrote it; null for a merged one. */
export interface AddedFile extends DataFile {
  readonly txnSeq: number | null;
}

export const beginReplay = (): Replay => ({
  protocol: null,
  metaData: null,
  txnSeq: 0,
  unreadEntries: 0,
  isWhole: true,
  txns: new Map(),
  files: new Map(),
  removed: new Map(),
  replaced: new Map(),
  added: new Set(),
  commits: [],
  txnIds: new Set(),
});

/** Goes on without an entry, or several: what they changed is not known. */
export const passOver = (replay: Replay, entries = 1): void => {
  replay.isWhole = false;
  replay.unreadEntries += entries;
};

/** Goes on from what a checkpoint says, after entries that could not be read. */
export const resumeFrom = (replay: Replay, state: TableState): void => {
  replay.isWhole = true;
  replay.protocol = state.protocol;
  replay.metaData = state.metaData;
  for (const txn of state.txns.values()) replay.txns.set(txn.appId, txn);
  replay.files.clear();
  for (const file of state.files.values()) {
    replay.added.add(file.path);
    replay.files.set(file.path, { ...file, txnSeq: null });
  }
  for (const remove of state.removed.values()) {
    replay.added.add(remove.path);
    replay.removed.set(remove.path, remove);
  }
  const seq = state.txns.get(state.metaData.id)?.version ?? 0;
  // The entry that was not read may have been a merge: then its transaction is the one before.
  replay.unreadEntries = Math.max(0, replay.unreadEntries - Math.max(0, seq - replay.txnSeq));
  replay.txnSeq = Math.max(replay.txnSeq, seq);
};

/** Says what an entry asks of programs that this one does not know; null: nothing. */
export const notKnownIn = ({ protocol }: LogEntry): string | null => {
  const { minReaderVersion = 1, minWriterVersion = 2 } = protocol ?? {};
  if (minReaderVersion > 1) return `it asks for reader version ${minReaderVersion}, and this is 1`;
  return minWriterVersion > 2
    ? `it asks for writer version ${minWriterVersion}, and this is 2: nothing can be written`
    : null;
};

/** Tells whether what stands in the log from here on is written in a way that this program does not read. */
export const isBeyond = (replay: Replay, { protocol }: LogEntry): boolean => {
  replay.protocol = protocol ?? replay.protocol;
  return (replay.protocol?.minReaderVersion ?? 1) > 1;
};

/**
 * Takes in one entry; returns how it contradicts those before it, if it does. What contradicts about its transaction
 * does not keep its files from counting; an entry whose files contradict is left out altogether.
 */
export const follow = (replay: Replay, version: number, entry: LogEntry): string | null => {
  replay.protocol = entry.protocol ?? replay.protocol;
  replay.metaData = entry.metaData ?? replay.metaData;
  if (replay.isWhole && (replay.protocol === null || replay.metaData === null)) {
    return 'no protocol or no metaData stands before it';
  }
  const problem = problemOfFiles(replay, entry);
  if (problem !== null) return problem;
  for (const txn of entry.txns) replay.txns.set(txn.appId, txn);
  for (const remove of entry.removes) {
    const file = replay.files.get(remove.path);
    if (remove.dataChange && file !== undefined) replay.replaced.set(remove.path, file);
    replay.files.delete(remove.path);
    replay.added.add(remove.path);
    replay.removed.set(remove.path, remove);
  }
  for (const add of entry.adds) {
    replay.added.add(add.path);
    replay.files.set(add.path, { ...add, txnSeq: entry.transaction?.txn_seq ?? null });
  }
  return followTransaction(replay, version, entry);
};

const problemOfFiles = (
  { files, added, isWhole, metaData }: Replay,
  { adds, removes, transaction }: LogEntry,
): string | null => {
  const again = adds.find(({ path }) => added.has(path));
  if (again !== undefined) return `it adds ${again.path}, which was added before`;
  const twice = adds.find(({ path }, index) => adds.findIndex((other) => other.path === path) !== index);
  if (twice !== undefined) return `it adds ${twice.path} twice`;
  const unknown = removes.find(({ path }) => isWhole && !files.has(path));
  if (unknown !== undefined) return `it removes ${unknown.path}, which is not there`;
  if (removes.length === 0) return null;
  const changesData = removes.some(({ dataChange }) => dataChange);
  if (transaction !== null || (changesData && (metaData === null || isAppendOnly(metaData)))) {
    return 'it removes data, and the table only ever grows';
  }
  const before = rowsOf(removes.map(({ path }) => files.get(path)));
  const after = rowsOf(adds);
  return before === null || after === null || before === after
    ? null
    : `it ${changesData ? 'rewrites' : 'merges'} ${before} rows into ${after}`;
};

/** Null where a file's number of rows is not known. */
const rowsOf = (files: readonly (DataFile | undefined)[]): number | null => {
  const counts = files.map((file) => file?.bounds.rows ?? 0);
  return counts.every((count) => count > 0) ? counts.reduce((sum, count) => sum + count, 0) : null;
};

const followTransaction = (replay: Replay, version: number, entry: LogEntry): string | null => {
  const { transaction } = entry;
  const named = entry.txns.find(({ appId }) => appId === replay.metaData?.id)?.version;
  if (transaction === null) {
    return named === undefined ? null : `it is transaction ${named} and says nothing of it`;
  }
  const earliest = replay.txnSeq + 1;
  const latest = earliest + replay.unreadEntries;
  const { txn_seq: txnSeq, txn_id: txnId } = transaction;
  const basedOnSeq = transaction.based_on_seq ?? txnSeq - 1;
  // A wrong number is taken for the right one, so that those that follow can be judged.
  replay.txnSeq =
    basedOnSeq < txnSeq && basedOnSeq + 1 >= earliest && basedOnSeq + 1 <= latest ? txnSeq : earliest;
  replay.unreadEntries = 0;
  if (named !== txnSeq && replay.metaData !== null) {
    return `its txn says ${named ?? 'nothing'}, its commitInfo transaction ${txnSeq}`;
  }
  if (replay.txnSeq !== txnSeq) return `it is transaction ${txnSeq} where ${earliest} was to come`;
  if (replay.txnIds.has(txnId)) return `its transaction id ${txnId} was there before`;
  replay.txnIds.add(txnId);
  replay.commits.push(loggedCommit(version, transaction));
  return null;
};
