import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../../ports/clock.js';

const NANOS_PER_MS = 1e6;

/** The machine's clock. */
export const nodeClock: Clock = {
  nowMicros: () => Date.now() * 1000,
  // Not `performance`: the module behind it is loaded when it is first used, which takes as long as a short command.
  monotonicMs: () => Number(process.hrtime.bigint()) / NANOS_PER_MS,
  // Not that of `node:timers/promises`: most sleeps are deadlines that never come, and it makes an error of each abort.
  sleep: (milliseconds, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted === true) return resolve();
      const wake = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      const timer = setTimeout(wake, milliseconds);
      signal?.addEventListener('abort', wake, { once: true });
    }),
  giveWay: () => nextTurn(),
};
