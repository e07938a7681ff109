import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { ControlError } from './control-error.js';
import type { CommitClaim } from './records/claim.js';
import type {
  BeginRecord,
  CommitRecord,
  PlanOfCommit,
  RebuiltCommit,
  StoredPlan,
} from './records/commit-record.js';
import type { ControlRecord } from './records/control-record.js';
import type { CausedCommit, GoneCommits, KnownCommit, NewestCommit } from './records/known-commits.js';
import type { GateStatus, OpenTransaction, TransactionSummary } from './records/transaction-summary.js';

/** Selects transactions for display. */
export interface TransactionQuery {
  /** Number of them at most; null: all. */
  readonly limit: number | null;
  /** The transactions with this number: a write, and reads of its state; null: any. */
  readonly txnSeq: number | null;
  /** Only these types; none: nothing is selected. */
  readonly transactionTypes: readonly ('read' | 'write')[];
  /** Only those that began before the transaction of this id. */
  readonly before?: string;
  /** Only those whose command, number, errors or configuration paths have these letters in them, large or small. */
  readonly search?: string;
  /** True: only those that failed, or of which a task did. */
  readonly failed?: boolean;
  /** True: only those that have committed something, by their numbers. */
  readonly committed?: boolean;
  /** False: without writes that have ended well and committed nothing, because they brought nothing new. */
  readonly empty?: boolean;
}

/** Record of the end of a transaction that has failed. */
export interface FailedEnd {
  /** Microseconds since the epoch. */
  readonly timestamp: number;
  readonly durationMs: number | null;
  readonly errorMessage: string;
}

/** Methods of the control table about transactions: their records, and questions about them. */
export interface TransactionMethods {
  /** Records that a transaction begins. Not fsynced. */
  readonly recordBegin: (begin: BeginRecord) => TaskEither<ControlError, void>;
  /** Records, durably, that a write in a store is to become another version than was recorded before. */
  readonly recordIntended: (
    txnId: string,
    at: { readonly timestamp: number; readonly version: number },
  ) => TaskEither<ControlError, void>;
  /** Records a transaction that was refused before it began: its `begin` and its `failed` at once. Not fsynced. */
  readonly recordRefused: (begin: BeginRecord, end: FailedEnd) => TaskEither<ControlError, void>;
  /** Keeps a plan under a transaction that has not committed yet, as *prepared*. Durable. */
  readonly recordPlanPrepared: (
    txn: { readonly txnId: string; readonly txnSeq: number },
    plan: StoredPlan,
  ) => TaskEither<ControlError, void>;
  /**
   * Step 4 of a commit, durable: `data_committed`; the plan becomes *active*; `post_commit_pending` for each task
   * and rejected entry (those also `post_commit_failed`, attempt 0); claims; `post_commit_started` of those that are to
   * begin with it and that nothing stands in the way of; without tasks to run, `completed` too.
   */
  readonly recordDataCommitted: (commit: CommitRecord) => TaskEither<ControlError, readonly CommitClaim[]>;
  /** Records the verdicts of a write's gates, before its commit: `gate_completed`, `gate_failed`. Not fsynced: the next durable record is. */
  readonly recordGates: (txnId: string, gates: readonly GateStatus[]) => TaskEither<ControlError, void>;
  /** `completed` of a read, or of a write that changed nothing. Not fsynced. */
  readonly recordCompleted: (
    txnId: string,
    at: { readonly timestamp: number; readonly durationMs: number },
  ) => TaskEither<ControlError, void>;
  /** `failed`. Durable for a write, not for a read. */
  readonly recordFailed: (txnId: string, at: FailedEnd) => TaskEither<ControlError, void>;
  /** Writes `completed` for a committed write once none of its tasks is pending or started, if it is not there yet;
   *  returns whether the transaction has its terminal record now. `durationMs`: how long it took, where the process that
   *  began it says so; else it is the time between the records. Durable. */
  readonly completeIfEnded: (
    txnId: string,
    timestamp: number,
    durationMs?: number,
  ) => TaskEither<ControlError, boolean>;
  /** Records commits that the table does not know: begin, data_committed, completed, and each task as pending and
   *  skipped ("control table rebuilt"). Those it knows already are left alone. Durable. Returns how many were added. */
  readonly recordRebuilt: (commits: readonly RebuiltCommit[]) => TaskEither<ControlError, number>;
  /**
   * Keeps in mind which of the commits that it knows are not in the table of the data any more, and which are there again.
   * What has not ended of tasks of the former, or failed, is dismissed, and their transactions end. Durable.
   */
  readonly recordGone: (commits: GoneCommits, timestamp: number) => TaskEither<ControlError, void>;
  /** Removes the records of reads that began before `timestamp` and have ended; returns how many reads those were.
   *  With `dryRun` only counts them. Not fsynced. */
  readonly pruneReads: (
    timestamp: number,
    options?: { readonly dryRun: boolean },
  ) => TaskEither<ControlError, number>;
  /** The newest committed write that the table knows and that has not gone, and the highest number of any. */
  readonly newestCommit: () => TaskEither<ControlError, NewestCommit>;
  /** All committed writes, also those that have gone, by number. */
  readonly commits: () => TaskEither<ControlError, readonly KnownCommit[]>;
  /** Newest first. */
  readonly transactions: (query: TransactionQuery) => TaskEither<ControlError, readonly TransactionSummary[]>;
  /** Records in order; of one transaction, of all that touch one sequence number, or of everything. */
  readonly records: (of: {
    readonly txnId?: string;
    readonly txnSeq?: number;
    readonly limit?: number;
  }) => TaskEither<ControlError, readonly ControlRecord[]>;
  readonly findIncompleteTransactions: () => TaskEither<ControlError, readonly OpenTransaction[]>;
  /** Ids of the commits among them that have pending or started tasks, however many. */
  readonly commitsWithTasks: () => TaskEither<ControlError, readonly string[]>;
  /** Commits above a sequence number that were made inside tasks or runs by hand, oldest first. */
  readonly causedCommits: (afterTxnSeq: number) => TaskEither<ControlError, readonly CausedCommit[]>;
  /** The plan of a commit that the table knows. */
  readonly planOf: (
    txn: { readonly txnSeq: number } | { readonly txnId: string },
  ) => TaskEither<ControlError, PlanOfCommit | null>;
}
