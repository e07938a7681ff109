import type { TaskId } from '../../domain/plans/task-id.js';
import type { RunnerInfo } from './claim.js';

/** A live process that runs tasks, or would. Times in microseconds since the epoch. */
export interface WorkerStatus extends RunnerInfo {
  /** Name of its machine; null: it did not say. */
  readonly host: string | null;
  readonly startedAt: number;
  /** Tells whether it takes up what others leave, and nobody waits for it. */
  readonly isInBackground: boolean;
  /** Queues that it takes tasks of; null: it runs what its own command has set off, or whatever is left. */
  readonly queues: readonly string[] | null;
  /** Tasks that it runs side by side, at most; null: what a plan allows. */
  readonly concurrency: number | null;
  /** Attempts that it runs now. */
  readonly running: readonly RunningAttempt[];
  /** Tasks that it has claimed and not begun. */
  readonly waiting: number;
}

/** An attempt that is under way. */
export interface RunningAttempt {
  readonly task: TaskId;
  readonly configPath: string;
  /** Number of the attempt, from 1. */
  readonly attempt: number;
  /** Microseconds since the epoch. */
  readonly startedAt: number;
}

/** Tasks that have not begun. */
export interface QueueStatus {
  /** Number of them. */
  readonly pending: number;
  /** Time since which the oldest of them waits, in microseconds since the epoch; null: there is none. */
  readonly oldestAt: number | null;
}

/** All who run tasks of a pond, and what is left for them. */
export interface FleetStatus {
  readonly workers: readonly WorkerStatus[];
  readonly queue: QueueStatus;
}
