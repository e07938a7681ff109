import type { NewestCommit } from './known-commits.js';
import type { OpenTransaction } from './transaction-summary.js';

/** State of the control table right after the writer's lock was taken: what its holder asks first, and was told with the lock. */
export interface FirstLook {
  readonly newest: NewestCommit;
  /** Transactions that had begun and not ended, oldest first. */
  readonly open: readonly OpenTransaction[];
}
