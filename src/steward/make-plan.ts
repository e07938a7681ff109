import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Change } from '../domain/change.js';
import type { Plan, RegistryFacts } from '../domain/plan.js';
import type { Suppression } from '../domain/suppression.js';
import { planCommit } from '../planner/plan-commit.js';
import { registryFacts } from '../planner/registry-facts.js';
import { type DiscoverableFs, type Discovery, discover } from './discover.js';
import type { PondError } from './errors.js';
import type { Pond } from './pond.js';
import { readSettings } from './read-settings.js';

/** What a plan is made for. */
export interface PlanRequest {
  /** The commit's own view of the pond. */
  readonly fs: DiscoverableFs;
  readonly changes: readonly Change[];
  readonly suppressed: Suppression | null;
  /** What the registry said when the commit was made; null: ask it now. */
  readonly recordedFacts: RegistryFacts | null;
  /** Puts something else in the place of what was discovered. */
  readonly instead?: (discovery: Discovery) => Discovery;
}

/** A plan and what it was made from. */
export interface MadePlan {
  readonly plan: Plan;
  /** The bytes of each configuration, `config.yaml` included, by path. */
  readonly sources: ReadonlyMap<string, Uint8Array>;
}

/** Discovers what is configured and plans what has to run. An error means that discovery failed as a whole. */
export const makePlan = (pond: Pond, request: PlanRequest): TE.TaskEither<PondError, MadePlan> =>
  pipe(
    TE.Do,
    TE.bind('settings', () => readSettings(request.fs)),
    TE.bindW('discovery', () => pipe(discover(request.fs), TE.map(request.instead ?? unchanged))),
    TE.bindW('registry', ({ settings, discovery }) =>
      request.recordedFacts === null && discovery.entries.length > 0
        ? pipe(
            TE.fromTask(pond.registryFor(settings)),
            TE.map((registry) => registryFacts(discovery.entries, registry)),
          )
        : TE.right(request.recordedFacts ?? NO_FACTS),
    ),
    TE.map(({ settings, discovery, registry }) => ({
      plan: planCommit({
        changes: request.changes,
        suppressed: request.suppressed,
        entries: discovery.entries,
        schedule: discovery.schedule,
        factoryModes: settings.factoryModes,
        registry,
      }),
      sources: discovery.sources,
    })),
  );

const unchanged = (discovery: Discovery): Discovery => discovery;

const NO_FACTS: RegistryFacts = { factories: {}, config_errors: {} };
