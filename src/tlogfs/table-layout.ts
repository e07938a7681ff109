/** Name by which the table's files say who wrote them. */
export const ENGINE = 'pond-steward';

/** Paths of the table's files in one data directory. */
export interface TableLayout {
  readonly dataDir: string;
  /** `_delta_log`. */
  readonly logDir: string;
  readonly lastCheckpoint: string;
  /** Folder of what is not yet committed. Delta readers ignore folders whose names start with `_`. */
  readonly stagingDir: string;
  readonly logEntry: (version: number) => string;
  readonly checkpoint: (version: number) => string;
  /** Log entries that a checkpoint stands for, many in a file. Delta readers ignore the folder, and need none of them. */
  readonly historyDir: string;
  readonly pack: (range: { readonly first: number; readonly last: number }) => string;
  /** A file of the table by the path that the log gives it. */
  readonly dataFile: (path: string) => string;
  readonly staged: (name: string) => string;
  /** Folders of blobs. */
  readonly blobRoot: string;
  readonly blobDir: (digest: string) => string;
  readonly blob: (digest: string) => string;
}

export const tableLayout = (dataDir: string): TableLayout => {
  const logDir = `${dataDir}/_delta_log`;
  const stagingDir = `${dataDir}/_staging`;
  const historyDir = `${dataDir}/_history`;
  const blobRoot = `${dataDir}/_blobs/sha256`;
  const blobDir = (digest: string) => `${blobRoot}/${digest.slice(0, 2)}`;
  return {
    dataDir,
    logDir,
    lastCheckpoint: `${logDir}/_last_checkpoint`,
    stagingDir,
    logEntry: (version) => `${logDir}/${twentyDigits(version)}.json`,
    checkpoint: (version) => `${logDir}/${twentyDigits(version)}.checkpoint.parquet`,
    historyDir,
    pack: (range) => `${historyDir}/${packName(range)}`,
    dataFile: (path) => `${dataDir}/${fileNameOf(path)}`,
    staged: (name) => `${stagingDir}/${name}`,
    blobRoot,
    blobDir,
    blob: (digest) => `${blobDir(digest)}/${digest}`,
  };
};

/**
 * The name of a file as the log has it is a URI: percent-encoded where another engine's names need that (protocol, "Add
 * File and Remove File"). One that is not encoded properly is taken as it is.
 */
export const fileNameOf = (path: string): string => {
  if (!path.includes('%')) return path;
  try {
    return decodeURIComponent(path);
  } catch (error) {
    if (error instanceof URIError) return path;
    throw error;
  }
};

/** The Parquet file of one write transaction, as the log calls it. */
export const transactionFile = (txnId: string): string => `part-${txnId}.parquet`;

export const isTransactionFile = (path: string): boolean =>
  /^part-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.parquet$/.test(path);

/** Names in `_staging` of one transaction's log entry and of its blobs, counted from 1. */
export const stagedEntry = (txnId: string): string => `${txnId}.json`;
export const stagedBlob = (txnId: string, count: number): string => `${txnId}-${count}.blob`;

export const isStagedBy = (txnId: string, name: string): boolean =>
  name === stagedEntry(txnId) ||
  (name.startsWith(`${txnId}-`) && /^\d+\.blob$/.test(name.slice(txnId.length + 1)));

/** Names in `_staging` that are made here, by transactions, merges and checkpoints. Nothing else is removed from it. */
export const isStagedName = (name: string): boolean =>
  /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(\.json|-\d+\.blob)$/.test(name) ||
  /^maintain-(\d+\.json|\d{20}\.checkpoint\.parquet|\d{20}-\d{20}\.pack|_last_checkpoint)$/.test(name);

/** A data file directly in the directory of the table, whatever engine made it. */
export const isDataFileName = (path: string): boolean => /^part-[\w.-]+\.parquet$/.test(path);

/**
 * The file that a merge makes for the version that it will be published as. What is there under that name before
 * that version exists was left by a merge that never finished.
 */
export const mergedFile = (version: number): string => `${MERGED_PREFIX}${twentyDigits(version)}.parquet`;

/** Beginning of the names of merged files. */
export const MERGED_PREFIX = 'part-merged-';

/** The version that a merge made a file for; null for other names. Another history may have another file of that name. */
export const mergedVersionOf = (path: string): number | null => {
  const [, version] = /^part-merged-(\d{20})\.parquet$/.exec(path) ?? [];
  return version === undefined ? null : Number(version);
};

/** Tells whether a data file has a name that this program gives; other engines' files have others. */
export const isOwnDataFile = (path: string): boolean =>
  isTransactionFile(path) || mergedVersionOf(path) !== null;

/** The version of a log file's name; null for other names, and for numbers that no version has. */
export const versionOf = (name: string, suffix: '.json' | '.checkpoint.parquet'): number | null =>
  name.length === 20 + suffix.length && name.endsWith(suffix) && /^\d{20}/.test(name)
    ? versionIn(name.slice(0, 20))
    : null;

const versionIn = (digits: string): number | null => {
  const version = Number(digits);
  return Number.isSafeInteger(version) ? version : null;
};

/** The name of a pack: the first and the last version that it has. */
const packName = ({ first, last }: { readonly first: number; readonly last: number }): string =>
  `${twentyDigits(first)}-${twentyDigits(last)}.pack`;

/** The versions that a pack has by its name; null for other names. */
export const packRangeOf = (name: string): { readonly first: number; readonly last: number } | null => {
  const [, from = '', to = ''] = /^(\d{20})-(\d{20})\.pack$/.exec(name) ?? [];
  const [first, last] = from === '' ? [null, null] : [versionIn(from), versionIn(to)];
  return first === null || last === null || first > last ? null : { first, last };
};

const twentyDigits = (version: number): string => String(version).padStart(20, '0');
