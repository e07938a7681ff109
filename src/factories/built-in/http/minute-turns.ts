import type { Clock } from '../../../ports/clock.js';

const MINUTE = 60_000;

/** Waits, at each call, until another request fits into the minute, or the signal is given. */
export const minuteTurns = (
  clock: Pick<Clock, 'monotonicMs' | 'sleep'>,
  perMinute: number,
  signal: AbortSignal,
): (() => Promise<void>) => {
  const sentAt: number[] = [];
  return async () => {
    while (!signal.aborted && sentAt.length >= perMinute) {
      const [oldest = 0] = sentAt;
      const passed = clock.monotonicMs() - oldest;
      if (passed >= MINUTE) sentAt.shift();
      else await clock.sleep(MINUTE - passed, signal);
    }
    sentAt.push(clock.monotonicMs());
  };
};
