import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Change } from '../domain/change.js';
import type { Plan, RegistryFacts } from '../domain/plan.js';
import type { Suppression } from '../domain/suppression.js';
import { loggerIn } from '../executor/with-span.js';
import { planCommit } from '../planner/plan-commit.js';
import { factsWithReplaced, registryFacts } from '../planner/registry-facts.js';
import { NO_TELEMETRY } from '../ports/no-telemetry.js';
import type { Span, TraceContext } from '../ports/telemetry.js';
import { ATTRIBUTE, SPAN } from '../ports/telemetry-names.js';
import { type DiscoverableFs, type Discovery, discover } from './discover.js';
import type { PondError } from './errors.js';
import { inSpan } from './in-span.js';
import type { Pond } from './pond.js';
import { readSettings } from './read-settings.js';
import type { Settings } from './settings.js';

/** What a plan is made for. */
export interface PlanRequest {
  /** The commit's own view of the pond. */
  readonly fs: DiscoverableFs;
  readonly changes: readonly Change[];
  readonly suppressed: Suppression | null;
  /** What the registry said when the commit was made; null, and for what `instead` puts in: ask it now. */
  readonly recordedFacts: RegistryFacts | null;
  /** Puts something else in the place of what was discovered. */
  readonly instead?: (discovery: Discovery) => Discovery;
  /** The commit that the plan is made for, which sees discovery and planning in its trace; without one nobody does. */
  readonly trace?: TraceContext;
}

/** A plan and what it was made from. */
export interface MadePlan {
  readonly plan: Plan;
  /** The bytes of each configuration, `config.yaml` included, by path. */
  readonly sources: ReadonlyMap<string, Uint8Array>;
}

/** Discovers what is configured and plans what has to run. An error means that discovery failed as a whole. */
export const makePlan = (pond: Pond, request: PlanRequest): TE.TaskEither<PondError, MadePlan> => {
  const telemetry = request.trace === undefined ? NO_TELEMETRY : pond.ports.telemetry;
  const parent = request.trace ?? null;
  return pipe(
    inSpan(telemetry, { name: SPAN.discover, parent })((span) => discoverAll(pond, request, span)),
    TE.flatMap((discovered) =>
      inSpan(telemetry, { name: SPAN.plan, parent })((span) => plan(pond, request, discovered, span)),
    ),
  );
};

/** What the pond is set to, and what is configured in it. */
interface Discovered {
  readonly settings: Settings;
  readonly discovery: Discovery;
  /** Entries that are not the pond's own. */
  readonly replaced: ReadonlySet<string>;
}

const discoverAll = (
  pond: Pond,
  { fs, instead, trace }: PlanRequest,
  span: Span,
): TE.TaskEither<PondError, Discovered> =>
  pipe(
    TE.Do,
    TE.bind('settings', () => readSettings(fs)),
    TE.bindW('found', () => discover(fs)),
    TE.map(({ settings, found }): Discovered => {
      const discovery = (instead ?? unchanged)(found);
      const own = new Set(found.entries);
      const others = discovery.entries.filter((entry) => !own.has(entry));
      return { settings, discovery, replaced: new Set(others.map(({ path }) => path)) };
    }),
    TE.tapIO(({ discovery }) => () => {
      const entries = discovery.entries.length;
      span.set({ [ATTRIBUTE.entries]: entries });
      if (trace === undefined) return;
      loggerIn(pond.ports.logger, span).log('debug', 'factories_discovered', { entries });
    }),
  );

const plan = (
  pond: Pond,
  { changes, suppressed, recordedFacts }: PlanRequest,
  { settings, discovery, replaced }: Discovered,
  span: Span,
): TE.TaskEither<PondError, MadePlan> =>
  pipe(
    discovery.entries.length > 0 && (recordedFacts === null || replaced.size > 0)
      ? pipe(
          TE.fromTask(pond.registryFor(settings)),
          TE.map((registry) => registryFacts(discovery.entries, registry)),
          TE.map((now) => (recordedFacts === null ? now : factsWithReplaced(recordedFacts, now, replaced))),
        )
      : TE.right(recordedFacts ?? NO_FACTS),
    TE.map((registry) =>
      planCommit({
        changes,
        suppressed,
        entries: discovery.entries,
        schedule: discovery.schedule,
        factoryModes: settings.factoryModes,
        registry,
      }),
    ),
    TE.tapIO((made) => () => {
      span.set({
        [ATTRIBUTE.planChecksum]: made.checksum,
        [ATTRIBUTE.tasks]: made.tasks.length,
        [ATTRIBUTE.skipped]: made.skipped.length,
        [ATTRIBUTE.rejected]: made.rejected.length,
      });
    }),
    TE.map((made) => ({ plan: made, sources: discovery.sources })),
  );

const unchanged = (discovery: Discovery): Discovery => discovery;

const NO_FACTS: RegistryFacts = { factories: {}, config_errors: {} };
