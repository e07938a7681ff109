import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { ControlError } from './control-error.js';
import type { DueFiring, FiringOutcome, FiringStatus } from './records/firing-record.js';

/** Methods of the control table about firings of schedules. */
export interface FiringMethods {
  /**
   * Records a firing that is due, once, whoever asks; its tasks are pending and claimed. Durable: nothing of it happens
   * before. Nothing is recorded while an earlier one of the same entry has not ended.
   */
  readonly recordFiring: (firing: DueFiring) => TaskEither<ControlError, FiringOutcome>;
  /** The newest firings, each with its tasks, newest first. */
  readonly firings: (limit: number | null) => TaskEither<ControlError, readonly FiringStatus[]>;
  /** The newest firings of one entry, each with its tasks, newest first. */
  readonly firingsOf: (
    configPath: string,
    limit: number,
  ) => TaskEither<ControlError, readonly FiringStatus[]>;
  /** The newest time, not after `notAfter`, at which a recorded firing of an entry was due; null: there is none. */
  readonly newestDue: (configPath: string, notAfter: number) => TaskEither<ControlError, number | null>;
}
