import { right } from 'fp-ts/lib/Either.js';
import type { Plan } from '../domain/plans/plan.js';
import { DEFAULT_SCHEDULE } from './entries/schedule.js';
import { planCommit } from './plan-commit.js';
import { EVERY_RULES, NEWEST_RULES, type PlannerRules } from './planner-rules.js';

/** The plan of a commit in a pond without entries: always the same by the same rules, so it need not be stored to be known. */
export const emptyPlan = (rules: PlannerRules): Plan => {
  const known = made.get(rules);
  if (known !== undefined) return known;
  const plan = planCommit(
    {
      changes: [],
      suppressed: null,
      entries: [],
      schedule: right(DEFAULT_SCHEDULE),
      factoryModes: {},
      registry: { factories: {}, config_errors: {} },
    },
    rules,
  );
  made.set(rules, plan);
  return plan;
};

const made = new Map<PlannerRules, Plan>();

/** The empty plan of a new commit. */
export const EMPTY_PLAN: Plan = emptyPlan(NEWEST_RULES);

/** Tells whether a plan is the one without entries, by whatever rules. */
export const isEmptyPlan = (checksum: string): boolean =>
  EVERY_RULES.some((rules) => emptyPlan(rules).checksum === checksum);
