import type { Random } from '../../ports/random.js';

/** The engine's generator: good for waits, not for secrets. */
export const nodeRandom: Random = { fraction: () => Math.random() };
