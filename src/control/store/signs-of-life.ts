import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { ControlError } from '../control-error.js';
import type { ReadRows } from './control-transaction.js';
import type { Coroutine } from './coroutine.js';

/**
 * Signs by which runners are known to live: a lock that ends with its holder, however that ends. A row in `runners` whose
 * runner has no sign is a dead runner's.
 */
export interface SignsOfLife {
  /**
   * Gives a new runner its sign, before or inside the transaction that announces it; false where there is a runner of that
   * id already.
   */
  readonly give: (runnerId: string) => Coroutine<boolean>;
  /** Tells live runners from dead ones: the same result for a runner throughout one transaction. */
  readonly liveness: (read: ReadRows) => IsLive;
  /** Takes away the sign of a runner of this process; nothing where it has none. */
  readonly takeAway: (runnerId: string) => TaskEither<ControlError, void>;
  /** The same, whatever comes of it: what is left says nothing to anybody. */
  readonly abandon: (runnerId: string) => void;
  /** Removes what dead runners left. */
  readonly clear: (dead: readonly string[]) => TaskEither<ControlError, void>;
  readonly takeAllAway: () => void;
}

/** Tells whether a runner lives. */
export type IsLive = (runnerId: string) => Coroutine<boolean>;
