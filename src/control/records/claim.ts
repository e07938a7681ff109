import type { Elsewhere } from '../../domain/binding.js';
import type { Json } from '../../domain/documents/json.js';
import type { NoticePlace } from '../../domain/plans/notice-id.js';
import type { IfSuperseded, RunWhen } from '../../domain/plans/run-when.js';
import type { TaskId } from '../../domain/plans/task-id.js';
import type { TaskOutcome } from '../../domain/plans/task-outcome.js';
import type { ProcessGroup } from '../../ports/processes.js';
import type { SkipCause, TaskState } from './task-status.js';

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

/** A claim of a task of a commit that was recorded with it. */
export interface CommitClaim extends Claim {
  /** Its first attempt, which has begun with the commit's record, durably; left out: it has not begun. */
  readonly begun?: BegunAttempt;
}

/** An attempt that has begun with its claim. `outcomes` are of all tasks of its stage that came before it. */
export interface BegunAttempt extends Extract<StartOutcome, { readonly _tag: 'Started' }> {
  /** Trace context of its span. */
  readonly traceParent: string;
}

/** Result of asking for tasks. */
export interface ClaimOutcome {
  readonly claimed: readonly Claim[];
  /** Tasks that a live runner holds. */
  readonly busy: readonly { readonly task: TaskId; readonly runner: RunnerInfo }[];
}

/** Result of dismissing tasks. */
export interface DismissalOutcome {
  readonly dismissed: readonly TaskId[];
  /** Tasks that a live runner holds. */
  readonly busy: ClaimOutcome['busy'];
}

/** Result of cancelling tasks; those that had ended are in neither list. */
export interface CancellationOutcome {
  readonly cancelled: readonly TaskId[];
  /** Tasks that a live runner runs, which has been asked to end them. */
  readonly requested: readonly { readonly task: TaskId; readonly runner: RunnerInfo }[];
}

/** A process that runs tasks. */
export interface RunnerInfo {
  /** A UUID of its own; a process that opens a pond twice is two runners. */
  readonly runnerId: string;
  readonly pid: number;
  /** The command that it was begun with, without secrets. */
  readonly command: string;
}

/** Facts of a runner's row that its seal is over. */
export type SealedRunner = Pick<RunnerInfo, 'runnerId' | 'pid' | 'command'>;

/** Seals of runners' rows: who made a row, and where. */
export interface RunnerSeals {
  /** Text that is kept with the row of a runner that begins here; null where no key can be kept. */
  readonly originOf: (runner: SealedRunner) => string | null;
  /** Reason why a row was not made here by this user; null where it was, or where nobody could tell. */
  readonly elsewhere: (runner: SealedRunner, origin: string | null) => Elsewhere | null;
}

/** A dead runner's row that was made elsewhere: it is left alone until it is adopted. */
export interface ForeignRunner extends RunnerInfo {
  readonly why: Elsewhere;
}

/** The machine and the namespace in which a runner's pid means it; null where the system does not tell. */
export interface PidPlace {
  readonly bootId: string | null;
  readonly pidNamespace: string | null;
}

/** A task that a live runner is running now, or preparing where none of its tasks runs yet. */
export interface RunningTask {
  readonly claim: Claim;
  readonly runner: RunnerInfo & PidPlace;
  /** The process group of its child; null where it has recorded none. */
  readonly group: number | null;
}

/** A process group as it is recorded. Nothing of it is known to be true: the table may have come from anywhere. */
export interface RecordedGroup {
  /** The claim's under which it was started. */
  readonly token: number;
  readonly configPath: string;
  readonly group: ProcessGroup;
  /** Place where it was recorded, and by whom: JSON; null where version 0.1.0 did, or no key could be kept. */
  readonly origin: string | null;
}

/** Result of trying to start an attempt. */
export type StartOutcome =
  /** `post_commit_started` is durable; the attempt may have effects from now on. */
  | {
      readonly _tag: 'Started';
      readonly attempt: number;
      /** A later commit's task of the same configuration path that completed already: that commit. */
      readonly supersededBy: number | null;
      /** Outcomes of the tasks that it waited for. */
      readonly outcomes: readonly TaskOutcome[];
      /** Tells that nothing had been committed when it started inside of tasks since its commit; false: it is not known. */
      readonly nothingDerived: boolean;
    }
  /** By what it says about when it runs, it does not: that is recorded, and its claim given back. */
  | { readonly _tag: 'NotToBeRun'; readonly cause: SkipCause; readonly reason: string }
  /** A task that it waits for has not ended. */
  | { readonly _tag: 'NotYet'; readonly task: TaskId }
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
  /** Report that it has left; without one nothing. */
  readonly report?: Json | null;
  /** Text of what it said that is to be kept with its end; without one nothing. */
  readonly output?: string | null;
  /**
   * Milliseconds that the commit has taken, where this process has made it; null: the time between its records. `completed` of its
   * transaction is then recorded with the end of the last of its tasks, and not after it.
   */
  readonly commitDurationMs?: number | null;
  /** Tasks of its commit that look at what becomes of it, by `execution_seq`: where a retry has changed that, they become pending again. */
  readonly watchedBy?: readonly number[];
}

/** Time, configuration and span of an attempt that is asked for. */
export interface AskedAttempt {
  readonly timestamp: number;
  /** The transaction whose configuration is used. */
  readonly configTxnSeq: number;
  readonly traceParent: string | null;
}

export interface StartAttempt extends AskedAttempt {
  /** Conditions that it begins under; without them it begins as soon as its turn has come. */
  readonly conditions?: StartConditions;
}

/** Condition that decides whether an attempt begins when its turn has come. */
export interface StartConditions {
  readonly runWhen: RunWhen;
  readonly ifSuperseded: IfSuperseded;
  /** The tasks of its commit that it waits for, rejected entries included, by `execution_seq`. */
  readonly waitsFor: readonly number[];
  /** Source of its notices. */
  readonly place: NoticePlace;
  /** Tasks that look at what becomes of it, as in {@link AttemptEnd}. */
  readonly watchedBy: readonly number[];
}
