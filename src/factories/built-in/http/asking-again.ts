import { printDuration } from '../../../domain/duration.js';
import type { Judged } from './judge-answer.js';

/** Milliseconds before the second, third and fourth attempt. */
const WAITS = [2_000, 4_000, 8_000];
/** Number of times that a server is obeyed that asks to wait, and for how long when it does not say. */
const MOST_WAITS = 3;
const USUAL_WAIT = 60_000;
/** A server that asks for more is left alone: the run ends, and says so. */
const LONGEST_WAIT = 5 * 60_000;

/** Counts of what was not answered, and of how often the server said that it is busy. */
export interface Unanswered {
  readonly failures: number;
  readonly waits: number;
}

/** Decision about a request that was not answered. */
export type Next =
  | { readonly _tag: 'Wait'; readonly waitMs: number }
  | {
      readonly _tag: 'GiveUp';
      /** Added to the message. */
      readonly because: string;
      readonly retryAfterMs: number | null;
      readonly mayBeTooMuch?: boolean;
    };

/** Decides how long to wait before the request is sent again, or that it is not; `fraction`: by chance, from 0 to 1. */
export const askingAgain = (
  { isBusy, waitMs }: Extract<Judged, { readonly _tag: 'Again' }>,
  before: Unanswered,
  fraction: number,
): { readonly unanswered: Unanswered; readonly next: Next } => {
  const { failures, waits } = before;
  const unanswered = isBusy ? { failures, waits: waits + 1 } : { failures: failures + 1, waits };
  if (unanswered.waits > MOST_WAITS || unanswered.failures > WAITS.length) {
    const because = `${failures + waits + 1} times`;
    const mayBeTooMuch = !isBusy && waitMs === null;
    return { unanswered, next: { _tag: 'GiveUp', because, retryAfterMs: waitMs, mayBeTooMuch } };
  }
  const own = (WAITS[failures + waits] ?? 0) * (0.75 + fraction / 2);
  // Many servers say 0, or a time that has passed, and are as busy as before.
  const asked = waitMs === 0 ? own : waitMs;
  const wait = asked ?? (isBusy ? USUAL_WAIT : own);
  if (wait <= LONGEST_WAIT) return { unanswered, next: { _tag: 'Wait', waitMs: wait } };
  const because = `and asks to wait for ${printDuration(wait)}`;
  return { unanswered, next: { _tag: 'GiveUp', because, retryAfterMs: wait } };
};
