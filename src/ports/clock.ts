/** Time. All of the shell's waiting and dating goes through it, so that tests decide what time it is. */
export interface Clock {
  /** Microseconds since the epoch, UTC: for dates. It may jump, since people and machines set it. */
  readonly nowMicros: () => number;
  /** Milliseconds since some moment, with fractions; never jumps: for durations and deadlines. */
  readonly monotonicMs: () => number;
  /** Resolves after `milliseconds`, or at once when the signal aborts. */
  readonly sleep: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
}
