import { isLeft, right } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { ControlError } from '../control-error.js';
import type { ReadyClaim, WorkerPlace } from '../fleet-table.js';
import { ask, type ControlStore, transact } from '../store/control-store.js';
import { type Asked, claimOnce, isAnyReady } from './ready-tasks.js';

/**
 * Claims what is ready. Whether anything is, is asked before, which keeps nobody waiting; and it is asked again as long as some of what was found
 * could not be taken: what is behind it may be.
 */
export const claimReady =
  (
    store: ControlStore,
    worker: WorkerPlace,
    asked: Asked & { readonly isAnyReady?: boolean },
  ): TaskEither<ControlError, readonly ReadyClaim[]> =>
  async () => {
    if (asked.isAnyReady !== true) {
      const seen = await ask(store, (read) => isAnyReady(read, worker, asked.now))();
      if (isLeft(seen)) return seen;
      if (!seen.right) return right([]);
    }
    // What has begun must be durable before it is run.
    const { commits, setups } = asked.beginning;
    const durability = commits.length + setups.length > 0 ? 'durable' : 'relaxed';
    const claimed: ReadyClaim[] = [];
    for (;;) {
      const others = askedAfter(asked, claimed);
      const once = await transact(store, durability, (transaction) =>
        claimOnce(transaction, worker, others),
      )();
      // What has been claimed before is the worker's, whatever becomes of the rest.
      if (isLeft(once)) return claimed.length > 0 ? right(claimed) : once;
      claimed.push(...once.right.claims);
      if (once.right.isAll) return right(claimed);
    }
  };

/** Rest of a question when some tasks have been claimed. */
const askedAfter = ({ limit, now, beginning, held }: Asked, claimed: readonly ReadyClaim[]): Asked => ({
  limit: limit - claimed.length,
  now,
  beginning: { ...beginning, spanIds: beginning.spanIds.slice(claimed.length) },
  held: [...held, ...claimed.map(({ token }) => token)],
});
