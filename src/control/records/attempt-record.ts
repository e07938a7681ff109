import type { AttemptEnd, Claim, StartAttempt, StartOutcome } from './claim.js';

/** An attempt's failure, and what follows it. */
export interface AttemptFailure extends Omit<AttemptEnd, 'durationMs'> {
  /** Milliseconds; null: nothing of it has run. */
  readonly durationMs: number | null;
  readonly errorMessage: string;
  /**
   * `release` gives the claim back; `retry` writes the next `pending` in the same transaction and keeps the claim; with
   * `notBefore`, a time in microseconds, it writes that, too, and gives the claim back; `hold` keeps the claim, still
   * running, because the work has not stopped.
   */
  readonly next: 'release' | 'retry' | 'hold' | { readonly notBefore: number };
}

/** Record of one attempt that is to be made, as data: records of attempts that run side by side go into the table together. */
export type AttemptRecord = { readonly claim: Claim } & (
  | { readonly _tag: 'Started'; readonly attempt: StartAttempt }
  | EndRecord
);

/** End of an attempt. */
export type EndRecord =
  | { readonly _tag: 'Completed'; readonly end: AttemptEnd }
  | { readonly _tag: 'Failed'; readonly end: AttemptFailure }
  /** Its effects were undone after it failed. */
  | { readonly _tag: 'RolledBack'; readonly end: Omit<AttemptFailure, 'next'> };

/** Result of a record: of a start what became of it, of an end that it is recorded. */
export type AttemptOutcome = StartOutcome | { readonly _tag: 'Recorded' };
