import type { Envelope } from '../../domain/plans/envelope.js';
import type { RegisteredFactory, TaskRules } from '../../domain/plans/plan.js';
import { type RetryPolicy, withWishes } from '../../domain/plans/retry-policy.js';
import type { Schedule } from './schedule.js';

/** Policy by which a task is tried: its envelope's, and the schedule's where the envelope says nothing. */
export interface TaskPolicy {
  /** Milliseconds that an attempt may take; null: as long as it needs. */
  readonly timeoutMs: number | null;
  /** Null: one attempt. */
  readonly retry: RetryPolicy | null;
}

export const taskPolicy = (
  envelope: Envelope | null,
  { timeoutMs, retry }: Pick<Schedule, 'timeoutMs' | 'retry'>,
): TaskPolicy => {
  const policy = withWishes(retry, envelope?.retry ?? null);
  return { timeoutMs: envelope?.timeoutMs ?? timeoutMs, retry: policy.max_attempts === 1 ? null : policy };
};

/**
 * Says when an entry runs. Its factory may have a default for `run_when`, which counts where the entry names what it waits
 * for; whoever looks at failures and names nothing waits for everything. What else it has a default for counts where the
 * entry says nothing.
 */
export const taskRules = (
  envelope: Envelope | null,
  { run_when, derived }: Pick<RegisteredFactory, 'run_when' | 'derived'>,
): TaskRules => {
  const namesSome = (envelope?.dependsOn.length ?? 0) > 0;
  const runWhen = envelope?.runWhen ?? (namesSome ? run_when : undefined) ?? 'success';
  return {
    derived: envelope?.derived ?? derived ?? false,
    ifSuperseded: envelope?.ifSuperseded ?? 'run',
    runWhen,
    waitsFor: runWhen === 'success' || namesSome ? 'depends_on' : 'all',
  };
};
