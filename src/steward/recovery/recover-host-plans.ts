import { isLeft, map } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type * as T from 'fp-ts/lib/Task.js';
import type { CheckpointSummary } from '../../host-plans/journal/checkpoint-summary.js';
import { describeHostError } from '../../host-plans/steps/host-error.js';
import type { Pond } from '../pond/pond.js';
import type { RecoveredHostPlan, RecoveryReport } from '../shapes/upkeep.js';

/** Host plans with their checkpoints in the pond, also of exports that are not tried again. Where they cannot be looked at, the rest of recovery goes on. */
export const recoverHostPlans =
  (
    { ports, directory }: Pond,
    { dryRun }: { readonly dryRun: boolean },
  ): T.Task<Pick<RecoveryReport, 'hostPlans' | 'hostPlansProblem'>> =>
  async () => {
    const plans = ports.hostPlans(directory);
    const recovered = dryRun ? pipe(plans.list(), map(unended)) : await plans.recover({ again: true })();
    return isLeft(recovered)
      ? { hostPlans: [], hostPlansProblem: describeHostError(recovered.left) }
      : { hostPlans: recovered.right, hostPlansProblem: null };
  };

const unended = (checkpoints: readonly CheckpointSummary[]): readonly RecoveredHostPlan[] =>
  checkpoints.flatMap(({ id, state, effects }) =>
    state === 'running' || state === 'rolled_back'
      ? []
      : [{ id, outcome: state, rolledBack: [], failures: [], effects }],
  );

/** Those that need somebody to look at them. */
export const notRecovered = ({ hostPlans }: RecoveryReport): readonly RecoveredHostPlan[] =>
  hostPlans.filter(({ outcome }) => UNSETTLED.has(outcome));

const UNSETTLED: ReadonlySet<RecoveredHostPlan['outcome']> = new Set([
  'incomplete',
  'unreadable',
  'made_elsewhere',
]);
