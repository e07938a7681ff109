import { isLeft } from 'fp-ts/lib/Either.js';
import type { KeyError } from '../domain/documents/decode-error.js';
import { ownValue } from '../domain/own-value.js';
import { CONFIGURATION_DIRECTORY, SCHEDULE_DIRECTORY } from '../domain/paths/configuration-paths.js';
import { nameOf, type PondPath } from '../domain/paths/pond-path.js';
import { conditionUnder, isMet, type SplitChange } from '../domain/plans/condition.js';
import type { Envelope } from '../domain/plans/envelope.js';
import type { EntryError, RegisteredFactory, SkipReason } from '../domain/plans/plan.js';
import { placeOfTask } from '../domain/plans/task-place.js';
import { outOfChain } from './chain-facts.js';
import type { Candidate } from './entries/candidate.js';
import type { DiscoveredEntry } from './entries/discovered-entry.js';
import { type EntryReading, isScheduled } from './entries/read-entry.js';
import { taskPolicy, taskRules } from './entries/task-policy.js';
import type { PlanInput } from './plan-input.js';
import type { PlannerRules } from './planner-rules.js';

/** Fate of an entry, before those that run are put into an order. */
export type Verdict =
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

/** Facts about a commit that decide whether an entry runs. */
export interface CommitFacts {
  readonly changes: readonly SplitChange[];
  /** Everything that it changed lies under `/etc`: a change of the configuration is not data. */
  readonly isConfigurationOnly: boolean;
  /** Errors that the registry found in configurations, by the entry's path. */
  readonly configErrors: ReadonlyMap<string, readonly KeyError[]>;
  /** Rules by which it is planned. */
  readonly rules: PlannerRules;
}

/**
 * Decides the fate of one entry. The order of the questions is part of a plan: of several reasons the first is recorded, and
 * what does not run anyway is not looked at closely, so that its mistakes harm nobody.
 */
export const judgeEntry = (
  input: PlanInput,
  commit: CommitFacts,
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
  if (reading._tag === 'NotAFactory') return skip({ _tag: 'NotAFactory', entry_type: reading.entryType });
  const seen = seenEntry(input, entry, reading);
  const { envelope, registered } = seen;
  const outside = whyNotLookedAt(input, commit, seen);
  if (outside !== null) return skip(outside);
  const unmet = unmetCondition(commit, seen);
  if (unmet?._tag === 'OnlyConfigurationChanged') return skip(unmet);
  if (reading._tag === 'Invalid') return reject(reading.factory, reading.errors);

  const { factory } = reading;
  const notRun = whyNotRun(input, seen, factory) ?? unmet;
  if (notRun !== null) return skip(notRun);
  const dependsOn = dependenciesAmong(input, commit.rules, envelope);
  if (dependsOn === null) return skip({ _tag: 'OnlyFirings' });
  const errors = errorsOf(commit, seen, factory);
  if (errors.length > 0 || registered === null) return reject(factory, errors);
  if (isLeft(input.schedule)) return reject(factory, [input.schedule.left]);
  const candidate: Candidate = {
    path: entry.path,
    // Whoever waits for a schedule names it by its whole path.
    name: seen.isScheduled ? entry.path : nameOf(entry.path),
    factory,
    dependsOn,
    ...taskPolicy(envelope, input.schedule.right),
    rules: taskRules(envelope, registered),
    place: envelope?.place ?? ANYWHERE,
  };
  return { _tag: 'Candidate', entry, factory, candidate };
};

/** An entry, and what the moment and the registry make of it. */
interface SeenEntry {
  readonly path: PondPath;
  readonly envelope: Envelope | null;
  /** Null where its factory is not known, or cannot be read. */
  readonly registered: RegisteredFactory | null;
  /** Tells whether the plan is one of gates, or of a firing; else it is one of what follows a commit. */
  readonly isGate: boolean;
  readonly isFiring: boolean;
  /** Tells whether it is the scheduled entry that fires. */
  readonly isScheduled: boolean;
}

const seenEntry = (
  { moment, registry }: PlanInput,
  { path }: DiscoveredEntry,
  reading: EntryReading,
): SeenEntry => {
  const isFiring = moment === 'firing';
  const configured = reading._tag === 'Configured' ? reading : null;
  return {
    path,
    envelope: configured === null ? null : configured.envelope,
    registered: configured === null ? null : (ownValue(registry.factories, configured.factory) ?? null),
    isGate: moment === 'before',
    isFiring,
    isScheduled: isFiring && isScheduled(path),
  };
};

/** Reason why nothing of its kind runs for this commit, whatever stands in it; null: there is none. */
const whyNotLookedAt = (
  input: PlanInput,
  commit: CommitFacts,
  { path, envelope, registered, isGate }: SeenEntry,
): SkipReason | null => {
  if (isGate && commit.isConfigurationOnly) return { _tag: 'OnlyConfigurationChanged' };
  if (input.suppressed !== null) return { _tag: 'Suppressed', by: input.suppressed };
  return outOfChain(input.chain ?? null, path, envelope?.derived ?? registered?.derived ?? false);
};

/** Reason by which its configuration, its factory or the settings keep it from running; null: there is none. */
const whyNotRun = (
  { entries, factoryModes }: PlanInput,
  { envelope, registered, isGate, isFiring, isScheduled: fires }: SeenEntry,
  factory: string,
): SkipReason | null => {
  if (envelope?.enabled === false) return { _tag: 'Disabled' };
  if (fires) return null;
  if (isFiring && !looksAtFiring(entries, envelope, registered)) return { _tag: 'NotOfFiring' };
  if (registered === null) return null;
  const { modes } = registered;
  if (!isGate && !modes.includes('PostCommitReader')) return { _tag: 'NotPostCommit', factory, modes };
  return ownValue(factoryModes, factory) === 'pull' ? { _tag: 'PullMode', factory } : null;
};

/** Errors of an entry that is to run. One whose factory is not known has at least that one. */
const errorsOf = (
  { configErrors }: CommitFacts,
  { path, envelope, registered, isGate, isScheduled: fires }: SeenEntry,
  factory: string,
): readonly EntryError[] => {
  if (registered === null) return [{ _tag: 'UnknownFactory', factory }];
  const { modes } = registered;
  if (fires && modes.length === 0) return [{ _tag: 'NotToBeScheduled', factory }];
  if (isGate && !modes.includes('InTransactionWriter')) return [{ _tag: 'NotAGate', factory, modes }];
  const errors = [...(isGate ? keysWithoutMeaning(envelope) : []), ...(configErrors.get(path) ?? [])];
  return errors.length > 0 ? [{ _tag: 'InvalidKeys', path, errors }] : [];
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

/** Reason why the commit's changes do not set an entry off; null: they do. */
const unmetCondition = (
  commit: CommitFacts,
  { envelope, registered, isFiring }: SeenEntry,
): SkipReason | null => {
  if (isFiring) return null;
  const byConfiguration = registered?.by_configuration === true;
  const condition = envelope?.condition ?? null;
  // A pattern such as /** means data: only one that names a path under /etc means the configuration.
  const counts =
    commit.isConfigurationOnly && condition !== null
      ? conditionUnder(condition, CONFIGURATION_DIRECTORY)
      : condition;
  if (counts === null)
    return commit.isConfigurationOnly && !(byConfiguration && condition === null)
      ? { _tag: 'OnlyConfigurationChanged' }
      : null;
  return isMet(counts, commit.changes) ? null : { _tag: 'ConditionNotMet', condition: counts.words };
};
