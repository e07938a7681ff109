import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { Json, JsonObject } from '../domain/documents/json.js';
import type { TaskId } from '../domain/task-id.js';
import type { UnsafeFile } from '../ports/file-system.js';
import type { ProcessGroup } from '../ports/processes.js';

/** Why the control table could not be opened, read or extended. */
export type ControlError =
  | UnsafeFile
  /** `control/control.db` is not there; `pond rebuild-control` makes a new one. */
  | { readonly _tag: 'ControlMissing'; readonly path: string }
  /** It is there but damaged, or belongs to another pond, or its schema is not the one that pond makes. */
  | { readonly _tag: 'ControlUnusable'; readonly path: string; readonly problem: string }
  /** It was made or migrated by a newer version of pond. */
  | {
      readonly _tag: 'PondTooNew';
      readonly path: string;
      /** The format that it has, as it stands there, and the newest that this version knows. */
      readonly format: string;
      readonly known: number;
    }
  /** It is there and may not be read by this user. */
  | { readonly _tag: 'ControlUnreadable'; readonly path: string; readonly message: string }
  /** It can be read, and not written: a read-only medium, another user's pond. */
  | { readonly _tag: 'ControlReadOnly'; readonly path: string }
  /** It is of an older version, and cannot be migrated while a process is running tasks. */
  | { readonly _tag: 'ControlInUse'; readonly path: string; readonly runner: RunnerInfo }
  | { readonly _tag: 'ControlFailed'; readonly path: string; readonly code: string; readonly message: string }
  /** The claim was taken over by another runner meanwhile: the outcome was not recorded. */
  | { readonly _tag: 'StaleToken'; readonly task: string; readonly token: number }
  | { readonly _tag: 'TaskNotFound'; readonly task: string };

export type RecordType =
  | 'begin'
  | 'data_committed'
  | 'completed'
  | 'failed'
  | 'post_commit_pending'
  | 'post_commit_started'
  | 'post_commit_completed'
  | 'post_commit_failed'
  | 'post_commit_skipped'
  | 'post_commit_rolled_back';

export type TransactionType = 'read' | 'write' | 'post_commit';

/** One record, every column of the table. Times in microseconds since the epoch, durations in milliseconds. */
export interface ControlRecord {
  readonly recordId: number;
  readonly txnSeq: number;
  readonly txnId: string;
  readonly basedOnSeq: number | null;
  readonly recordType: RecordType;
  readonly transactionType: TransactionType;
  readonly timestamp: number;
  readonly cliArgs: readonly string[] | null;
  readonly environment: JsonObject | null;
  readonly dataFsVersion: number | null;
  readonly errorMessage: string | null;
  readonly durationMs: number | null;
  readonly parentTxnSeq: number | null;
  readonly executionSeq: number | null;
  readonly factoryName: string | null;
  readonly configPath: string | null;
  readonly attempt: number | null;
  readonly traceParent: string | null;
  readonly configTxnSeq: number | null;
  /** The chain of tasks in which a derived commit was made, the outermost first. */
  readonly causedBy: readonly JsonObject[] | null;
}

export type TaskState = 'pending' | 'started' | 'completed' | 'failed' | 'skipped' | 'rolled_back';

/** A task's present state: the fold of its records. */
export interface TaskStatus extends TaskId {
  readonly txnId: string;
  readonly factoryName: string | null;
  readonly configPath: string;
  readonly state: TaskState;
  /** Attempts begun so far; 0 for one that never started and for a rejected entry. */
  readonly attempts: number;
  /** Start of the latest attempt. */
  readonly startedAt: number | null;
  /** End of the latest attempt; null while it is pending or started. */
  readonly completedAt: number | null;
  readonly durationMs: number | null;
  readonly errorMessage: string | null;
  readonly configTxnSeq: number | null;
  /** Trace context of the latest attempt's own span; until there is one, of the commit. */
  readonly traceParent: string | null;
  /** Trace context of the commit, as it was stored with the first `pending`. */
  readonly commitTraceParent: string | null;
}

/** `committed`: a write whose data is there and whose post-commit work has ended (well or not). `completed`: a read,
 *  or a write that changed nothing. `incomplete`: without a terminal record. */
export type TransactionStatus = 'committed' | 'completed' | 'failed' | 'incomplete';

/** A read or write transaction: the fold of its records, with its tasks in order. A committed write's duration is
 *  that of its data, without its tasks. */
export interface TransactionSummary {
  readonly txnSeq: number;
  readonly txnId: string;
  readonly transactionType: 'read' | 'write';
  readonly status: TransactionStatus;
  readonly cliArgs: readonly string[];
  readonly startedAt: number;
  readonly durationMs: number | null;
  readonly dataFsVersion: number | null;
  readonly errorMessage: string | null;
  readonly planChecksum: string | null;
  readonly traceParent: string | null;
  readonly tasks: readonly TaskStatus[];
}

export interface BeginRecord {
  readonly txnSeq: number;
  readonly txnId: string;
  readonly basedOnSeq: number;
  readonly transactionType: 'read' | 'write';
  readonly timestamp: number;
  readonly cliArgs: readonly string[];
  /** Environment, reduced to what may be kept; `pid` and `host` tell whether the process is still there. */
  readonly environment: JsonObject;
  /** Trace context of the transaction's own span (W3C); null: it has none. */
  readonly traceParent: string | null;
}

/** A plan as it is kept. */
export interface StoredPlan {
  readonly checksum: string;
  /** Canonical JSON. */
  readonly plan: Json;
}

/** A task, or a rejected entry, as it enters the table. */
export interface PendingTask {
  readonly executionSeq: number;
  readonly factoryName: string | null;
  readonly configPath: string;
  /** What is wrong with a rejected entry; else null. It is recorded as failed, attempt 0. */
  readonly rejected: string | null;
}

export interface CommitRecord {
  readonly txnSeq: number;
  readonly txnId: string;
  readonly basedOnSeq: number;
  readonly timestamp: number;
  readonly dataFsVersion: number;
  readonly durationMs: number | null;
  readonly plan: StoredPlan;
  readonly traceParent: string | null;
  readonly tasks: readonly PendingTask[];
  /** The runner that will execute the tasks: they are claimed in the same transaction. Null: nobody yet (a rolled-forward commit). */
  readonly claimedBy: string | null;
}

/** A commit that is found in the log but not in the table. */
export interface RebuiltCommit extends Omit<CommitRecord, 'claimedBy' | 'plan'> {
  readonly plan: StoredPlan | null;
  readonly cliArgs: readonly string[];
}

/** A transaction without a terminal record. */
export interface OpenTransaction {
  readonly txnSeq: number;
  readonly txnId: string;
  readonly basedOnSeq: number;
  readonly transactionType: 'read' | 'write';
  readonly startedAt: number;
  readonly cliArgs: readonly string[];
  readonly environment: JsonObject;
  /** Whether its data is recorded as committed. */
  readonly dataCommitted: boolean;
  readonly traceParent: string | null;
}

/** A plan that belongs to a commit. */
export interface PlanOfCommit extends StoredPlan {
  readonly txnId: string;
  readonly txnSeq: number;
  readonly state: 'prepared' | 'active';
}

/** A running or waiting right to run a task. */
export interface Claim extends TaskId {
  readonly txnId: string;
  readonly configPath: string;
  readonly runnerId: string;
  /** Fencing token: grows with every claim; only the newest claim of a task may record its outcome. */
  readonly token: number;
  /** Attempts of the task begun before it was claimed. */
  readonly attempts: number;
}

/** What came of asking for tasks. */
export interface ClaimOutcome {
  readonly claimed: readonly Claim[];
  /** Tasks that a live runner holds. */
  readonly busy: readonly { readonly task: TaskId; readonly runner: RunnerInfo }[];
}

export interface RunnerInfo {
  readonly runnerId: string;
  readonly pid: number;
  readonly command: string;
}

/** A process group as it is recorded. Nothing of it is known to be true: the table may have come from anywhere. */
export interface RecordedGroup {
  /** The claim's under which it was started. */
  readonly token: number;
  readonly configPath: string;
  readonly group: ProcessGroup;
  /** Where it was recorded, by whom: JSON; null where version 0.1.0 did, or no key could be kept. */
  readonly origin: string | null;
}

/** What came of trying to start an attempt. */
export type StartOutcome =
  /** `post_commit_started` is durable; the attempt may have effects from now on. */
  | {
      readonly _tag: 'Started';
      readonly attempt: number;
      /** A later commit's task of the same configuration path that completed already: that commit. */
      readonly supersededBy: number | null;
    }
  /** A live runner runs, or has claimed an earlier commit's, task of the same configuration path. Try again later. */
  | { readonly _tag: 'Blocked'; readonly by: Claim; readonly runner: RunnerInfo }
  /** A dead runner left a process group behind: end it, call `forgetGroup`, try again. */
  | ({ readonly _tag: 'GroupLeftBehind' } & RecordedGroup)
  /** The task has ended already (another runner was faster). */
  | { readonly _tag: 'AlreadyEnded'; readonly state: TaskState }
  /** Three attempts were interrupted by crashes: the task was recorded as failed instead. */
  | { readonly _tag: 'GivenUp'; readonly errorMessage: string };

/** Time and duration of an attempt's end. */
export interface AttemptEnd {
  readonly attempt: number;
  readonly timestamp: number;
  readonly durationMs: number;
}

export interface StartAttempt {
  readonly timestamp: number;
  /** The transaction whose configuration is used. */
  readonly configTxnSeq: number;
  readonly traceParent: string | null;
}

/** Selects transactions for display. */
export interface TransactionQuery {
  readonly limit: number | null;
  readonly txnSeq: number | null;
  readonly transactionTypes: readonly ('read' | 'write')[];
}

/**
 * The append-only log of everything that happens to a pond. "Durable" methods survive power loss when they
 * return; the others survive the process. All methods are one SQLite transaction each.
 */
export interface ControlTable {
  /** Why no records can be made here; null: they can. Reads leave none then, and nothing else is begun. */
  readonly readOnly: ControlError | null;
  /**
   * Brings a table of an older version to the present one; returns whether there was anything to do. The caller holds
   * the writer's lock. `ControlInUse` while a runner lives. Durable.
   */
  readonly migrate: () => TaskEither<ControlError, boolean>;
  /** Whether {@link migrate} has something to do. */
  readonly isOlder: () => boolean;

  // ── transactions ──────────────────────────────────────────────────────────────────────────────────────
  /** Records that a transaction begins. Not fsynced. */
  readonly recordBegin: (begin: BeginRecord) => TaskEither<ControlError, void>;
  /** Keeps a plan under a transaction that has not committed yet, as *prepared*. Durable. */
  readonly recordPlanPrepared: (
    txn: { readonly txnId: string; readonly txnSeq: number },
    plan: StoredPlan,
  ) => TaskEither<ControlError, void>;
  /**
   * Step 4 of a commit, durable: `data_committed`; the plan becomes *active*; `post_commit_pending` for each task
   * and rejected entry (those also `post_commit_failed`, attempt 0); claims; without tasks to run, `completed` too.
   */
  readonly recordDataCommitted: (commit: CommitRecord) => TaskEither<ControlError, readonly Claim[]>;
  /** `completed` of a read, or of a write that changed nothing. Not fsynced. */
  readonly recordCompleted: (
    txnId: string,
    at: { readonly timestamp: number; readonly durationMs: number },
  ) => TaskEither<ControlError, void>;
  /** `failed`. Durable for a write, not for a read. */
  readonly recordFailed: (
    txnId: string,
    at: { readonly timestamp: number; readonly durationMs: number | null; readonly errorMessage: string },
  ) => TaskEither<ControlError, void>;
  /** Writes `completed` for a committed write once none of its tasks is pending or started, if it is not there yet;
   *  returns whether the transaction has its terminal record now. Durable. */
  readonly completeIfEnded: (txnId: string, timestamp: number) => TaskEither<ControlError, boolean>;
  /** Records commits that the table does not know: begin, data_committed, completed, and each task as pending and
   *  skipped ("control table rebuilt"). Those it knows already are left alone. Durable. Returns how many were added. */
  readonly recordRebuilt: (commits: readonly RebuiltCommit[]) => TaskEither<ControlError, number>;
  /** Removes the records of reads that began before `timestamp` and have ended; returns how many reads those were.
   *  With `dryRun` only counts them. Not fsynced. */
  readonly pruneReads: (
    timestamp: number,
    options?: { readonly dryRun: boolean },
  ) => TaskEither<ControlError, number>;

  // ── runners, claims and attempts ──────────────────────────────────────────────────────────────────────
  /** Announces this process as a runner; its lock is held until `endRunner`. */
  readonly beginRunner: (
    runner: RunnerInfo & { readonly timestamp: number },
  ) => TaskEither<ControlError, void>;
  /** Ends a runner, unless others have left work to it: then returns that work, and it goes on. */
  readonly endRunner: (runnerId: string) => TaskEither<ControlError, readonly Claim[]>;
  /** Takes what others have left to a runner; each claim is returned once, here or by `endRunner`. */
  readonly takeLeftClaims: (runnerId: string) => TaskEither<ControlError, readonly Claim[]>;
  /** Lets go of the runner's lock at once, whatever it still claims: the way out when `endRunner` cannot be had. */
  readonly abandonRunner: (runnerId: string) => void;
  /** Removes dead runners that claim nothing unfinished, and of `lockFiles`, names in `control/runners`, those that are nobody's. Not fsynced. */
  readonly removeDeadRunners: (lockFiles: readonly string[]) => TaskEither<ControlError, void>;
  /** Claims pending and interrupted tasks that no live runner holds. Durable. */
  readonly claim: (runnerId: string, tasks: readonly TaskId[]) => TaskEither<ControlError, ClaimOutcome>;
  /** `post_commit_pending` again for failed or skipped tasks, and claims them, for a retry. Durable. */
  readonly recordPostCommitPending: (
    runnerId: string,
    tasks: readonly TaskId[],
    at: { readonly timestamp: number; readonly configTxnSeq: number | null },
  ) => TaskEither<ControlError, ClaimOutcome>;
  /** Starts an attempt if it may start now. An interrupted attempt before it is closed as failed in the same transaction. Durable. */
  readonly recordPostCommitStarted: (
    claim: Claim,
    attempt: StartAttempt,
  ) => TaskEither<ControlError, StartOutcome>;
  /** Remembers a child's process group with the claim. Durable. */
  readonly recordGroup: (
    claim: Claim,
    group: ProcessGroup,
    origin: string | null,
  ) => TaskEither<ControlError, void>;
  /** The recorded groups of paths that no live runner runs. */
  readonly groupsLeftBehind: () => TaskEither<ControlError, readonly RecordedGroup[]>;
  readonly forgetGroup: (token: number) => TaskEither<ControlError, void>;
  /**
   * Fails a task that may not start, and gives its claim back: an attempt that is begun and failed at once, or where a
   * crash interrupted one, that. Nothing for one that has ended. Durable.
   */
  readonly recordPostCommitRefused: (
    claim: Claim,
    at: StartAttempt & { readonly errorMessage: string },
  ) => TaskEither<ControlError, void>;
  /** Ends an attempt and gives the claim back. A stale token records nothing and fails. Durable. */
  readonly recordPostCommitCompleted: (claim: Claim, end: AttemptEnd) => TaskEither<ControlError, void>;
  /** The same for a failed attempt. `next`: `release` gives the claim back; `retry` writes the next `pending` in the
   *  same transaction and keeps the claim; `hold` keeps the claim, still running, because the work has not stopped. Durable. */
  readonly recordPostCommitFailed: (
    claim: Claim,
    end: AttemptEnd & { readonly errorMessage: string; readonly next: 'release' | 'retry' | 'hold' },
  ) => TaskEither<ControlError, void>;
  /** The same for an attempt whose effects were undone after it failed. Durable. */
  readonly recordPostCommitRolledBack: (
    claim: Claim,
    end: AttemptEnd & { readonly errorMessage: string },
  ) => TaskEither<ControlError, void>;
  /** `post_commit_skipped`: a dependency failed. Gives the claim back. Durable. */
  readonly recordPostCommitSkipped: (
    claim: Claim,
    at: { readonly timestamp: number; readonly errorMessage: string },
  ) => TaskEither<ControlError, void>;
  /** Gives a claim back; the task stays as it is (pending, or started: then it counts as interrupted). */
  readonly release: (claim: Claim) => TaskEither<ControlError, void>;
  /** Leaves the task to the live runner that blocks it; false when that one has ended meanwhile (try to start it again). */
  readonly leaveTo: (claim: Claim, runnerId: string) => TaskEither<ControlError, boolean>;

  // ── questions ─────────────────────────────────────────────────────────────────────────────────────────
  /** The newest committed write that the table knows; 0 where there is none. */
  readonly lastCommittedSeq: () => TaskEither<ControlError, number>;
  /** Newest first. */
  readonly transactions: (query: TransactionQuery) => TaskEither<ControlError, readonly TransactionSummary[]>;
  /** Records in order; of one transaction, of all that touch one sequence number, or of everything. */
  readonly records: (of: {
    readonly txnId?: string;
    readonly txnSeq?: number;
    readonly limit?: number;
  }) => TaskEither<ControlError, readonly ControlRecord[]>;
  /** The tasks of a commit, by execution sequence. */
  readonly getPostCommitTasks: (parentTxnSeq: number) => TaskEither<ControlError, readonly TaskStatus[]>;
  readonly findIncompleteTransactions: () => TaskEither<ControlError, readonly OpenTransaction[]>;
  /** Pending and started tasks, oldest commit first, with the live runner that holds them, if any. */
  readonly findIncompletePostCommitTasks: () => TaskEither<
    ControlError,
    readonly (TaskStatus & { readonly runner: RunnerInfo | null })[]
  >;
  /** Failed tasks, oldest commit first. */
  readonly findFailedTasks: () => TaskEither<ControlError, readonly TaskStatus[]>;
  /** Skipped tasks, oldest commit first. */
  readonly findSkippedTasks: () => TaskEither<ControlError, readonly TaskStatus[]>;
  /** The plan of a commit that the table knows. */
  readonly planOf: (
    txn: { readonly txnSeq: number } | { readonly txnId: string },
  ) => TaskEither<ControlError, PlanOfCommit | null>;
  readonly close: () => void;
}
