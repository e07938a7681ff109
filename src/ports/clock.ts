/** Time. All of the shell's waiting and dating goes through it, so that tests decide what time it is. */
export interface Clock {
  /** Microseconds since the epoch, UTC: for dates. It may jump, since people and machines set it. */
  readonly nowMicros: () => number;
  /** Milliseconds since some moment, with fractions; never jumps: for durations and deadlines. */
  readonly monotonicMs: () => number;
  /** Resolves after `milliseconds`, or at once when the signal aborts. */
  readonly sleep: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
  /** Resolves when everything else that is due in this process has had its turn: signals, timers, what was read. */
  readonly giveWay: () => Promise<void>;
}
