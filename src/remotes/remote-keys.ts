import { fileNameOf, tableLayout, versionOf } from '../tlogfs/table-layout.js';

/*
 * Keys of a remote are the paths of a pond's data directory, so that engines that read Delta tables open it. One folder is
 * the remote's own, `_entries`: packs of log entries that a jump has left out of the log.
 */

const layout = tableLayout('');
const keyOf = (path: string): string => path.slice(1);

export const LOG_PREFIX = `${keyOf(layout.logDir)}/`;
export const BLOB_PREFIX = `${keyOf(layout.blobRoot)}/`;
/** Prefix of all data files of a pond. */
export const DATA_PREFIX = 'part-';
export const PACK_PREFIX = '_entries/';
export const LAST_CHECKPOINT_KEY = keyOf(layout.lastCheckpoint);

export const entryKey = (version: number): string => keyOf(layout.logEntry(version));
export const checkpointKey = (version: number): string => keyOf(layout.checkpoint(version));
export const blobKey = (digest: string): string => keyOf(layout.blob(digest));
export const dataKey = (path: string): string => fileNameOf(path);

/** The version whose entry a key is; null for other keys. */
export const entryVersion = (key: string): number | null => versionOfKey(key, '.json');

/** The version whose checkpoint a key is; null for other keys. */
export const checkpointVersion = (key: string): number | null => versionOfKey(key, '.checkpoint.parquet');

const versionOfKey = (key: string, suffix: Parameters<typeof versionOf>[1]): number | null => {
  const version = key.startsWith(LOG_PREFIX) ? versionOf(key.slice(LOG_PREFIX.length), suffix) : null;
  return version !== null && Number.isSafeInteger(version) ? version : null;
};

/** Tells whether a key is one of a content: of what else lies beside them nothing is known. */
export const isBlobKey = (key: string): boolean => {
  const digest = key.slice(-64);
  return /^[0-9a-f]{64}$/.test(digest) && key === blobKey(digest);
};

/** The versions whose entries a pack has, both included. */
export interface PackRange {
  readonly from: number;
  readonly to: number;
}

export const packKey = ({ from, to }: PackRange): string =>
  `${PACK_PREFIX}${String(from).padStart(20, '0')}-${String(to).padStart(20, '0')}.jsonl`;

export const packRange = (key: string): PackRange | null => {
  const [, from, to] = /^_entries\/(\d{20})-(\d{20})\.jsonl$/.exec(key) ?? [];
  const range = { from: Number(from), to: Number(to) };
  return Number.isSafeInteger(range.from) && Number.isSafeInteger(range.to) ? range : null;
};
