/** Kinds that an entry of a directory can be. */
export type EntryType =
  | 'file'
  | 'table'
  | 'series'
  | 'directory'
  | 'symlink'
  | 'file:dynamic'
  | 'directory:dynamic';

/** Every entry type, as keys. */
export const ENTRY_TYPES: Readonly<Record<EntryType, null>> = {
  file: null,
  table: null,
  series: null,
  directory: null,
  symlink: null,
  'file:dynamic': null,
  'directory:dynamic': null,
};

/** Entry types of dynamic nodes, which have a factory and a configuration instead of content. */
export type DynamicType = 'file:dynamic' | 'directory:dynamic';

export const isDynamic = (type: EntryType): type is DynamicType =>
  type === 'file:dynamic' || type === 'directory:dynamic';

/**
 * Place of a row's content: in the row, in a blob, in the version before (`none`: a rename, a tombstone, a directory), or
 * nowhere any more.
 */
export type StorageFormat = 'inline' | 'external' | 'none' | 'forgotten';

/** The end of a content that was given up for its space: its row stays, with size and digest. */
export interface Forgetting {
  /** Microseconds since the epoch. */
  readonly since: number;
  /** The transaction before which nothing was to be kept. */
  readonly before: number;
}

/** The directory id under which the entries of `/` are stored. The root itself has no row. */
export const ROOT_ID = '00000000-0000-7000-8000-000000000000';

/**
 * One row of the op log without its content: one change of one node. Rows are never updated; the newest row of a
 * node in a directory is its state there.
 */
export interface NodeRow {
  /** Id of the directory that holds the entry. */
  readonly partId: string;
  /** Id of the node, a UUIDv7 that never changes. */
  readonly nodeId: string;
  /** The entry's name in that directory. */
  readonly name: string;
  readonly fileType: EntryType;
  /** Version of the node, from 1, without gaps, over all directories that it was ever in. */
  readonly version: number;
  /** Time in microseconds since the epoch. */
  readonly timestamp: number;
  /** The write transaction. */
  readonly txnSeq: number;
  /** The entry ends here (removed, or moved to another directory). */
  readonly deleted: boolean;
  readonly storageFormat: StorageFormat;
  /** Bytes of the content as of this version; 0 for a directory and a tombstone. */
  readonly size: number;
  /** SHA-256 of the content as of this version, in hexadecimal; null where there is none. */
  readonly sha256: string | null;
  /** Factory type of a dynamic node. */
  readonly factory: string | null;
  /** Range of the event times of a series version, microseconds since the epoch. */
  readonly minEventTime: number | null;
  readonly maxEventTime: number | null;
  /** JSON text. */
  readonly attributes: string | null;
  /** Present where the storage format is `forgotten`. */
  readonly forgotten?: Forgetting;
}
