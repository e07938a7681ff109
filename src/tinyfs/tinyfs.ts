import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { PondPath } from '../domain/paths/pond-path.js';
import type { OnDuplicate, SchemaRule, SeriesContract } from '../domain/series/series-contract.js';
import type { Difference } from '../domain/tree/difference.js';
import type { DynamicType, EntryType, Forgetting } from '../domain/tree/node-row.js';
import type { TinyFsError } from './errors.js';
import type { ByteStream } from './persistence.js';

/** An entry as it is listed. */
export interface Entry {
  readonly path: PondPath;
  readonly name: string;
  readonly entryType: EntryType;
  /** Id of the node; entries that a factory makes have none. */
  readonly nodeId: string | null;
  /** Version of the node; 0 where there is none (the root, entries that a factory makes). */
  readonly version: number;
  /** The transaction that wrote this version; 0 where there is none. */
  readonly txnSeq: number;
  /** Microseconds since the epoch, of this version; 0 where there is none. */
  readonly timestamp: number;
  /** Bytes of the content; of a series, of all its versions. Unknown (null) for what a factory makes. */
  readonly size: number | null;
  /** SHA-256 of the content (of a series: of its newest version). */
  readonly sha256: string | null;
  /** Name of the factory that makes the content; null for what is stored. */
  readonly factory: string | null;
  /** Target of a symlink, as it was written. */
  readonly linkTarget: string | null;
}

/** One version of a file's content. */
export interface Version {
  /** Number of the version, from 1. */
  readonly version: number;
  /** The transaction that wrote it. */
  readonly txnSeq: number;
  /** Microseconds since the epoch. */
  readonly timestamp: number;
  /** Bytes of this version alone. */
  readonly size: number;
  /** SHA-256 of this version's content. */
  readonly sha256: string | null;
  /** The earliest time of what is in it, in microseconds since the epoch; null where nobody said. */
  readonly minEventTime: number | null;
  /** The latest time of what is in it, in the same unit. */
  readonly maxEventTime: number | null;
  /** Present where the content is no longer there: since when. */
  readonly forgotten?: Forgetting;
}

/** The matches of a pattern, and the dynamic directories that could not be looked into. */
export interface Matches {
  /** Sorted by path (bytes of UTF-8). */
  readonly entries: readonly Entry[];
  /** Directories whose entries a factory should have made, and why it did not. */
  readonly unreadable: readonly { readonly path: PondPath; readonly error: TinyFsError }[];
}

/** Factory and configuration that a dynamic node is made from. */
export interface DynamicConfig {
  /** Name of the factory. */
  readonly factory: string;
  /** The bytes as they were given. */
  readonly config: Uint8Array;
}

/**
 * The pond's filesystem, read only: one snapshot of it. Paths are strings, absolute or relative to the working
 * directory; symlinks are followed unless said otherwise.
 */
export interface PondReader {
  /** The transaction whose state this is. */
  readonly txnSeq: number;
  /** The same filesystem with another working directory for relative paths (`/` at first). */
  readonly withWorkingDirectory: (path: string) => TaskEither<TinyFsError, PondReader>;
  /** The entry at a path, symlinks followed. */
  readonly stat: (path: string) => TaskEither<TinyFsError, Entry>;
  /** The entry at a path; a symlink as itself. */
  readonly lstat: (path: string) => TaskEither<TinyFsError, Entry>;
  /** Tells whether anything is at the path, symlinks followed. */
  readonly exists: (path: string) => TaskEither<TinyFsError, boolean>;
  /** The entries of a directory, sorted by name. */
  readonly list: (path: string) => TaskEither<TinyFsError, readonly Entry[]>;
  /** The content: of a series the rows of all versions as one Parquet file, in the order of their times; of a dynamic
   *  file what its factory makes, of an executable node its configuration. `version`: of that version alone, as it came. */
  readonly read: (
    path: string,
    options?: { readonly version?: number },
  ) => TaskEither<TinyFsError, ByteStream>;
  /** All of a content in memory; for what is known to be small. */
  readonly readBytes: (path: string) => TaskEither<TinyFsError, Uint8Array>;
  /** Returns the target of the symlink at a path, as it was written. `WrongEntryType` for anything else. */
  readonly readLink: (path: string) => TaskEither<TinyFsError, string>;
  /** The versions of a file's content, oldest first. */
  readonly versions: (path: string) => TaskEither<TinyFsError, readonly Version[]>;
  /** The contract of a series. `NotASeries` for anything else. */
  readonly series: (path: string) => TaskEither<TinyFsError, SeriesContract>;
  /** Everything that matches a glob (`*`, `**`, `?`, `[]`, `{}`), sorted by path. A pattern without `/` in front is taken from the working directory. Symlinks to directories are not descended into by `**`. */
  readonly collectMatches: (pattern: string) => TaskEither<TinyFsError, Matches>;
  /**
   * Hands over the same matches in the same order as they are found, one by one, without keeping them: for what may be
   * millions. `take` may return a promise, which is awaited before the next one; false, or a promise of it, ends the
   * search. Returns the dynamic directories that could not be looked into.
   */
  readonly eachMatch: (
    pattern: string,
    take: (entry: Entry) => unknown,
  ) => TaskEither<TinyFsError, Matches['unreadable']>;
  /** The factory and configuration of the dynamic node at a path. `NotDynamic` for anything else. */
  readonly getDynamicNodeConfig: (path: string) => TaskEither<TinyFsError, DynamicConfig>;
}

/** Options of a series; what is not given stays as it is. */
export interface SeriesOptions {
  /** The column of event times. Default: the first named timestamp, time, date or datetime, else the first of such a type. */
  readonly timeColumn?: string;
  /** The zone in which times without one are meant, such as `Europe/Vienna`; null: in none. */
  readonly timezone?: string | null;
  /** Columns that together tell rows apart. Default: none do. */
  readonly unique?: readonly string[];
  /** Choice among rows with equal keys: all (`keep`, the default), the first (`skip`), or the last (`replace`). */
  readonly onDuplicate?: OnDuplicate;
  /** Changes that an append may make: new columns and wider numbers (`widen`, the default), nothing, or everything (`any`). */
  readonly schema?: SchemaRule;
}

/** Options of a content that is written. */
export interface WriteOptions {
  /** Default `file`. Writing over an entry of another type is refused. */
  readonly entryType?: 'file' | 'table' | 'series';
  /** JSON of the writer's own, kept with the version. Default: that of the version before. */
  readonly attributes?: string | null;
  /** The earliest time of what is in the content, in microseconds since the epoch. Of a series it is read from the content. */
  readonly minEventTime?: number | null;
  /** The latest time of what is in the content, in the same unit; not before the earliest. */
  readonly maxEventTime?: number | null;
  /** The contract of a series that is made by this, or a change of it. */
  readonly series?: SeriesOptions;
  /** True: a content that is there already becomes a new version all the same. */
  readonly always?: boolean;
  /** True: a content that one of the versions of a series is already, to the byte, is not appended once more. Only of a series, and without `always` and `replaces`. */
  readonly once?: boolean;
  /** The version of a series, appended by the same transaction, whose place the content takes. */
  readonly replaces?: number;
}

/** The pond's filesystem inside a write transaction: its changes are visible to itself at once, to others at the commit. */
export interface PondWriter extends Omit<PondReader, 'withWorkingDirectory'> {
  /** The same filesystem with another working directory for relative paths; what it changes is in the same transaction. */
  readonly withWorkingDirectory: (path: string) => TaskEither<TinyFsError, PondWriter>;
  /** A directory; its parent must exist. An existing directory is fine and not a change (returns false). */
  readonly mkdir: (path: string) => TaskEither<TinyFsError, boolean>;
  /** A directory and all its missing parents; returns whether anything was made. */
  readonly mkdirAll: (path: string) => TaskEither<TinyFsError, boolean>;
  /**
   * A new version of a file or table (made where it is missing; its parent must exist), or one more version of a series.
   * A file or table that has this content already gets none.
   */
  readonly write: (
    path: string,
    content: Uint8Array | ByteStream,
    options?: WriteOptions,
  ) => TaskEither<TinyFsError, Entry>;
  /**
   * Appends a version, a Parquet file, to a series, which is made where it is missing. What does not keep to the
   * contract of the series is refused (`SchemaConflict`, `NotParquet`).
   */
  readonly appendToSeries: (
    path: string,
    content: Uint8Array | ByteStream,
    options?: Omit<WriteOptions, 'entryType'>,
  ) => TaskEither<TinyFsError, Entry>;
  /** Changes the contract of a series, for what is appended and read from now on. */
  readonly changeSeries: (path: string, asked: SeriesOptions) => TaskEither<TinyFsError, SeriesContract>;
  /** Takes one version out of a series from now on. Its last version cannot be taken out. */
  readonly removeVersion: (path: string, version: number) => TaskEither<TinyFsError, void>;
  /** A symlink; `target` is kept as it is given and may dangle. Whatever exists at `path` is an error. */
  readonly symlink: (target: string, path: string) => TaskEither<TinyFsError, void>;
  /** Moves an entry (a symlink as itself). An existing directory as target takes it in; an existing file, table,
   *  series, symlink or dynamic node of the same type is replaced. Moving onto itself is not a change. */
  readonly rename: (from: string, to: string) => TaskEither<TinyFsError, void>;
  /**
   * Copies an entry (a symlink as itself), with all that is below a directory, without copying bytes. An existing
   * directory as target takes the copy in; an existing file, table or dynamic node of the same type gets a new version.
   */
  readonly copy: (from: string, to: string) => TaskEither<TinyFsError, void>;
  /**
   * Makes what is at a path, and all that is below it, what it was after an earlier transaction, its absence included.
   * What is equal is not changed.
   */
  readonly restore: (path: string, txnSeq: number) => TaskEither<TinyFsError, void>;
  /**
   * Undoes what an earlier transaction changed at or below `paths` (default: everywhere) and returns what that was.
   * What is as it was before already is left out. Where a later transaction changed the same, nothing is done (`ChangedSince`), unless
   * `force` is set: then what came later is lost.
   * Versions that it appended to a series are taken out, and those that came later stay.
   */
  readonly revert: (
    txnSeq: number,
    options?: { readonly paths?: readonly string[]; readonly force?: boolean },
  ) => TaskEither<TinyFsError, readonly Difference[]>;
  /** Removes an entry (a symlink as itself); `recursive` is needed for a directory that is not empty. */
  readonly remove: (
    path: string,
    options?: { readonly recursive?: boolean },
  ) => TaskEither<TinyFsError, void>;
  /** A dynamic node. Neither initialises nor runs the factory, nor looks at the configuration. Its parent must exist. */
  readonly createDynamicPath: (
    path: string,
    entryType: DynamicType,
    factory: string,
    config: Uint8Array,
    options?: { readonly overwrite?: boolean },
  ) => TaskEither<TinyFsError, Entry>;
  /** A new version of a dynamic node's configuration; the same bytes are not a change. */
  readonly updateDynamicNodeConfig: (path: string, config: Uint8Array) => TaskEither<TinyFsError, void>;
}
