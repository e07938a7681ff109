import { pipe } from 'fp-ts/lib/function.js';
import * as T from 'fp-ts/lib/Task.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Plan } from '../../domain/plans/plan.js';
import { NEWEST_RULES } from '../../planner/planner-rules.js';
import type { PersistenceView } from '../../tinyfs/persistence.js';
import type { PondError } from '../errors.js';
import type { Pond } from '../pond/pond.js';
import { makePlan } from './make-plan.js';

/**
 * The plan of a commit that is not there yet: the next one, where it leaves the configuration of `view` alone and meets no condition. What only
 * changes the configuration sets off nothing, so that its own plan says nothing of what follows. Only for a view that this user has approved.
 */
export const planAhead = (pond: Pond, view: PersistenceView): TE.TaskEither<PondError, Plan> =>
  pipe(
    makePlan(pond, {
      view,
      changes: [],
      suppressed: null,
      chain: null,
      rules: NEWEST_RULES,
      recordedFacts: null,
      loadsModules: T.of(true),
    }),
    TE.map(({ plan }) => plan),
  );
