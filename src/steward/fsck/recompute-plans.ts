import { isLeft } from 'fp-ts/lib/Either.js';
import { describeError } from '../describe-error.js';
import { type OpeningOptions, openPond } from '../pond/opening/open-pond.js';
import type { PondFinding } from '../shapes/finding.js';
import type { PlanCheck } from '../shapes/report.js';
import type { StewardPorts } from '../steward-ports.js';
import { checkPlans } from './check-plans.js';

/** Computes the plan of every commit again; a pond that cannot be opened has none that could be. */
export const recomputePlans = async (
  ports: StewardPorts,
  directory: string,
  options: Pick<OpeningOptions, 'factoryModules' | 'shared'>,
): Promise<{ readonly findings: readonly PondFinding[]; readonly check: PlanCheck | null }> => {
  const opened = await openPond(ports, directory, options)();
  if (isLeft(opened)) {
    return { findings: [{ _tag: 'PlansNotChecked', problem: describeError(opened.left) }], check: null };
  }
  const pond = opened.right;
  try {
    const checked = await checkPlans(pond)();
    if (isLeft(checked)) {
      return { findings: [{ _tag: 'PlansNotChecked', problem: describeError(checked.left) }], check: null };
    }
    return {
      findings: checked.right.differing.map((differing) => ({ _tag: 'PlanDiffers', ...differing })),
      check: checked.right,
    };
  } finally {
    pond.control.close();
  }
};
