import { setImmediate as nextTurn, setTimeout as timer } from 'node:timers/promises';
import type { Clock } from '../../ports/clock.js';

const NANOS_PER_MS = 1e6;

/** The machine's clock. */
export const nodeClock: Clock = {
  nowMicros: () => Date.now() * 1000,
  // Not `performance`: the module behind it is loaded when it is first used, which takes as long as a short command.
  monotonicMs: () => Number(process.hrtime.bigint()) / NANOS_PER_MS,
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
