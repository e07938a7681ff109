import { isRight } from 'fp-ts/lib/Either.js';
import type { Task } from 'fp-ts/lib/Task.js';
import type * as TE from 'fp-ts/lib/TaskEither.js';
import type { Plan, RegistryFacts } from '../../domain/plans/plan.js';
import type { Suppression } from '../../domain/plans/suppression.js';
import { shellWord } from '../../domain/shell-word.js';
import type { Change } from '../../domain/tree/change.js';
import { steps } from '../../effects/steps.js';
import { loggerIn } from '../../effects/with-span.js';
import type { ChainFacts } from '../../planner/chain-facts.js';
import { patternsNotMet } from '../../planner/derived-changes.js';
import { emptyPlan } from '../../planner/empty-plan.js';
import { factsWithReplaced, registryFacts } from '../../planner/entries/registry-facts.js';
import { DEFAULT_SCHEDULE } from '../../planner/entries/schedule.js';
import { planCommit } from '../../planner/plan-commit.js';
import { envelopeKeysBy, type PlannerRules } from '../../planner/planner-rules.js';
import { NO_TELEMETRY } from '../../ports/no-telemetry.js';
import type { Span, TraceContext } from '../../ports/telemetry.js';
import { ATTRIBUTE, SPAN } from '../../ports/telemetry-names.js';
import type { PersistenceView } from '../../tinyfs/persistence.js';
import type { Discovery } from '../discovery/discover.js';
import type { PondError } from '../errors.js';
import { inSpan } from '../pond/in-span.js';
import type { Pond } from '../pond/pond.js';
import type { Settings } from '../settings/settings.js';
import { derivedFilesFor } from './derived-files.js';

/** Commit, or commits to be, that a plan is made for. */
export interface PlanRequest {
  /** The commit's own view of the pond. */
  readonly view: PersistenceView;
  readonly changes: readonly Change[];
  readonly suppressed: Suppression | null;
  readonly chain: ChainFacts | null;
  /** The planner's rules: the newest for a new commit, for an old one those of its time. */
  readonly rules: PlannerRules;
  /** Replies of the registry when the commit was made; null, and for what `instead` puts in: ask it now. */
  readonly recordedFacts: RegistryFacts | null;
  /** Tells whether the modules that the settings name may be loaded. Asked where the registry has to be. */
  readonly loadsModules: Task<boolean>;
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
  return steps(async (s) => {
    const discovered = await s.run(
      inSpan(telemetry, { name: SPAN.discover, parent })((span) => discoverAll(pond, request, span)),
    );
    return s.run(
      inSpan(telemetry, { name: SPAN.plan, parent })((span) => plan(pond, request, discovered, span)),
    );
  });
};

/** Settings of the pond, and what is configured in it. */
interface Discovered {
  readonly settings: Settings;
  readonly discovery: Discovery;
  /** Entries that are not the pond's own. */
  readonly replaced: ReadonlySet<string>;
}

const discoverAll = (
  pond: Pond,
  { view, instead, trace }: PlanRequest,
  span: Span,
): TE.TaskEither<PondError, Discovered> =>
  steps(async (s) => {
    const settings = await s.run(pond.configurations.settings(view));
    const found = await s.run(pond.configurations.discover(view));
    const discovery = (instead ?? unchanged)(found);
    const own = new Set(found.entries);
    const others = discovery.entries.filter((entry) => !own.has(entry));
    const entries = discovery.entries.length;
    span.set({ [ATTRIBUTE.entries]: entries });
    if (trace !== undefined)
      loggerIn(pond.ports.logger, span).log('debug', 'factories_discovered', { entries });
    return { settings, discovery, replaced: new Set(others.map(({ path }) => path)) };
  });

const plan = (
  pond: Pond,
  { view, changes, suppressed, chain, recordedFacts, rules, loadsModules }: PlanRequest,
  discovered: Discovered,
  span: Span,
): TE.TaskEither<PondError, MadePlan> =>
  steps(async (s) => {
    const { settings, discovery } = discovered;
    // What nothing is configured in has the same plan whatever changed.
    const made =
      isUnconfigured(discovery) && recordedFacts === null
        ? emptyPlan(rules)
        : planCommit(
            {
              changes,
              derived:
                rules === 1 || suppressed !== null
                  ? []
                  : await s.run(derivedFilesFor(pond, view, patternsNotMet(discovery.entries, changes))),
              suppressed,
              chain,
              entries: discovery.entries,
              schedule: discovery.schedule,
              factoryModes: settings.factoryModes,
              registry: await factsFor(pond, discovered, { recordedFacts, loadsModules, rules }),
            },
            rules,
          );
    span.set({
      [ATTRIBUTE.planChecksum]: made.checksum,
      [ATTRIBUTE.tasks]: made.tasks.length,
      [ATTRIBUTE.skipped]: made.skipped.length,
      [ATTRIBUTE.rejected]: made.rejected.length,
    });
    return { plan: made, sources: discovery.sources };
  });

/** Replies of the registry about what is configured: as they were recorded, or else now. */
const factsFor = async (
  pond: Pond,
  { settings, discovery: { entries }, replaced }: Discovered,
  { recordedFacts, loadsModules, rules }: Pick<PlanRequest, 'recordedFacts' | 'loadsModules' | 'rules'>,
): Promise<RegistryFacts> => {
  if (entries.length === 0 || (recordedFacts !== null && replaced.size === 0))
    return recordedFacts ?? NO_FACTS;
  const mayLoad = settings.factoryModules.length === 0 || (await loadsModules());
  if (!mayLoad) {
    const modules = settings.factoryModules.join(', ');
    pond.ports.logger.log('warn', 'factory_modules_not_trusted', {
      modules,
      remedy: `pond trust ${shellWord(pond.address)}`,
    });
  }
  const registry = await pond.registryFor(mayLoad ? settings : null)();
  const now = registryFacts(entries, registry, envelopeKeysBy(rules));
  return recordedFacts === null ? now : factsWithReplaced(recordedFacts, now, replaced);
};

const isUnconfigured = ({ entries, schedule }: Discovery): boolean =>
  entries.length === 0 && isRight(schedule) && schedule.right === DEFAULT_SCHEDULE;

const unchanged = (discovery: Discovery): Discovery => discovery;

const NO_FACTS: RegistryFacts = { factories: {}, config_errors: {} };
