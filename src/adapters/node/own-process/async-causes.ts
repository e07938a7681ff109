import { AsyncLocalStorage } from 'node:async_hooks';
import type { Cause, Causes } from '../../../ports/causes.js';

/*
 * A user's module may load a copy of this library of its own, beside the executable's. All copies in a process follow
 * causes in one place, which is found under a name that belongs to none of them.
 */

const PLACE = Symbol.for('pond-steward.causes.2');

const place = globalThis as { [PLACE]?: Following };

interface Following {
  readonly storage: AsyncLocalStorage<Cause>;
  /** Works that have begun and are not over. */
  underWay: number;
}

const following = (): Following => {
  place[PLACE] ??= { storage: new AsyncLocalStorage<Cause>(), underWay: 0 };
  return place[PLACE];
};

/**
 * Causes as Node follows them through promises, timers and callbacks of one thread. Each promise of the process is dearer while it
 * does, so that nothing is followed while no work is under way: what lives on has a cause that is over by then.
 */
export const asyncCauses: Causes = {
  current: () => following().storage.getStore() ?? null,
  begin: () => {
    const it = following();
    it.underWay += 1;
    // Nothing else is around these two: what lives on keeps them, and would keep all of the work alive.
    let over = false;
    return {
      isOver: () => over,
      end: () => {
        over = true;
        it.underWay -= 1;
        if (it.underWay === 0) it.storage.disable();
      },
    };
  },
  within: (cause, work) => following().storage.run(cause, work),
};
