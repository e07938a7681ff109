import { right } from 'fp-ts/lib/Either.js';
import type { Plan } from '../domain/plan.js';
import { DEFAULT_SCHEDULE } from './entries/schedule.js';
import { planCommit } from './plan-commit.js';

/** The plan of a commit in a pond without entries: always the same, so it need not be stored to be known. */
export const EMPTY_PLAN: Plan = planCommit({
  changes: [],
  suppressed: null,
  entries: [],
  schedule: right(DEFAULT_SCHEDULE),
  factoryModes: {},
  registry: { factories: {}, config_errors: {} },
});
