import { AsyncLocalStorage } from 'node:async_hooks';
import type { Cause, Causes } from '../../ports/causes.js';

/*
 * A user's module may load a copy of this library of its own, beside the executable's. All copies in a process follow
 * causes in one place, which is found under a name that belongs to none of them.
 */

const PLACE = Symbol.for('pond-steward.causes.1');

const place = globalThis as { [PLACE]?: AsyncLocalStorage<Cause> };

const storage = (): AsyncLocalStorage<Cause> => {
  place[PLACE] ??= new AsyncLocalStorage<Cause>();
  return place[PLACE];
};

/** Causes as Node follows them through promises, timers and callbacks of one thread. */
export const asyncCauses: Causes = {
  current: () => storage().getStore() ?? null,
  within: (cause, work) => storage().run(cause, work),
};
