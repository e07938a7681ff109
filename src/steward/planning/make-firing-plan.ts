import type * as TE from 'fp-ts/lib/TaskEither.js';
import type { Plan } from '../../domain/plans/plan.js';
import { steps } from '../../effects/steps.js';
import { registryFacts } from '../../planner/entries/registry-facts.js';
import { planFiring } from '../../planner/firings/plan-firing.js';
import type { PersistenceView } from '../../tinyfs/persistence.js';
import type { PondError } from '../errors.js';
import { registryOfState } from '../pond/factories/known-factories.js';
import type { Pond } from '../pond/pond.js';
import { scheduledEntries } from './scheduled-entries.js';

/** The plan that a state's configuration makes of a firing; null where it has no such entry. The caller has looked at trust. */
export const makeFiringPlan = (
  pond: Pond,
  view: PersistenceView,
  path: string,
): TE.TaskEither<PondError, Plan | null> =>
  steps(async ({ run }) => {
    const scheduled = (await run(scheduledEntries(pond, view))).find((entry) => entry.path === path);
    if (scheduled === undefined) return null;
    const { entries, schedule } = await run(pond.configurations.discover(view));
    const { factoryModes } = await run(pond.configurations.settings(view));
    const registry = await registryOfState(pond, view)();
    const facts = registryFacts([scheduled, ...entries], registry);
    return planFiring({ scheduled, entries, schedule, factoryModes, registry: facts });
  });
