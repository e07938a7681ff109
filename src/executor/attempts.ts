import type { RetryPolicy } from '../domain/plans/retry-policy.js';

/** The attempts that an operation has. */
export interface AttemptAllowance {
  readonly policy: RetryPolicy;
  /** Attempts made before this execution, which the policy counts. */
  readonly made: number;
}

/** Hint of a failure about another attempt. */
export interface FailureWish {
  /** False: another attempt would fail the same way. */
  readonly retryable: boolean;
  /** Milliseconds after which another attempt is worth while; null: it does not say. */
  readonly afterMs: number | null;
}

/** Milliseconds that an operation waits in place at most; for longer it is left for later. */
const LONGEST_WAIT = 60_000;
/** Nothing is left for longer: a day. */
const LONGEST_DELAY = 86_400_000;
/** Attempts in all, where only the failures ask for them and no policy says how many there are. */
const ASKED_FOR = 5;

/** Step that follows an attempt that has failed. */
export type NextAttempt =
  | { readonly _tag: 'None' }
  /** Another attempt after milliseconds, by this execution. */
  | { readonly _tag: 'Wait'; readonly waitMs: number }
  /** Another attempt, not before so many milliseconds have passed, by whoever looks then. */
  | { readonly _tag: 'Later'; readonly afterMs: number };

/**
 * Decides whether another attempt follows the `tried`th of this execution, which has failed. The policy says how many
 * there are. A failure can say that none is worth while, or when one is: then it is made although nothing says how many
 * there may be, up to five.
 */
export const nextAttempt = (
  allowance: AttemptAllowance | undefined,
  tried: number,
  { retryable, afterMs }: FailureWish,
  chance: () => number,
): NextAttempt => {
  if (!retryable) return { _tag: 'None' };
  if (afterMs === null) {
    return allowance !== undefined && mayRetry(allowance, tried)
      ? { _tag: 'Wait', waitMs: waitAfter(allowance, tried, chance()) }
      : { _tag: 'None' };
  }
  const most = Math.max(allowance?.policy.max_attempts ?? 1, 1);
  const isLast = (allowance?.made ?? 0) + tried >= (most === 1 ? ASKED_FOR : most);
  if (isLast) return { _tag: 'None' };
  return afterMs <= LONGEST_WAIT
    ? { _tag: 'Wait', waitMs: Math.ceil(afterMs) }
    : { _tag: 'Later', afterMs: Math.ceil(Math.min(afterMs, LONGEST_DELAY)) };
};

/** Tells whether another attempt may follow when the `tried`th attempt of this execution has failed. */
export const mayRetry = (allowance: AttemptAllowance | undefined, tried: number): boolean =>
  allowance !== undefined && allowance.made + tried < allowance.policy.max_attempts;

/**
 * Milliseconds to wait after the `tried`th attempt of this execution: growing by `backoff` from attempt to attempt, up
 * to a maximum. `chance` (0 to 1) takes up to half of it away, so that with a backoff of 2 waits never get shorter.
 */
export const waitAfter = ({ policy, made }: AttemptAllowance, tried: number, chance: number): number => {
  const growing = policy.initial_interval_ms * policy.backoff ** (made + tried - 1);
  const wait = Math.min(growing, policy.max_interval_ms);
  return Math.round(policy.jitter ? wait * (1 - chance / 2) : wait);
};
