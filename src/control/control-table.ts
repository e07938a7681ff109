import type { Either } from 'fp-ts/lib/Either.js';
import type { Task } from 'fp-ts/lib/Task.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { TaskId } from '../domain/plans/task-id.js';
import type { ProcessGroup } from '../ports/processes.js';
import type { Arrival, EndedBatch, LearntArrivals, WatchStatus } from './arrival-record.js';
import type { AttemptFailure, AttemptOutcome, AttemptRecord } from './attempt-record.js';
import type {
  AskedAttempt,
  AttemptEnd,
  CancellationOutcome,
  Claim,
  ClaimOutcome,
  CommitClaim,
  DismissalOutcome,
  ForeignRunner,
  PidPlace,
  RecordedGroup,
  RunnerInfo,
  RunningTask,
  StartAttempt,
  StartOutcome,
} from './claim.js';
import type { ControlError } from './control-error.js';
import type {
  BeginRecord,
  CausedCommit,
  CommitRecord,
  ControlRecord,
  FailingEntry,
  GateStatus,
  GoneCommits,
  KeptOutput,
  KnownCommit,
  NewestCommit,
  OpenTransaction,
  PlanOfCommit,
  RebuiltCommit,
  SkipCause,
  StoredPlan,
  TaskStatus,
  TransactionSummary,
} from './control-record.js';
import type { DueFiring, FiringOutcome, FiringStatus } from './firing-record.js';
import type { FleetStatus } from './fleet-status.js';

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

/**
 * The append-only log of everything that happens to a pond. "Durable" methods survive power loss when they
 * return; the others survive the process. All methods are one SQLite transaction each.
 */
export interface ControlTable {
  /** Reason why no records can be made here; null: they can. Reads leave none then, and nothing else is begun. */
  readonly readOnly: ControlError | null;
  /**
   * Brings a table of an older version to the present one; returns whether there was anything to do. The caller holds
   * the writer's lock. `ControlInUse` while a runner lives. Durable.
   */
  readonly migrate: () => TaskEither<ControlError, boolean>;
  /** Tells whether {@link migrate} has something to do. */
  readonly isOlder: () => boolean;

  // ── transactions ──────────────────────────────────────────────────────────────────────────────────────
  /** Records that a transaction begins. Not fsynced. */
  readonly recordBegin: (begin: BeginRecord) => TaskEither<ControlError, void>;
  /** Records, durably, that a write in a store is to become another version than was recorded before. */
  readonly recordIntended: (
    txnId: string,
    at: { readonly timestamp: number; readonly version: number },
  ) => TaskEither<ControlError, void>;
  /** Records a transaction that was refused before it began: its `begin` and its `failed` at once. Not fsynced. */
  readonly recordRefused: (
    begin: BeginRecord,
    end: { readonly timestamp: number; readonly durationMs: number | null; readonly errorMessage: string },
  ) => TaskEither<ControlError, void>;
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
  readonly recordFailed: (
    txnId: string,
    at: { readonly timestamp: number; readonly durationMs: number | null; readonly errorMessage: string },
  ) => TaskEither<ControlError, void>;
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

  /**
   * Removes what was kept before `timestamp` of what attempts said; returns of how many, and how many bytes that is. With `dryRun` only
   * counts them. Not fsynced.
   */
  readonly removeOutputs: (
    timestamp: number,
    options: { readonly dryRun: boolean },
  ) => TaskEither<ControlError, { readonly attempts: number; readonly bytes: number }>;

  // ── runners, claims and attempts ──────────────────────────────────────────────────────────────────────
  /** Announces this process as a runner; its lock is held until `endRunner`. */
  readonly beginRunner: (
    runner: RunnerInfo & { readonly timestamp: number; readonly place?: PidPlace },
  ) => TaskEither<ControlError, void>;
  /** Says that a runner takes up what others leave in the background, or that it does so no longer. */
  readonly markBackground: (runnerId: string, background: boolean) => TaskEither<ControlError, void>;
  /** Ends a runner, unless others have left work to it: then returns that work, and it goes on. */
  readonly endRunner: (runnerId: string) => TaskEither<ControlError, readonly Claim[]>;
  /**
   * Takes what others have left to a runner; each claim is returned once, here, by `takeDerivedClaims` or by `endRunner`.
   * Claims of derived commits wait until the plan that caused them has ended; what one of the commits `awaited` has caused
   * is left alone.
   */
  readonly takeLeftClaims: (
    runnerId: string,
    awaited: readonly number[],
  ) => TaskEither<ControlError, readonly Claim[]>;
  /** Takes the claims of derived commits that were made inside tasks of one commit, whose plan has ended. */
  readonly takeDerivedClaims: (
    runnerId: string,
    txnSeq: number,
  ) => TaskEither<ControlError, readonly Claim[]>;
  /** Lets go of the runner's lock at once, whatever it still claims: the way out when `endRunner` cannot be had. */
  readonly abandonRunner: (runnerId: string) => void;
  /** Dead runners whose rows were made elsewhere. */
  readonly foreignRunners: () => TaskEither<ControlError, readonly ForeignRunner[]>;
  /**
   * Removes dead runners that claim nothing unfinished, and of `lockFiles`, names in `control/runners`, those that are
   * nobody's. With `adopt` also what was made elsewhere. Not fsynced.
   */
  readonly removeDeadRunners: (
    lockFiles: readonly string[],
    options: { readonly adopt: boolean },
  ) => TaskEither<ControlError, void>;
  /** Claims pending and interrupted tasks that no live runner holds. Durable. */
  readonly claim: (runnerId: string, tasks: readonly TaskId[]) => TaskEither<ControlError, ClaimOutcome>;
  /** `post_commit_pending` again for failed or skipped tasks, and claims them, for a retry. Durable. */
  readonly recordPostCommitPending: (
    runnerId: string,
    tasks: readonly TaskId[],
    at: { readonly timestamp: number; readonly configTxnSeq: number | null },
  ) => TaskEither<ControlError, ClaimOutcome>;
  /** Starts an attempt if it may start now, and if what it says about when it runs is met; what it is about to tell is recorded with it. An interrupted attempt before it is closed as failed in the same transaction. Durable. */
  readonly recordPostCommitStarted: (
    claim: Claim,
    attempt: StartAttempt,
  ) => TaskEither<ControlError, StartOutcome>;
  /**
   * Records the beginnings and ends of several attempts, in their order and as one by one, in one transaction; returns what
   * came of each. What refuses one of them touches no other. Durable.
   */
  readonly recordAttempts: (
    records: readonly AttemptRecord[],
  ) => Task<readonly Either<ControlError, AttemptOutcome>[]>;
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
   * Records a firing that is due, once, whoever asks; its tasks are pending and claimed. Durable: nothing of it happens
   * before. Nothing is recorded while an earlier one of the same entry has not ended.
   */
  readonly recordFiring: (firing: DueFiring) => TaskEither<ControlError, FiringOutcome>;
  /**
   * Fails a task that may not start, and gives its claim back: an attempt that is begun and failed at once, or where a
   * crash interrupted one, that. Nothing for one that has ended. Durable.
   */
  readonly recordPostCommitRefused: (
    claim: Claim,
    at: AskedAttempt & { readonly errorMessage: string } & Pick<AttemptEnd, 'watchedBy'>,
  ) => TaskEither<ControlError, void>;
  /** Ends an attempt and gives the claim back. A stale token records nothing and fails. Durable. */
  readonly recordPostCommitCompleted: (claim: Claim, end: AttemptEnd) => TaskEither<ControlError, void>;
  /** The same for a failed attempt. Durable. */
  readonly recordPostCommitFailed: (claim: Claim, end: AttemptFailure) => TaskEither<ControlError, void>;
  /** The same for an attempt whose effects were undone after it failed. Durable. */
  readonly recordPostCommitRolledBack: (
    claim: Claim,
    end: AttemptEnd & { readonly errorMessage: string },
  ) => TaskEither<ControlError, void>;
  /** `post_commit_skipped`, for a cause that is known before it starts. Gives the claim back. Durable. */
  readonly recordPostCommitSkipped: (
    claim: Claim,
    at: {
      readonly timestamp: number;
      readonly errorMessage: string;
      /** Default `dependency`. */
      readonly cause?: SkipCause;
    } & Pick<AttemptEnd, 'watchedBy'>,
  ) => TaskEither<ControlError, void>;
  /**
   * `post_commit_dismissed` for tasks that failed, and for unfinished ones that no live runner holds; an episode about
   * what was the newest failure of its entry is over. The others are left alone. Durable.
   */
  readonly recordPostCommitDismissed: (
    tasks: readonly TaskId[],
    at: { readonly timestamp: number; readonly reason: string | null },
  ) => TaskEither<ControlError, DismissalOutcome>;
  /**
   * `post_commit_cancelled` for tasks that are pending, and for started ones that no live runner holds. The live runner of a
   * started one is asked to end it, and the end that it then records, where the attempt has not completed, is that. Durable.
   */
  readonly recordPostCommitCancelled: (
    tasks: readonly TaskId[],
    at: { readonly timestamp: number; readonly message: string },
  ) => TaskEither<ControlError, CancellationOutcome>;
  /** Attempts of a runner that somebody wants ended. */
  readonly cancelledAttempts: (
    runnerId: string,
  ) => TaskEither<ControlError, readonly (TaskId & { readonly attempt: number })[]>;
  /** Gives a claim back; the task stays as it is (pending, or started: then it counts as interrupted). */
  readonly release: (claim: Claim) => TaskEither<ControlError, void>;
  /** Leaves the task to the live runner that blocks it; false when that one has ended meanwhile (try to start it again). */
  readonly leaveTo: (claim: Claim, runnerId: string) => TaskEither<ControlError, boolean>;

  // ── questions ─────────────────────────────────────────────────────────────────────────────────────────
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
  /** The tasks of a commit, by execution sequence. */
  readonly getPostCommitTasks: (parentTxnSeq: number) => TaskEither<ControlError, readonly TaskStatus[]>;
  /** The tasks of a firing, `PATH@TIME`: the scheduled entry first. None where there is no such firing. */
  readonly tasksOfFiring: (firing: string) => TaskEither<ControlError, readonly TaskStatus[]>;
  /** The newest firings, each with its tasks, newest first. */
  readonly firings: (limit: number | null) => TaskEither<ControlError, readonly FiringStatus[]>;
  /** The newest firings of one entry, each with its tasks, newest first. */
  readonly firingsOf: (
    configPath: string,
    limit: number,
  ) => TaskEither<ControlError, readonly FiringStatus[]>;
  /** The newest time, not after `notAfter`, at which a recorded firing of an entry was due; null: there is none. */
  readonly newestDue: (configPath: string, notAfter: number) => TaskEither<ControlError, number | null>;
  // ── watched folders ───────────────────────────────────────────────────────────────────────────────────
  /** Facts that are remembered of files of a watched folder; those of which nothing is are left out. */
  readonly arrivalsOf: (
    watch: string,
    paths: readonly string[],
  ) => TaskEither<ControlError, readonly Arrival[]>;
  /** The newest commit of which it is known here what it has taken in for a watch; 0: of none. */
  readonly knownArrivals: (watch: string) => TaskEither<ControlError, number>;
  /** Remembers what the data says was taken in; what is remembered of a later commit stays. Durable. */
  readonly learnArrivals: (learnt: LearntArrivals) => TaskEither<ControlError, void>;
  /** Records what became of the files of a batch. Durable: what follows on the host happens after it. */
  readonly recordBatch: (batch: EndedBatch) => TaskEither<ControlError, void>;
  /** Records that nothing is left to be done on the host with files, and where they were put. Durable. */
  readonly settleArrivals: (
    watch: string,
    settled: readonly { readonly path: string; readonly aside: string | null }[],
  ) => TaskEither<ControlError, void>;
  /** Forgets files that are not there any more, except for the newest ten thousand. Not fsynced. */
  readonly forgetArrivals: (
    watch: string,
    isThere: (path: string) => boolean,
  ) => TaskEither<ControlError, void>;
  /** Keeps in mind what keeps a folder from being looked at (null: nothing); returns whether that is new. Not fsynced. */
  readonly setWatchProblem: (
    watch: string,
    problem: string | null,
    at: number,
  ) => TaskEither<ControlError, boolean>;
  /** Batches, refusals and the problem of a watch. */
  readonly watchStatus: (watch: string) => TaskEither<ControlError, WatchStatus>;

  readonly findIncompleteTransactions: () => TaskEither<ControlError, readonly OpenTransaction[]>;
  /** Ids of the commits among them that have pending or started tasks, however many. */
  readonly commitsWithTasks: () => TaskEither<ControlError, readonly string[]>;
  /**
   * Pending and started tasks, oldest commit first, with the live runner that holds them, if any. `oldest`: only those of so
   * many commits that have any, the oldest ones.
   */
  readonly findIncompletePostCommitTasks: (of?: {
    readonly oldest?: number;
  }) => TaskEither<ControlError, readonly (TaskStatus & { readonly runner: RunnerInfo | null })[]>;
  /** Failed tasks, oldest commit first; of firings only the newest of each entry. `oldest`: so many at most, the oldest ones. */
  readonly findFailedTasks: (of?: {
    readonly oldest?: number;
  }) => TaskEither<ControlError, readonly TaskStatus[]>;
  /** Number of failed tasks, and of their records, of which there are more whenever one of them is tried again. */
  readonly countFailedTasks: () => TaskEither<
    ControlError,
    { readonly tasks: number; readonly records: number }
  >;
  /** Entries that fail now, however long ago they have run. */
  readonly failingEntries: () => TaskEither<ControlError, readonly FailingEntry[]>;
  /** Output that is kept with the ends of a task's attempts, in their order. */
  readonly outputsOf: (task: TaskId) => TaskEither<ControlError, readonly KeptOutput[]>;
  /** Failures of an entry since it last completed, and the time of the first of them, microseconds since the epoch. */
  readonly failingSince: (
    configPath: string,
  ) => TaskEither<ControlError, { readonly failures: number; readonly since: number | null }>;
  /** The tasks that live runners are running now, the longest-running first; of a runner that runs none yet, those that it prepares. */
  readonly runningTasks: () => TaskEither<ControlError, readonly RunningTask[]>;
  /** A live runner that takes up what others leave in the background; null: there is none. */
  readonly backgroundRunner: () => TaskEither<ControlError, RunnerInfo | null>;
  /** Live runners with what each of them does, and how many tasks have not begun. */
  readonly fleetStatus: () => TaskEither<ControlError, FleetStatus>;
  /** Commits above a sequence number that were made inside tasks or runs by hand, oldest first. */
  readonly causedCommits: (afterTxnSeq: number) => TaskEither<ControlError, readonly CausedCommit[]>;
  /** Skipped tasks, oldest commit first. */
  readonly findSkippedTasks: () => TaskEither<ControlError, readonly TaskStatus[]>;
  /** The plan of a commit that the table knows. */
  readonly planOf: (
    txn: { readonly txnSeq: number } | { readonly txnId: string },
  ) => TaskEither<ControlError, PlanOfCommit | null>;
  readonly close: () => void;
}
