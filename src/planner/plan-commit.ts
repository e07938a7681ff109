import { type Either, isLeft, isRight } from 'fp-ts/lib/Either.js';
import { compareUtf8 } from '../domain/documents/bytes-order.js';
import type { KeyError } from '../domain/documents/decode-error.js';
import { isWithin, nameOf, type PondPath } from '../domain/paths/pond-path.js';
import { conditionUnder, isMet, type SplitChange, splitChange } from '../domain/plans/condition.js';
import type { Envelope } from '../domain/plans/envelope.js';
import type { FactoryMode } from '../domain/plans/execution-mode.js';
import type {
  EntryError,
  Plan,
  RegisteredFactory,
  RegistryFacts,
  RejectedEntry,
  SkippedEntry,
  SkipReason,
} from '../domain/plans/plan.js';
import type { Suppression } from '../domain/plans/suppression.js';
import { placeOfTask } from '../domain/plans/task-place.js';
import { type Change, pathsOf } from '../domain/tree/change.js';
import { arrangeTasks } from './arrange-tasks.js';
import { type ChainFacts, outOfChain } from './chain-facts.js';
import { type DerivedFile, derivedChanges } from './derived-changes.js';
import type { Bystander, Candidate } from './entries/candidate.js';
import { type DiscoveredEntry, SCHEDULE_DIRECTORY, SYSTEM_DIRECTORY } from './entries/discovered-entry.js';
import { isLeftOver } from './entries/left-over.js';
import { type EntryReading, isScheduled, readEntry } from './entries/read-entry.js';
import { DEFAULT_SCHEDULE, type Schedule } from './entries/schedule.js';
import { taskPolicy, taskRules } from './entries/task-policy.js';
import { envelopeKeysBy, NEWEST_RULES, type PlannerRules } from './planner-rules.js';
import { sealPlan } from './seal-plan.js';

/** Everything that a plan depends on. */
export interface PlanInput {
  /** Tells whether entries run after the commit, or before it as its gates, or for a firing of a schedule. Default `after`. */
  readonly moment?: 'before' | 'after' | 'firing';
  readonly changes: readonly Change[];
  /** Files that are made of others, as far as a condition may name them; by rules 1 they do not count. */
  readonly derived?: readonly DerivedFile[];
  readonly suppressed: Suppression | null;
  /** Entries in any order. */
  readonly entries: readonly DiscoveredEntry[];
  /** Content of `/etc/system.d/config.yaml`, or what is wrong with it. */
  readonly schedule: Either<EntryError, Schedule>;
  /** Modes by factory name, from the settings; `push` where nothing is said. */
  readonly factoryModes: Readonly<Record<string, FactoryMode>>;
  readonly registry: RegistryFacts;
  /** Chain behind a commit that was made inside a task or a run by hand; left out or null: nothing. */
  readonly chain?: ChainFacts | null;
}

/**
 * Plans what has to run for a commit, by the newest rules or by those of an older commit. Pure and total: the same input, in whatever order, gives the same plan, byte
 * for byte; one bad entry never stops the others.
 */
export const planCommit = (input: PlanInput, rules: PlannerRules = NEWEST_RULES): Plan => {
  const entries = [...input.entries].sort((a, b) => compareUtf8(a.path, b.path));
  const commit = commitOf(input, rules);
  const known = asKnownBy(rules, input);
  const verdicts = entries.map((entry) =>
    rules !== 1 && isLeftOver(entry.path)
      ? LEFT_OVER(entry)
      : judge(known, { ...commit, rules }, entry, readEntry(entry, envelopeKeysBy(rules))),
  );
  const schedule = isRight(input.schedule) ? input.schedule.right : DEFAULT_SCHEDULE;
  const { tasks, batches, edges, warnings, rejected } = arrangeTasks({
    candidates: verdicts.filter(isCandidate).map(({ candidate }) => candidate),
    bystanders: verdicts.flatMap(bystander),
    schedule,
  });
  return sealPlan({
    batches,
    edges,
    max_concurrency: schedule.maxConcurrency,
    planner_version: rules,
    registry: input.registry,
    rejected: numberRejected(verdicts, rejected, tasks.length),
    schedule: schedule.kind,
    skipped: verdicts.filter(isSkip).map(({ entry, reason }): SkippedEntry => ({ path: entry.path, reason })),
    tasks,
    warnings,
  });
};

/** The plan of a commit whose discovery failed as a whole: that one error as its rejected entry. */
export const planOfFailedDiscovery = (problem: string, rules: PlannerRules = NEWEST_RULES): Plan =>
  sealPlan({
    planner_version: rules,
    tasks: [],
    batches: [],
    edges: [],
    schedule: DEFAULT_SCHEDULE.kind,
    max_concurrency: DEFAULT_SCHEDULE.maxConcurrency,
    warnings: [],
    skipped: [],
    rejected: [
      {
        path: SYSTEM_DIRECTORY,
        execution_seq: 1,
        factory: null,
        errors: [{ _tag: 'DiscoveryFailed', problem }],
      },
    ],
    registry: { factories: {}, config_errors: {} },
  });

type Verdict =
  | {
      readonly _tag: 'Candidate';
      readonly entry: DiscoveredEntry;
      readonly factory: string;
      readonly candidate: Candidate;
    }
  | { readonly _tag: 'Skip'; readonly entry: DiscoveredEntry; readonly reason: SkipReason }
  | {
      readonly _tag: 'Reject';
      readonly entry: DiscoveredEntry;
      readonly factory: string | null;
      readonly errors: readonly EntryError[];
    };

const isCandidate = (verdict: Verdict): verdict is Extract<Verdict, { _tag: 'Candidate' }> =>
  verdict._tag === 'Candidate';

const LEFT_OVER = (entry: DiscoveredEntry): Verdict => ({
  _tag: 'Skip',
  entry,
  reason: { _tag: 'LeftOver' },
});

const isSkip = (verdict: Verdict): verdict is Extract<Verdict, { _tag: 'Skip' }> => verdict._tag === 'Skip';

/** Meaning of an entry that does not run to those that depend on it. */
const bystander = (verdict: Verdict): readonly Bystander[] => {
  if (verdict._tag === 'Candidate') return [];
  const { path } = verdict.entry;
  if (verdict._tag === 'Reject') return [{ path, name: nameOf(path), fate: 'rejected' }];
  return [
    { path, name: nameOf(path), fate: NO_ENTRIES.includes(verdict.reason._tag) ? 'none' : 'satisfied' },
  ];
};

/** Reasons by which something is not an entry at all. */
const NO_ENTRIES: readonly SkipReason['_tag'][] = ['NotAFactory', 'LeftOver'];

/** Facts about a commit that decide whether an entry runs. */
interface CommitFacts {
  readonly changes: readonly SplitChange[];
  /** Everything that it changed lies under `/etc`: a change of the configuration is not data. */
  readonly isConfigurationOnly: boolean;
}

const CONFIGURATION_ROOT = '/etc' as PondPath;

const commitOf = ({ changes, derived = [] }: PlanInput, rules: PlannerRules): CommitFacts => ({
  changes: [...changes, ...(rules === 1 || derived.length === 0 ? [] : derivedChanges(derived, changes))].map(
    splitChange,
  ),
  isConfigurationOnly:
    changes.length > 0 &&
    changes.every((change) => pathsOf(change).every((path) => isWithin(CONFIGURATION_ROOT, path))),
});

/** Input as far as it counts by these rules: by the first, a factory has no default for when its entries run. */
const asKnownBy = (rules: PlannerRules, input: PlanInput): PlanInput =>
  rules === 1
    ? {
        ...input,
        registry: {
          ...input.registry,
          factories: Object.fromEntries(
            Object.entries(input.registry.factories).map(([name, known]) => [
              name,
              known === null ? null : { modes: known.modes },
            ]),
          ),
        },
      }
    : input;

/** Fate of one entry. An entry that does not run anyway is not looked at closely: its mistakes harm nobody. */
const judge = (
  input: PlanInput,
  commit: CommitFacts & { readonly rules: PlannerRules },
  entry: DiscoveredEntry,
  reading: EntryReading,
): Verdict => {
  const skip = (reason: SkipReason): Verdict => ({ _tag: 'Skip', entry, reason });
  const reject = (factory: string | null, errors: readonly EntryError[]): Verdict => ({
    _tag: 'Reject',
    entry,
    factory,
    errors,
  });

  const isGate = input.moment === 'before';
  if (reading._tag === 'NotAFactory') return skip({ _tag: 'NotAFactory', entry_type: reading.entryType });
  if (isGate && commit.isConfigurationOnly) return skip({ _tag: 'OnlyConfigurationChanged' });
  if (input.suppressed !== null) return skip({ _tag: 'Suppressed', by: input.suppressed });
  const envelope = reading._tag === 'Configured' ? reading.envelope : null;
  const named = reading._tag === 'Configured' ? reading.factory : null;
  const registered = named === null ? null : (ownValue(input.registry.factories, named) ?? null);
  const isDerived = envelope?.derived ?? registered?.derived ?? false;
  const outside = outOfChain(input.chain ?? null, entry.path, isDerived);
  if (outside !== null) return skip(outside);
  const isFiring = input.moment === 'firing';
  const unmet = isFiring ? null : unmetCondition(commit, envelope, registered?.by_configuration === true);
  if (unmet?._tag === 'OnlyConfigurationChanged') return skip(unmet);
  if (reading._tag === 'Invalid') return reject(reading.factory, reading.errors);

  const { factory } = reading;
  if (envelope?.enabled === false) return skip({ _tag: 'Disabled' });
  const scheduled = isFiring && isScheduled(entry.path);
  if (isFiring && !scheduled && !looksAtFiring(input.entries, envelope, registered))
    return skip({ _tag: 'NotOfFiring' });
  if (!isGate && !scheduled && registered !== null && !registered.modes.includes('PostCommitReader')) {
    return skip({ _tag: 'NotPostCommit', factory, modes: registered.modes });
  }
  if (!scheduled && registered !== null && ownValue(input.factoryModes, factory) === 'pull')
    return skip({ _tag: 'PullMode', factory });
  if (unmet !== null) return skip(unmet);
  const dependsOn = dependenciesAmong(input, commit.rules, envelope);
  if (dependsOn === null) return skip({ _tag: 'OnlyFirings' });
  if (scheduled && registered !== null && registered.modes.length === 0)
    return reject(factory, [{ _tag: 'NotToBeScheduled', factory }]);
  if (isGate && registered !== null && !registered.modes.includes('InTransactionWriter'))
    return reject(factory, [{ _tag: 'NotAGate', factory, modes: registered.modes }]);
  if (registered === null) return reject(factory, [{ _tag: 'UnknownFactory', factory }]);
  const errors = [
    ...(isGate ? keysWithoutMeaning(envelope) : []),
    ...(input.registry.config_errors[entry.path] ?? []),
  ];
  if (errors.length > 0) return reject(factory, [{ _tag: 'InvalidKeys', path: entry.path, errors }]);
  if (isLeft(input.schedule)) return reject(factory, [input.schedule.left]);
  const candidate: Candidate = {
    path: entry.path,
    // Whoever waits for a schedule names it by its whole path.
    name: scheduled ? entry.path : nameOf(entry.path),
    factory,
    dependsOn,
    ...taskPolicy(envelope, input.schedule.right),
    rules: taskRules(envelope, registered),
    place: envelope?.place ?? ANYWHERE,
  };
  return { _tag: 'Candidate', entry, factory, candidate };
};

const ANYWHERE = placeOfTask({});

/** Tells whether an entry runs for a firing: it names the schedule, or it waits for all and is not there for success. */
const looksAtFiring = (
  entries: readonly DiscoveredEntry[],
  envelope: Envelope | null,
  registered: RegisteredFactory | null,
): boolean => {
  const named = envelope?.dependsOn ?? [];
  if (named.length > 0) return entries.some(({ path }) => isScheduled(path) && named.includes(path));
  return registered !== null && taskRules(envelope, registered).runWhen !== 'success';
};

/** Names of what an entry waits for here: schedules are waited for by their firings only. Null: there is nothing else. */
const dependenciesAmong = (
  { moment, entries }: PlanInput,
  rules: PlannerRules,
  envelope: Envelope | null,
): readonly string[] | null => {
  const named = envelope?.dependsOn ?? [];
  if (rules === 1) return named;
  const paths = new Set<string>(moment === 'firing' ? entries.map(({ path }) => path) : []);
  const here = named.filter((name) => !name.startsWith(`${SCHEDULE_DIRECTORY}/`) || paths.has(name));
  return named.length > 0 && here.length === 0 ? null : here;
};

/** Keys of an envelope that say when a task runs after a commit: a gate that had them would not do what they say. */
const keysWithoutMeaning = (envelope: Envelope | null): readonly KeyError[] => {
  if (envelope === null) return [];
  const { retry, runWhen, derived, ifSuperseded, place } = envelope;
  const given = {
    retry: retry !== null,
    run_when: runWhen !== null,
    derived: derived === true,
    if_superseded: ifSuperseded !== 'run',
    queue: place.queue !== ANYWHERE.queue,
    host: place.host !== null,
  };
  return Object.entries(given).flatMap(([key, isGiven]) =>
    isGiven
      ? [{ key, message: 'means nothing in /etc/gate.d: a gate is tried once, before the commit' }]
      : [],
  );
};

/** Value in a record under a name that somebody chose: `constructor` is a name like any other. */
const ownValue = <A>(record: Readonly<Record<string, A>>, name: string): A | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined;

/** Reason why the commit's changes do not set an entry off; null: they do. */
const unmetCondition = (
  commit: CommitFacts,
  envelope: Envelope | null,
  byConfiguration: boolean,
): SkipReason | null => {
  const condition = envelope?.condition ?? null;
  // A pattern such as /** means data: only one that names a path under /etc means the configuration.
  const counts =
    commit.isConfigurationOnly && condition !== null
      ? conditionUnder(condition, CONFIGURATION_ROOT)
      : condition;
  if (counts === null)
    return commit.isConfigurationOnly && !(byConfiguration && condition === null)
      ? { _tag: 'OnlyConfigurationChanged' }
      : null;
  return isMet(counts, commit.changes) ? null : { _tag: 'ConditionNotMet', condition: counts.words };
};

/** Rejected entries in the order of their paths, whether they could not be read or not be ordered. */
const numberRejected = (
  verdicts: readonly Verdict[],
  unordered: ReadonlyMap<PondPath, readonly EntryError[]>,
  taskCount: number,
): readonly RejectedEntry[] =>
  verdicts
    .flatMap((verdict) => {
      const { path } = verdict.entry;
      if (verdict._tag === 'Reject') return [{ path, factory: verdict.factory, errors: verdict.errors }];
      const errors = unordered.get(path);
      return verdict._tag === 'Candidate' && errors !== undefined
        ? [{ path, factory: verdict.factory, errors }]
        : [];
    })
    .map(({ path, factory, errors }, index) => ({
      errors,
      execution_seq: taskCount + index + 1,
      factory,
      path,
    }));
