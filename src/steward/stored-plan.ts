import { type Either, isLeft, left } from 'fp-ts/lib/Either.js';
import type { StoredPlan } from '../control/control-table.js';
import type { Plan } from '../domain/plan.js';
import { openPlan } from '../planner/seal-plan.js';
import type { PondError } from './errors.js';

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
