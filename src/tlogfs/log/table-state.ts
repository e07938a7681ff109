import { corrupt } from '../failure.js';
import type { DataFile, LogEntry, MetaData, Protocol, Remove, Txn } from './log-entry.js';

/** The table at one version: the log replayed up to it. */
export interface TableState {
  readonly version: number;
  readonly protocol: Protocol;
  readonly metaData: MetaData;
  /** Transaction numbers by `appId`. */
  readonly txns: ReadonlyMap<string, Txn>;
  /** The files that make up the table, by path. */
  readonly files: ReadonlyMap<string, DataFile>;
  /** Files that were merged away, by path, oldest first. */
  readonly removed: ReadonlyMap<string, Remove>;
  /** Version of the checkpoint that `_last_checkpoint` points at; -1 when there is none. */
  readonly checkpointVersion: number;
}

/** Tombstones that are remembered, in memory and in checkpoints. */
const TOMBSTONES = 100;

/** The newest write transaction in the table. */
export const txnSeqOf = (state: TableState): number => state.txns.get(state.metaData.id)?.version ?? 0;

/** State of a table before its version 0. */
type Beginning = Omit<TableState, 'protocol' | 'metaData'> & {
  readonly protocol: Protocol | null;
  readonly metaData: MetaData | null;
};

export const BEGINNING: Beginning = {
  version: -1,
  protocol: null,
  metaData: null,
  txns: new Map(),
  files: new Map(),
  removed: new Map(),
  checkpointVersion: -1,
};

/** The state after more log entries, one per version. `path` names the log in errors. */
export const replay = (path: string, from: Beginning, entries: readonly LogEntry[]): TableState => {
  const txns = new Map(from.txns);
  const files = new Map(from.files);
  let { protocol, metaData } = from;
  for (const entry of entries) {
    protocol = entry.protocol ?? protocol;
    metaData = entry.metaData ?? metaData;
    for (const txn of entry.txns) txns.set(txn.appId, txn);
    for (const remove of entry.removes) files.delete(remove.path);
    for (const add of entry.adds) files.set(add.path, add);
  }
  if (protocol === null || metaData === null) throw corrupt(path, 'the log has no protocol or no metaData');
  const version = from.version + entries.length;
  const { checkpointVersion } = from;
  const removed = tombstones(from.removed, entries);
  return { version, protocol, metaData, txns, files, removed, checkpointVersion };
};

/**
 * Readers do not need tombstones; they only tell a foreign VACUUM how long to wait. A pond that merges many files
 * within an hour (the table's retention) drops the oldest, so that opening it stays fast: a reader whose file is
 * vacuumed finds the same rows in the newest version.
 */
const tombstones = (
  before: ReadonlyMap<string, Remove>,
  entries: readonly LogEntry[],
): ReadonlyMap<string, Remove> => {
  if (entries.every(({ removes }) => removes.length === 0)) return before;
  const removed = new Map(before);
  for (const { removes, adds } of entries) {
    for (const remove of removes) removed.set(remove.path, remove);
    for (const add of adds) removed.delete(add.path);
  }
  return new Map([...removed].slice(-TOMBSTONES));
};
