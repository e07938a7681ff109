import { AsyncLocalStorage } from 'node:async_hooks';
import type { ContentChains } from '../../../ports/causes.js';

const storage = new AsyncLocalStorage<readonly string[]>();

/** Chains as Node follows them through promises, timers and callbacks of one thread. */
export const asyncContentChains: ContentChains = {
  current: () => storage.getStore() ?? [],
  within: (chain, work) => storage.run(chain, work),
};
