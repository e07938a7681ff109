import type { Either } from 'fp-ts/lib/Either.js';
import type { Task } from 'fp-ts/lib/Task.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { TaskId } from '../domain/plans/task-id.js';
import type { ControlError } from './control-error.js';
import type { AttemptFailure, AttemptOutcome, AttemptRecord } from './records/attempt-record.js';
import type {
  AskedAttempt,
  AttemptEnd,
  CancellationOutcome,
  Claim,
  ClaimOutcome,
  DismissalOutcome,
  RunnerInfo,
  StartAttempt,
  StartOutcome,
} from './records/claim.js';
import type { FailingEntry, KeptOutput, SkipCause, TaskStatus } from './records/task-status.js';

/** Methods of the control table about tasks: claims, the records of attempts, how people end or settle them, and questions about them. */
export interface TaskMethods {
  /** Claims pending and interrupted tasks that no live runner holds. Durable. */
  readonly claim: (runnerId: string, tasks: readonly TaskId[]) => TaskEither<ControlError, ClaimOutcome>;
  /** `post_commit_pending` again for failed or skipped tasks, and claims them, for a retry. Durable. */
  readonly recordPostCommitPending: (
    runnerId: string,
    tasks: readonly TaskId[],
    at: { readonly timestamp: number; readonly configTxnSeq: number | null },
  ) => TaskEither<ControlError, ClaimOutcome>;
  /** Gives a claim back; the task stays as it is (pending, or started: then it counts as interrupted). */
  readonly release: (claim: Claim) => TaskEither<ControlError, void>;
  /** Leaves the task to the live runner that blocks it; false when that one has ended meanwhile (try to start it again). */
  readonly leaveTo: (claim: Claim, runnerId: string) => TaskEither<ControlError, boolean>;
  /** Starts an attempt if it may start now, and if what it says about when it runs is met; what it is about to tell is recorded with it. An interrupted attempt before it is closed as failed in the same transaction. Durable. */
  readonly recordPostCommitStarted: (
    claim: Claim,
    attempt: StartAttempt,
  ) => TaskEither<ControlError, StartOutcome>;
  /**
   * Records the beginnings and ends of several attempts, in their order and as one by one, in one transaction; returns what
   * came of each. What refuses one of them touches no other. Durable. `onClaimed` is called, before it returns, where tasks were claimed with
   * the records and run now.
   */
  readonly recordAttempts: (
    records: readonly AttemptRecord[],
    onClaimed?: () => void,
  ) => Task<readonly Either<ControlError, AttemptOutcome>[]>;
  /** Ends an attempt and gives the claim back. A stale token records nothing and fails. Durable. */
  readonly recordPostCommitCompleted: (claim: Claim, end: AttemptEnd) => TaskEither<ControlError, void>;
  /** The same for a failed attempt. Durable. */
  readonly recordPostCommitFailed: (claim: Claim, end: AttemptFailure) => TaskEither<ControlError, void>;
  /** The same for an attempt whose effects were undone after it failed. Durable. */
  readonly recordPostCommitRolledBack: (
    claim: Claim,
    end: AttemptEnd & { readonly errorMessage: string },
  ) => TaskEither<ControlError, void>;
  /**
   * Fails a task that may not start, and gives its claim back: an attempt that is begun and failed at once, or where a
   * crash interrupted one, that. Nothing for one that has ended. Durable.
   */
  readonly recordPostCommitRefused: (
    claim: Claim,
    at: AskedAttempt & { readonly errorMessage: string } & Pick<AttemptEnd, 'watchedBy'>,
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
  /** The tasks of a commit, by execution sequence. */
  readonly getPostCommitTasks: (parentTxnSeq: number) => TaskEither<ControlError, readonly TaskStatus[]>;
  /** The tasks of a firing, `PATH@TIME`: the scheduled entry first. None where there is no such firing. */
  readonly tasksOfFiring: (firing: string) => TaskEither<ControlError, readonly TaskStatus[]>;
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
  /** Skipped tasks, oldest commit first. */
  readonly findSkippedTasks: () => TaskEither<ControlError, readonly TaskStatus[]>;
  /** Entries that fail now, however long ago they have run. */
  readonly failingEntries: () => TaskEither<ControlError, readonly FailingEntry[]>;
  /** Failures of an entry since it last completed, and the time of the first of them, microseconds since the epoch. */
  readonly failingSince: (
    configPath: string,
  ) => TaskEither<ControlError, { readonly failures: number; readonly since: number | null }>;
  /** Output that is kept with the ends of a task's attempts, in their order. */
  readonly outputsOf: (task: TaskId) => TaskEither<ControlError, readonly KeptOutput[]>;
  /**
   * Removes what was kept before `timestamp` of what attempts said; returns of how many, and how many bytes that is. With `dryRun` only
   * counts them. Not fsynced.
   */
  readonly removeOutputs: (
    timestamp: number,
    options: { readonly dryRun: boolean },
  ) => TaskEither<ControlError, { readonly attempts: number; readonly bytes: number }>;
}
