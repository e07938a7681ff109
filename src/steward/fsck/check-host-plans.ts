import { getOrElse, isLeft } from 'fp-ts/lib/Either.js';
import type { HostPlans } from '../../host-plans/host-plans.js';
import type { CheckpointSummary } from '../../host-plans/journal/checkpoint-summary.js';
import { describeHostError } from '../../host-plans/steps/host-error.js';
import type { PondFinding } from '../shapes/finding.js';

/** Checkpoints of host plans that did not end. Looked at twice: a plan that ends meanwhile takes its own away. */
export const checkHostPlans = (
  plans: HostPlans,
  named: (path: string) => string,
): { readonly findings: readonly PondFinding[]; readonly count: number } => {
  const listed = plans.list();
  if (isLeft(listed)) {
    const problem = describeHostError(listed.left);
    return { findings: [{ _tag: 'HostPlansUnreadable', file: named(plans.directory), problem }], count: 0 };
  }
  const first = listed.right;
  const unended = first.filter(({ state }) => state !== 'running' && state !== 'rolled_back');
  if (unended.length === 0) return { findings: [], count: first.length };
  const again = new Map(
    getOrElse((): typeof first => [])(plans.list()).map((summary) => [summary.path, summary.state]),
  );
  return {
    findings: unended
      .filter(({ path, state }) => again.get(path) === state)
      .flatMap((summary) => findingOf(summary, named)),
    count: first.length,
  };
};

const findingOf = (
  { id, path, state, failures, effects }: CheckpointSummary,
  named: (path: string) => string,
): readonly PondFinding[] => {
  const file = named(path);
  const paths = effects.map(({ path: touched }) => touched);
  switch (state) {
    case 'abandoned':
      return [{ _tag: 'HostPlanAbandoned', file, id, paths }];
    case 'incomplete':
      return [{ _tag: 'HostPlanIncomplete', file, id, failures: failures.length, paths }];
    case 'unreadable':
      return [{ _tag: 'HostPlanUnreadable', file, id }];
    case 'made_elsewhere':
      return [{ _tag: 'HostPlanMadeElsewhere', file, id, paths }];
    case 'running':
    case 'rolled_back':
      return [];
  }
};
