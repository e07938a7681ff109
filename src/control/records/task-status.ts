import type { Json } from '../../domain/documents/json.js';
import type { TaskId } from '../../domain/plans/task-id.js';
import type { TaskPlace } from '../../domain/plans/task-place.js';

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

/**
 * Reason why a task was skipped. `dependency`: one that it requires did not succeed. `run_when`: what it waited for came to
 * nothing that it runs for. `superseded`: a later commit's task of its entry has completed. `configuration`: under the
 * configuration that was asked for there is nothing to run. `rebuilt`: the control table was lost, and nobody knows.
 * `missed`: a firing that was due when nobody could run it, and is not made up for.
 */
export type SkipCause = 'dependency' | 'run_when' | 'superseded' | 'configuration' | 'rebuilt' | 'missed';

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

/** Text of the lines of an attempt that are kept with its end. */
export interface KeptOutput {
  readonly attempt: number;
  readonly lines: string;
}
