import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { PondPath } from '../domain/paths/pond-path.js';
import type { Chain } from '../domain/plans/chain.js';
import type { Suppression } from '../domain/plans/suppression.js';
import type { PersistenceError, PersistenceView, PersistenceWriter } from '../tinyfs/persistence.js';

/** Reason why the op log could not be opened, read or extended. */
export type TLogError =
  | PersistenceError
  /** No Delta log is at that place: no pond, or one whose `init` never finished. `found`: what is there instead; a `table` of a store says of no control table. */
  | { readonly _tag: 'NotAPond'; readonly path: string; readonly found?: 'file' | 'table' }
  | { readonly _tag: 'PondExists'; readonly path: string; readonly found?: 'table' }
  /** The pond was made or changed by a newer version of pond: this one would misunderstand what is in it. */
  | {
      readonly _tag: 'PondTooNew';
      readonly path: string;
      readonly format: string;
      /** The newest format that this version knows. */
      readonly known: number;
    }
  /** A table that needs a newer reader or writer than this. */
  | { readonly _tag: 'UnsupportedTable'; readonly path: string; readonly problem: string }
  /** The transaction does not exist (yet). */
  | { readonly _tag: 'TransactionNotFound'; readonly txnSeq: number; readonly lastTxnSeq: number }
  /** The number was given to a commit that the table does not have any more: an older copy of it was put back. */
  | { readonly _tag: 'CommitGone'; readonly path: string; readonly txnSeq: number }
  /** The log entry of a transaction is gone: another engine removed it when it cleaned up. Its data is still there. */
  | { readonly _tag: 'CommitForgotten'; readonly path: string; readonly txnSeq: number }
  /** Somebody published that version without holding the writer's lock: a foreign writer. */
  | { readonly _tag: 'VersionTaken'; readonly path: string; readonly version: number }
  /** The writer's lock was lost before the log entry was sent: nothing was changed. */
  | { readonly _tag: 'LockLost'; readonly path: string; readonly version: number }
  /**
   * The store did not say whether it has taken the log entry: the transaction is there, or it never will be. Whoever writes or
   * recovers next finds out which.
   */
  | {
      readonly _tag: 'CommitUnclear';
      readonly path: string;
      readonly version: number;
      readonly problem: string;
    };

/** Identity of a write transaction in the log. */
export interface TransactionIdentity {
  readonly txnSeq: number;
  /** UUIDv7. */
  readonly txnId: string;
  /** Microseconds since the epoch: the timestamp of all its rows. */
  readonly timestamp: number;
}

/** Facts about its commit that a log entry has (`commitInfo`). */
export interface CommitInfo extends TransactionIdentity {
  readonly operation: string;
  /** The command's arguments, redacted. */
  readonly cliArgs: readonly string[];
  readonly planChecksum: string;
  /** The planner's rules by which the plan was made; commits that do not say it were planned by rules 1. */
  readonly plannerVersion: number;
  readonly suppressed: Suppression | null;
  /** The tasks and runs by hand inside which it was made, the outermost first. */
  readonly causedBy: Chain;
  /** Entries of `/etc/system.d` that commits of the chain have added, moved or changed: a derived commit does not run them. */
  readonly changedInChain: readonly string[];
  /** Tells whether it was to be committed without asking its gates. Default false. */
  readonly noGates?: boolean;
  /** The incarnation of the pond that made it, a UUID; null: the one that `init` made. Default null. */
  readonly incarnation?: string | null;
}

/** Facts about a commit besides what identifies it; a chain that is left out is empty. */
export type NewCommitInfo = Omit<CommitInfo, keyof TransactionIdentity | 'causedBy' | 'changedInChain'> &
  Partial<Pick<CommitInfo, 'causedBy' | 'changedInChain'>>;

/** A commit as the log knows it. Compaction makes versions without one. */
export interface LoggedCommit extends CommitInfo {
  /** The Delta version. */
  readonly version: number;
  /** The transaction before it: the number before its own, unless commits have gone that had those in between. */
  readonly basedOnSeq: number;
}

export interface Head {
  /** Newest Delta version. */
  readonly version: number;
  /** Newest write transaction. */
  readonly txnSeq: number;
}

/** One snapshot of the table, bounded by a transaction. */
export interface Snapshot extends PersistenceView {
  readonly version: number;
}

/** A note of which version a write is to become, so that whoever takes its writer for dead can see to it that it never does. */
export interface Intention {
  /** The version that is written down. */
  readonly version: number;
  /** Writes another one down, durably: what lies at the first is somebody else's. */
  readonly move: (version: number) => TaskEither<TLogError, void>;
}

/** The outcome of a commit whose log entry is in place. */
export interface Committed {
  readonly version: number;
  /** `unknown` when an fsync failed after the log entry was in place: the commit is there, but may not survive power loss. */
  readonly durability: 'durable' | 'unknown';
}

/** A write transaction of the op log. The caller holds the writer's lock for its whole life. */
export interface TLogWriter extends PersistenceWriter {
  /**
   * Blobs, then the Parquet file, then the log entry: the commit point. An error means that nothing was committed
   * and that what was staged is removed. `beside`: what else has to be durable before the commit point, and is made so while the disk
   * is at work with the files in any case; its error is the commit's.
   */
  readonly commit: <E = never>(
    info: NewCommitInfo,
    beside?: TaskEither<E, void>,
  ) => TaskEither<TLogError | E, Committed>;
  /** Removes what was staged. */
  readonly abort: () => TaskEither<TLogError, void>;
}

export interface SweepOptions {
  /** Milliseconds since the epoch: files that were merged away or replaced before are removed, too, and checkpoints that are superseded. Null: neither. */
  readonly mergedAwayBefore: number | null;
  /** Says only what would be removed. */
  readonly dryRun: boolean;
}

/** A file that nothing refers to, by what it is. */
export interface StrayFile {
  readonly path: string;
  readonly kind: keyof Swept['removed'];
}

/** Files that nothing refers to at a version of the log. */
export interface Strays {
  readonly version: number;
  readonly files: readonly StrayFile[];
}

/** Contents that are to be forgotten: those that no state shows from some transaction on. */
export interface ForgetOptions {
  /** The transaction from which on every state stays as it is. */
  readonly before: number;
  /** Earlier transactions whose states stay, too. */
  readonly alsoAt: readonly number[];
  /** Only contents of what is, or last was, at or below one of these; null: of everything. */
  readonly paths: readonly PondPath[] | null;
  /** Says only what would be forgotten. */
  readonly dryRun: boolean;
}

/** Contents that were forgotten, or would be. */
export interface Forgot {
  /** The transaction from which on every state stays as it is. */
  readonly before: number;
  /** Number of contents. */
  readonly contents: number;
  /** Bytes of these contents that nothing else refers to. */
  readonly bytes: number;
}

/** Log entries that were packed and whose files were removed, or would be. */
export interface PackedHistory {
  readonly entries: number;
}

/** Files that were removed, or would be. */
export interface Swept {
  readonly removed: {
    /** Files of transactions that never committed. */
    readonly staged_files: number;
    /** Data files that no log entry names. */
    readonly orphaned_files: number;
    /** Contents that no row refers to. */
    readonly orphaned_blobs: number;
    /** Data files that were merged into others long enough ago. */
    readonly merged_away_files: number;
    /** Checkpoints that a later one has replaced. */
    readonly checkpoints: number;
  };
  /** Bytes of all of them. */
  readonly bytes: number;
}

/** The op log of one pond: a Delta Lake table in `$POND/data`, or in a bucket. */
export interface TLog {
  readonly pondId: string;
  readonly birthplace: string;
  /**
   * Looks for newer versions and returns the newest. `again`: also where whoever has the writer's lock has looked already, and now knows
   * that there must be a newer one. `known`: returns the newest that is known, for whoever has just looked under the lock.
   */
  readonly head: (look?: 'again' | 'known') => TaskEither<TLogError, Head>;
  /** The newest snapshot, or the one of transaction `at` (from 1). */
  readonly snapshot: (at?: number) => TaskEither<TLogError, Snapshot>;
  /** Starts a write on the newest snapshot. `intention`: for a table in a store; before its log entry is put as another version, that is written down. */
  readonly beginWrite: (
    identity: TransactionIdentity,
    intention?: Intention,
  ) => TaskEither<TLogError, TLogWriter>;
  /** All commits with `txnSeq` above the given one, in order; those whose entries another engine removed are left out. */
  readonly commitsAfter: (txnSeq: number) => TaskEither<TLogError, readonly LoggedCommit[]>;
  /** The commit of one transaction. `hint`: the version at which it is thought to be. */
  readonly commitOf: (txnSeq: number, hint?: number) => TaskEither<TLogError, LoggedCommit>;
  /** Makes the newest log entry durable again: a predecessor may have died between publishing and fsyncing it. */
  readonly secureHead: () => TaskEither<TLogError, void>;
  /**
   * Makes sure that no commit of writers that are taken for dead can become a version any more; what has become one until then is
   * seen by looking again. `intended`: the versions that they were to become, null where it is not known. Only under the writer's
   * lock. A directory needs none: its writers die with their locks.
   */
  readonly fence: (timestamp: number, intended: readonly (number | null)[]) => TaskEither<TLogError, void>;
  /** Removes what a dead transaction staged. Only under the writer's lock, only for transactions that are not in the log. */
  readonly discardStaged: (txnId: string) => TaskEither<TLogError, void>;
  /**
   * Removes what nothing refers to any more: all that is staged, and a merged file that was never published. Only under
   * the writer's lock. `ofOthers`: not where the newest version is this process's own: whoever began a write since is
   * known by its record, and who only merged is left to the next process that looks.
   */
  readonly discardLeftovers: (which: 'all' | 'ofOthers') => TaskEither<TLogError, void>;
  /**
   * Merges small files and writes a checkpoint where either is due; `foreign`: also rewrites what other engines wrote.
   * Only under the writer's lock.
   */
  readonly maintain: (
    timestamp: number,
    options?: { readonly foreign: boolean },
  ) => TaskEither<TLogError, void>;
  /** Removes files that nothing refers to. Reads all of the log and all rows. Only under the writer's lock. */
  readonly sweep: (options: SweepOptions) => TaskEither<TLogError, Swept>;
  /** Finds such files, and those that a live writer has not committed yet, without the lock: it takes as long as `sweep`. */
  readonly strays: () => TaskEither<TLogError, Strays>;
  /** Removes what was found so and was not committed since: it reads what was. Only under the writer's lock. */
  readonly removeStrays: (strays: Strays) => TaskEither<TLogError, Swept>;
  /**
   * Packs log entries that a checkpoint stands for and that were published before some time, milliseconds since the epoch.
   * What they say is read as before. Only under the writer's lock.
   */
  readonly packHistory: (
    timestamp: number,
    options: { readonly before: number; readonly dryRun: boolean },
  ) => TaskEither<TLogError, PackedHistory>;
  /**
   * Forgets contents: their rows stay, with size and digest, and are written again without them. The files that held them
   * are left to `sweep`. `timestamp`: microseconds since the epoch. Only under the writer's lock.
   */
  readonly forget: (timestamp: number, options: ForgetOptions) => TaskEither<TLogError, Forgot>;
  /** Replaces checkpoints that are not what the log says; returns how many were wrong. Only under the writer's lock. */
  readonly repairCheckpoints: (
    timestamp: number,
    options: { readonly dryRun: boolean },
  ) => TaskEither<TLogError, number>;
}
