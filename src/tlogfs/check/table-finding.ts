import type { FoundInstead } from '../../ports/file-system.js';

/** The row that a finding is about. */
export interface RowPlace {
  /** Path of the entry in the pond, or its last one; null where that cannot be said. */
  readonly path: string | null;
  readonly nodeId: string;
  readonly version: number;
}

/** Fault of a row by itself or beside the other rows of its node. */
export type RowProblem =
  | 'no-digest'
  | 'no-content-before'
  | 'differs-from-content'
  | 'forgotten-and-needed'
  | 'dynamic-not-inline'
  | 'configuration-too-large'
  | 'type-changes'
  | 'transaction-decreases'
  | 'unknown-transaction'
  | 'other-transaction'
  | 'other-pond'
  | 'event-times-reversed'
  | 'attributes-unreadable'
  | 'moved-without-tombstone'
  | 'follows-tombstone';

/**
 * Findings in a pond's table. `file` is a file of the host's, named from the pond's directory; `path` one in
 * the pond.
 */
export type TableFinding =
  /** Data files without a log. */
  | { readonly _tag: 'LogMissing'; readonly file: string }
  /** `more`: so many versions after it are missing, too, and are not said one by one. */
  | {
      readonly _tag: 'LogEntryMissing';
      readonly file: string;
      readonly version: number;
      readonly more?: number;
    }
  /** Another engine removed the entries before `version`, for which a checkpoint stands. */
  | { readonly _tag: 'LogCleanedUp'; readonly file: string; readonly version: number }
  | {
      readonly _tag: 'LogEntryUnreadable';
      readonly file: string;
      readonly version: number;
      readonly problem: string;
    }
  /** A pack of log entries that cannot be read: the history of its commits is lost, a checkpoint stands for their data. */
  | { readonly _tag: 'LogPackDamaged'; readonly file: string; readonly problem: string }
  /** An entry that does not follow from those before it. */
  | {
      readonly _tag: 'LogEntryContradicts';
      readonly file: string;
      readonly version: number;
      readonly problem: string;
    }
  /** An entry that asks for a version of the protocol that this program does not know, or names files of another table. */
  | {
      readonly _tag: 'LogEntryNotSupported';
      readonly file: string;
      readonly version: number;
      readonly problem: string;
    }
  | {
      readonly _tag: 'CheckpointUnreadable';
      readonly file: string;
      readonly version: number;
      readonly problem: string;
    }
  | {
      readonly _tag: 'CheckpointDiffers';
      readonly file: string;
      readonly version: number;
      readonly problem: string;
    }
  /** `_last_checkpoint` is unreadable, points at nothing, or describes another file. */
  | { readonly _tag: 'LastCheckpointWrong'; readonly file: string; readonly problem: string }
  /** Checkpoints without a `_last_checkpoint`: a crash came between. Opening the pond takes longer. */
  | { readonly _tag: 'LastCheckpointMissing'; readonly file: string }
  | { readonly _tag: 'DataFileMissing'; readonly file: string }
  | { readonly _tag: 'DataFileDamaged'; readonly file: string; readonly problem: string }
  /** A file that is in order and that this program does not read. */
  | { readonly _tag: 'DataFileNotSupported'; readonly file: string; readonly problem: string }
  | { readonly _tag: 'StatisticsWrong'; readonly file: string; readonly problem: string }
  /** Versions of a node count 1, 2, 3 ... over all directories that it was in. */
  | (RowPlace & { readonly _tag: 'VersionsBroken'; readonly expected: number })
  | (RowPlace & { readonly _tag: 'RowUnsound'; readonly problem: RowProblem })
  /** Contents that were given up for their space, and when that was done last (ISO 8601). */
  | {
      readonly _tag: 'ContentsForgotten';
      readonly contents: number;
      /** The newest transaction before which nothing was to be kept. */
      readonly before: number;
      readonly since: string;
    }
  | (RowPlace & { readonly _tag: 'NameInvalid'; readonly name: string })
  | {
      readonly _tag: 'NameTaken';
      readonly path: string | null;
      readonly name: string;
      readonly nodeIds: readonly string[];
    }
  /** `cycle`: a directory lies within itself. */
  | (RowPlace & {
      readonly _tag: 'ParentWrong';
      readonly parentId: string;
      readonly problem: 'missing' | 'removed' | 'no-directory' | 'cycle';
    })
  /** A content inside a row. */
  | (RowPlace & { readonly _tag: 'ContentDamaged'; readonly problem: string })
  | (RowPlace & { readonly _tag: 'BlobMissing'; readonly file: string })
  | (RowPlace & { readonly _tag: 'BlobDamaged'; readonly file: string; readonly problem: string })
  | {
      readonly _tag: 'StorageUnreadable';
      readonly file: string;
      readonly call: string;
      readonly code: string;
    }
  /** Something else stands where a file or directory of the pond's belongs. */
  | { readonly _tag: 'UnsafeFile'; readonly file: string; readonly found: FoundInstead }
  | Stray;

/** A file that nothing refers to. */
export type Stray =
  | { readonly _tag: 'OrphanedBlob'; readonly file: string; readonly bytes: number }
  | { readonly _tag: 'OrphanedDataFile'; readonly file: string; readonly bytes: number }
  | { readonly _tag: 'StagedLeftover'; readonly file: string; readonly bytes: number }
  /** A file that this program did not make; never removed. */
  | { readonly _tag: 'UnknownFile'; readonly file: string };
