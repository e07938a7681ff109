import { setImmediate as nextTurn, setTimeout as timer } from 'node:timers/promises';
import type { Clock } from '../ports/clock.js';

/** The machine's clock. */
export const nodeClock: Clock = {
  nowMicros: () => Date.now() * 1000,
  monotonicMs: () => performance.now(),
  sleep: async (milliseconds, signal) => {
    try {
      await timer(milliseconds, undefined, { signal });
    } catch (error) {
      // An abort ends the wait early, that is all; anything else is a fault.
      if (signal?.aborted !== true) throw error;
    }
  },
  giveWay: () => nextTurn(),
};
