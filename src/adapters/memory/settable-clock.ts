import type { Clock } from '../../ports/clock.js';

/** A clock that stands still until it is set. */
export interface SettableClock {
  readonly clock: Clock;
  /** Lets time pass, in milliseconds; who sleeps no longer than that wakes, in the order of their times. */
  readonly advance: (milliseconds: number) => Promise<void>;
  /** Sets a machine's date, as people do: microseconds since the epoch. Nobody wakes. */
  readonly setDate: (micros: number) => void;
}

interface Sleeper {
  readonly until: number;
  readonly wake: () => void;
}

/**
 * A clock whose time passes when it is told to, and not otherwise. `start`: microseconds since the epoch.
 *
 * @example
 * const { clock, advance } = settableClock(1_700_000_000_000_000);
 * const slept = clock.sleep(60_000);
 * await advance(60_000);
 * await slept;
 */
export const settableClock = (start = 1_700_000_000_000_000): SettableClock => {
  let passed = 0;
  let date = start;
  const sleepers = new Set<Sleeper>();
  const pass = (milliseconds: number) => {
    passed += milliseconds;
    date += milliseconds * 1000;
  };
  return {
    clock: {
      nowMicros: () => date,
      monotonicMs: () => passed,
      sleep: (milliseconds, signal) =>
        new Promise((resolve) => {
          if (milliseconds <= 0 || signal?.aborted === true) return resolve();
          const wake = () => {
            sleepers.delete(sleeper);
            signal?.removeEventListener('abort', wake);
            resolve();
          };
          const sleeper = { until: passed + milliseconds, wake };
          sleepers.add(sleeper);
          signal?.addEventListener('abort', wake);
        }),
      giveWay: async () => undefined,
    },
    advance: async (milliseconds) => {
      const end = passed + milliseconds;
      for (;;) {
        const [next] = [...sleepers].filter(({ until }) => until <= end).sort((a, b) => a.until - b.until);
        if (next === undefined) break;
        pass(Math.max(0, next.until - passed));
        next.wake();
        // Who wakes may go to sleep again before anybody else is woken.
        await Promise.resolve();
      }
      pass(end - passed);
    },
    setDate: (micros) => {
      date = micros;
    },
  };
};
