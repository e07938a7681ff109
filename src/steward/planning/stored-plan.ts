import { type Either, isLeft, left } from 'fp-ts/lib/Either.js';
import type { StoredPlan } from '../../control/commit-record.js';
import type { Plan } from '../../domain/plans/plan.js';
import { EMPTY_PLAN } from '../../planner/empty-plan.js';
import { openPlan, planJson } from '../../planner/seal-plan.js';
import type { PondError } from '../errors.js';

/** A plan as the control table keeps it. */
export const storedPlanOf = (plan: Plan): StoredPlan =>
  plan === EMPTY_PLAN ? EMPTY_STORED : { checksum: plan.checksum, plan: planJson(plan) };

/** Plan of every commit in a pond where nothing is configured. */
const EMPTY_STORED: StoredPlan = { checksum: EMPTY_PLAN.checksum, plan: planJson(EMPTY_PLAN) };

/** Reads a plan that the control table kept. */
export const readStoredPlan = ({ plan, checksum }: StoredPlan): Either<PondError, Plan> => {
  const opened = openPlan(plan, checksum);
  return isLeft(opened)
    ? left({
        _tag: 'ControlUnusable',
        path: 'control.db',
        problem: `plan ${checksum} cannot be read (${opened.left._tag})`,
      })
    : opened;
};
