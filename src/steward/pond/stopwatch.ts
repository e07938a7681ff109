import type { Clock } from '../../ports/clock.js';

/** Time at which something began, and, asked at its end, when that is and how long it took. */
export interface Stopwatch {
  /** Microseconds since the epoch. */
  readonly startedAt: number;
  /** `timestamp` in microseconds since the epoch; the duration in milliseconds, true also when the clock was set meanwhile. */
  readonly ended: () => { readonly timestamp: number; readonly durationMs: number };
}

export const startStopwatch = (clock: Clock): Stopwatch => {
  const begun = clock.monotonicMs();
  return {
    startedAt: clock.nowMicros(),
    ended: () => ({
      timestamp: clock.nowMicros(),
      durationMs: Math.round((clock.monotonicMs() - begun) * 1000) / 1000,
    }),
  };
};
