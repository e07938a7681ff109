import type { RetryPolicy } from '../domain/retry-policy.js';

/** The attempts that an operation has. */
export interface AttemptAllowance {
  readonly policy: RetryPolicy;
  /** Attempts made before this execution, which the policy counts. */
  readonly made: number;
}

/** Whether another attempt may follow when the `tried`th attempt of this execution has failed. */
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
