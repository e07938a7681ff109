import type { Pond } from '../steward/pond/pond.js';
import type { Steward } from '../steward/steward.js';
import type { ChangeSignal } from './change-signal.js';

/** A pond that is served: what its steward offers, and what the steward itself works with. */
export interface ServedPond {
  readonly steward: Steward;
  readonly pond: Pond;
  /** Signal that is told whenever the pond may have changed: a commit, a record of a task, by whichever process. */
  readonly changes: ChangeSignal;
  /** Signal that is told of those changes that may bring work: all of them, but for what this process does to its own tasks. */
  readonly news: ChangeSignal;
  /** Signal that is told when tasks have come to be: some are ready. */
  readonly arrivals: ChangeSignal;
}
