import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { ControlError } from './control-error.js';
import type { FiringMethods } from './firing-methods.js';
import type { RunnerMethods } from './runner-methods.js';
import type { TaskMethods } from './task-methods.js';
import type { TransactionMethods } from './transaction-methods.js';
import type { WatchMethods } from './watch-methods.js';

/**
 * The append-only log of everything that happens to a pond. "Durable" methods survive power loss when they
 * return; the others survive the process. All methods are one SQLite transaction each.
 */
export interface ControlTable
  extends TransactionMethods,
    RunnerMethods,
    TaskMethods,
    FiringMethods,
    WatchMethods {
  /** Reason why no records can be made here; null: they can. Reads leave none then, and nothing else is begun. */
  readonly readOnly: ControlError | null;
  /**
   * Brings a table of an older version to the present one; returns whether there was anything to do. The caller holds
   * the writer's lock. `ControlInUse` while a runner lives. Durable.
   */
  readonly migrate: () => TaskEither<ControlError, boolean>;
  /** Tells whether {@link migrate} has something to do. */
  readonly isOlder: () => boolean;
  readonly close: () => void;
}
