import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { PondError } from '../steward/errors.js';

/** Work of one kind that a served pond has now and then: pending tasks, due firings, files that have arrived. */
export interface PondJob {
  /** Name of the job in log lines. */
  readonly name: string;
  /** Does all that there is to do now, and ends when there is nothing more. It is not called again before that. */
  readonly work: (turn: Turn) => TaskEither<PondError, WorkDone>;
  /**
   * Returns when there will be something to do by time alone, in microseconds since the epoch; null: only after a change of
   * the pond. Asked after each `work`. A job is called at least every half minute, whatever it says.
   */
  readonly nextDue: () => TaskEither<PondError, number | null>;
  /** Resolves when something besides the pond has changed since the last `work` began that it is to look at, or when `signal` aborts. */
  readonly stirred?: (signal: AbortSignal) => Promise<void>;
}

/** Surroundings of one call of a job. */
export interface Turn {
  /** Aborts when the job is to stop: what runs gets its grace, what is left stays for the next process. */
  readonly signal: AbortSignal;
  /** Resolves after the next change of the pond, or when `until` aborts: for work that takes up what comes while it runs. */
  readonly changed: (until: AbortSignal) => Promise<void>;
}

/** Result of one call of a job. */
export interface WorkDone {
  /** Tasks, firings or files that it dealt with. */
  readonly done: number;
  /** Those among them that did not end well. */
  readonly failed: number;
}

export const NOTHING_DONE: WorkDone = { done: 0, failed: 0 };

export const sumOfWork = (a: WorkDone, b: WorkDone): WorkDone => ({
  done: a.done + b.done,
  failed: a.failed + b.failed,
});
