import type { Json, JsonObject } from '../domain/documents/json.js';
import type { Chain } from '../domain/plans/chain.js';
import type { TaskId } from '../domain/plans/task-id.js';
import type { TaskPlace } from '../domain/plans/task-place.js';

/**
 * The kind of a record. A transaction has `begin`, then `completed` or `failed`; a commit `data_committed` between them,
 * before it `intended` where a write in a store is to become a later version than it was begun for,
 * and `post_commit_...` records for each of its tasks. A firing of a schedule has `firing_...` records for each of its own.
 */
export type RecordType =
  | 'begin'
  | 'intended'
  | 'data_committed'
  | 'completed'
  | 'failed'
  | 'post_commit_pending'
  | 'post_commit_started'
  | 'post_commit_completed'
  | 'post_commit_failed'
  | 'post_commit_skipped'
  | 'post_commit_rolled_back'
  | 'post_commit_dismissed'
  | 'post_commit_cancelled'
  | 'gate_completed'
  | 'gate_failed'
  | 'firing_pending'
  | 'firing_started'
  | 'firing_completed'
  | 'firing_failed'
  | 'firing_skipped'
  | 'firing_dismissed'
  | 'firing_cancelled';

/** Kind of work that a record belongs to: a read, a write, a task after a write, or a firing of a schedule. */
export type TransactionType = 'read' | 'write' | 'post_commit' | 'firing';

/** One record, every column of the table. Times in microseconds since the epoch, durations in milliseconds. */
export interface ControlRecord {
  /** Counts all records of the table, from 1. */
  readonly recordId: number;
  /** Number of the transaction; of a write that did not commit, the one that it would have had. */
  readonly txnSeq: number;
  readonly txnId: string;
  /** The transaction whose state it began with. */
  readonly basedOnSeq: number | null;
  readonly recordType: RecordType;
  readonly transactionType: TransactionType;
  readonly timestamp: number;
  /** The command's arguments without secrets; with `begin` only. */
  readonly cliArgs: readonly string[] | null;
  /** Surroundings of the process, reduced to what may be kept; with `begin` only. */
  readonly environment: JsonObject | null;
  /** The Delta version of the commit, with `data_committed`; with `begin` and `intended` that which it is to become, in a store. */
  readonly dataFsVersion: number | null;
  readonly errorMessage: string | null;
  readonly durationMs: number | null;
  /** The commit that a task belongs to. */
  readonly parentTxnSeq: number | null;
  /** The task's number within its commit, from 1. */
  readonly executionSeq: number | null;
  readonly factoryName: string | null;
  readonly configPath: string | null;
  /** Number of the task's attempt, from 1; 0 for an entry that was rejected. */
  readonly attempt: number | null;
  /** The span that the record belongs to, as W3C Trace Context writes it. */
  readonly traceParent: string | null;
  /** The transaction whose configuration the attempt used. */
  readonly configTxnSeq: number | null;
  /** Tasks and runs by hand inside which a write was made, the outermost first; on `begin`, null outside of any. */
  readonly causedBy: Chain | null;
  /** Report of an attempt, with its end only; that of a gate. */
  readonly report: Json | null;
  /** The time before which a pending task is not begun by itself: the failure before it asked for that. */
  readonly notBefore: number | null;
  /** Reason why a task was skipped; with `post_commit_skipped` and `firing_skipped` only. */
  readonly skipCause: SkipCause | null;
  /** The time at which a firing was due; with its first record only. */
  readonly dueAt: number | null;
}

/** A record to be: the table gives it its id; what is left out is null. */
export type NewRecord = Pick<
  ControlRecord,
  'txnSeq' | 'txnId' | 'recordType' | 'transactionType' | 'timestamp'
> &
  Partial<Omit<ControlRecord, 'recordId'>>;

/**
 * Reason why a task was skipped. `dependency`: one that it requires did not succeed. `run_when`: what it waited for came to
 * nothing that it runs for. `superseded`: a later commit's task of its entry has completed. `configuration`: under the
 * configuration that was asked for there is nothing to run. `rebuilt`: the control table was lost, and nobody knows.
 * `missed`: a firing that was due when nobody could run it, and is not made up for.
 */
export type SkipCause = 'dependency' | 'run_when' | 'superseded' | 'configuration' | 'rebuilt' | 'missed';

/**
 * State of a task. `pending`: not begun. `started`: an attempt is under way, or a crash interrupted it. `skipped`: it
 * was not to be run; its {@link SkipCause} says why. `rolled_back`: it failed, and its effects were taken back.
 * `dismissed`: it failed, or nobody could run it, and somebody has settled that. `cancelled`: somebody has ended it, or has
 * seen to it that it does not begin; whoever waits for it takes that for a failure.
 */
export type TaskState =
  | 'pending'
  | 'started'
  | 'completed'
  | 'failed'
  | 'skipped'
  | 'rolled_back'
  | 'dismissed'
  | 'cancelled';

/** A task's present state: the fold of its records. */
export interface TaskStatus extends TaskId {
  /** Id of the commit's transaction. */
  readonly txnId: string;
  /** Null for an entry that was rejected before its factory was known. */
  readonly factoryName: string | null;
  readonly configPath: string;
  readonly state: TaskState;
  /** Attempts begun so far; 0 for one that never started and for a rejected entry. */
  readonly attempts: number;
  /** Start of the latest attempt, in microseconds since the epoch. */
  readonly startedAt: number | null;
  /** End of the latest attempt, in the same unit; null while it is pending or started. */
  readonly completedAt: number | null;
  /** Milliseconds that the latest attempt took. */
  readonly durationMs: number | null;
  /** Error of the latest attempt, or the reason why the task was skipped. */
  readonly errorMessage: string | null;
  /** The transaction whose configuration the latest attempt used. */
  readonly configTxnSeq: number | null;
  /** Trace context of the latest attempt's own span; until there is one, of the commit. */
  readonly traceParent: string | null;
  /** Trace context of the commit, as it was stored with the first `pending`. */
  readonly commitTraceParent: string | null;
  /** Report of the latest attempt that has ended. */
  readonly report: Json | null;
  /** Microseconds since the epoch before which a pending task is not begun by itself; null: it may be at any time. */
  readonly notBefore: number | null;
  /** Reason why it was skipped; null in every other state. */
  readonly skipCause: SkipCause | null;
  /** The time at which a firing was due; null of any other task. */
  readonly dueAt: number | null;
  /** Place in which a task that has not ended is to be run, where that is not wherever somebody recovers the pond. */
  readonly place?: TaskPlace;
}

/** An entry whose newest task that completed or failed has failed. */
export interface FailingEntry {
  readonly configPath: string;
  /** Failures since it last completed; one that was dismissed is none. */
  readonly failures: number;
  /** Time of the first of them, in microseconds since the epoch. */
  readonly since: number;
  /** The newest of them. */
  readonly newest: TaskStatus;
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
  /** Tells whether it was committed and is no longer in the table of the data: an older copy was put back. */
  readonly isGone: boolean;
  readonly traceParent: string | null;
  /** Empty where the transaction was not made inside a task or a run by hand. */
  readonly causedBy: Chain;
  /** Factory that was run by hand in it, and the path of its configuration. */
  readonly factoryName: string | null;
  readonly configPath: string | null;
  /** The gates that were asked before it, in the order in which they were. */
  readonly gates: readonly GateStatus[];
  readonly tasks: readonly TaskStatus[];
}

/** Verdict of a gate about a transaction. */
export interface GateStatus {
  readonly configPath: string;
  /** Null for an entry that was rejected before its factory was known. */
  readonly factoryName: string | null;
  /** `failed`: it refused the transaction. */
  readonly state: 'completed' | 'failed';
  /** End, in microseconds since the epoch. */
  readonly endedAt: number;
  /** Milliseconds; null for one that did not run. */
  readonly durationMs: number | null;
  readonly errorMessage: string | null;
  readonly report: Json | null;
  /** Trace context of its own span. */
  readonly traceParent: string | null;
}

/** A commit that was made inside a task or a run by hand. */
export interface CausedCommit {
  readonly txnSeq: number;
  readonly txnId: string;
  readonly causedBy: Chain;
}

/** Text of the lines of an attempt that are kept with its end. */
export interface KeptOutput {
  readonly attempt: number;
  readonly lines: string;
}

/** A committed write that the control table knows. */
export interface KnownCommit {
  readonly txnSeq: number;
  readonly txnId: string;
  readonly dataFsVersion: number;
  /** Tells whether the table of the data does not have it any more: an older copy was put back. */
  readonly isGone: boolean;
}

/** Facts about the newest commit that are known without a look at all of them. */
export interface NewestCommit {
  /** The newest commit that has not gone; null where there is none. */
  readonly commit: Omit<KnownCommit, 'isGone'> | null;
  /** The highest number that a commit was ever recorded under, gone ones included; 0 where there is none. */
  readonly highestSeq: number;
  /** Tells whether the table of the data has another commit under the number of one that has gone. */
  readonly isReplaced: boolean;
}

/** Commits that have gone from the table of the data, and those that are there again. */
export interface GoneCommits {
  readonly gone: readonly { readonly txnSeq: number; readonly txnId: string; readonly isReplaced: boolean }[];
  readonly returned: readonly string[];
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
  /** The chain inside which it is made; left out or null: none. */
  readonly causedBy?: Chain | null;
  /** Factory that is run by hand in it; missing or null: none. */
  readonly factoryName?: string | null;
  readonly configPath?: string | null;
  /** The version that a write in a store is to become: the record is durable then. Missing or null: a directory needs none. */
  readonly intendedVersion?: number | null;
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
  /** Fault of a rejected entry; else null. It is recorded as failed, attempt 0. */
  readonly rejected: string | null;
}

/** Facts about a task that decide when it may be taken by itself, and by whom. */
export interface KeptPlace extends TaskPlace {
  readonly executionSeq: number;
  /** Tasks of its stage that have to have ended before, well or not, by `execution_seq`. */
  readonly needs: readonly number[];
  /** It waits for all tasks of the stages before. */
  readonly stage: number;
  /** Tasks of its commit side by side, at most. */
  readonly sideBySide: number;
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
  /** Places of the tasks, for tables from which tasks are taken one by one. */
  readonly places?: readonly KeptPlace[];
  /** Paths of all entries of `/etc/system.d`: what was told of others that are gone is over. Left out or null: not known. */
  readonly entries?: readonly string[] | null;
  /** The runner that will execute the tasks: they are claimed in the same transaction. Null: nobody yet (a rolled-forward commit). */
  readonly claimedBy: string | null;
  /** First attempts that begin with this record, each where nothing stands in its way. Left out: none does. */
  readonly beginning?: readonly BeginningAttempt[];
  /**
   * The task inside which the commit was made, and the runner that ran it then: that runner, if it lives, runs the tasks
   * after the plan of the task's own commit. Left out or null: it was made inside none.
   */
  readonly deferredTo?: { readonly task: TaskId; readonly runnerId: string | null } | null;
}

/** A first attempt that is to begin with the record of its commit: it waits for no other task. */
export interface BeginningAttempt {
  readonly executionSeq: number;
  readonly timestamp: number;
  /** Trace context of its span. */
  readonly traceParent: string;
}

/** A commit that is found in the log but not in the table. */
export interface RebuiltCommit
  extends Omit<CommitRecord, 'claimedBy' | 'beginning' | 'deferredTo' | 'plan' | 'entries'> {
  readonly plan: StoredPlan | null;
  readonly cliArgs: readonly string[];
  readonly causedBy?: Chain | null;
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
  /** Tells whether its data is recorded as committed. */
  readonly dataCommitted: boolean;
  readonly traceParent: string | null;
  /** The version that a write in a store is to become; null: none was written down. */
  readonly intendedVersion: number | null;
}

/** A plan that belongs to a commit. */
export interface PlanOfCommit extends StoredPlan {
  readonly txnId: string;
  readonly txnSeq: number;
  readonly state: 'prepared' | 'active';
}
