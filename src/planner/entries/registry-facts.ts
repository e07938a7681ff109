import type { KeyError } from '../../domain/documents/decode-error.js';
import type { EnvelopeKeys } from '../../domain/plans/envelope.js';
import type { RegisteredFactory, RegistryFacts } from '../../domain/plans/plan.js';
import type { RunWhen } from '../../domain/plans/run-when.js';
import type { DiscoveredEntry } from './discovered-entry.js';
import { type EntryReading, readEntry } from './read-entry.js';

/** Facts about a factory that plans depend on. */
interface FactsOfFactory extends Pick<RegisteredFactory, 'modes'> {
  readonly runWhen?: RunWhen;
  readonly derived?: boolean;
  readonly byConfiguration?: boolean;
}

/** Questions about a factory and a configuration that the registry answers. Both are pure. */
export interface RegistryQuestions {
  readonly facts: (factory: string) => FactsOfFactory | null;
  readonly check: (factory: string, config: unknown, keyPrefix: string) => readonly KeyError[];
  /** Tells whether entries of a factory must say on which machine they run; without it none must. */
  readonly needsHost?: (factory: string) => boolean;
}

/**
 * Replies that were recorded, except for entries that have been put in the place of others since: of their configurations, and of
 * factories that nobody named then, only what the registry says now is known.
 */
export const factsWithReplaced = (
  recorded: RegistryFacts,
  now: RegistryFacts,
  replaced: ReadonlySet<string>,
): RegistryFacts => {
  const errors = [
    ...Object.entries(recorded.config_errors).filter(([path]) => !replaced.has(path)),
    ...Object.entries(now.config_errors).filter(([path]) => replaced.has(path)),
  ];
  return {
    factories: Object.fromEntries([...Object.entries(now.factories), ...Object.entries(recorded.factories)]),
    config_errors: Object.fromEntries(errors),
  };
};

/**
 * Asks the registry everything that the plan of these entries can depend on, and keeps what it said as data. `keys`:
 * those that an entry may have; where they are the first ones, facts are what they were then, too.
 */
export const registryFacts = (
  entries: readonly DiscoveredEntry[],
  registry: RegistryQuestions,
  keys: EnvelopeKeys = 'all',
): RegistryFacts => {
  const factories = new Map<string, RegisteredFactory | null>();
  const configErrors = new Map<string, readonly KeyError[]>();
  for (const entry of entries) {
    const reading = readEntry(entry, keys);
    if (reading._tag !== 'Configured') continue;
    const facts = registry.facts(reading.factory);
    factories.set(reading.factory, facts === null ? null : knownBy(facts, keys));
    if (facts === null || reading.envelope?.enabled === false) continue;
    const errors = [
      ...unplaced(reading, registry),
      ...registry.check(reading.factory, reading.config, reading.keyPrefix),
    ];
    if (errors.length > 0) configErrors.set(entry.path, errors);
  }
  return { factories: Object.fromEntries(factories), config_errors: Object.fromEntries(configErrors) };
};

const unplaced = (
  { factory, envelope }: Extract<EntryReading, { _tag: 'Configured' }>,
  { needsHost }: RegistryQuestions,
): readonly KeyError[] =>
  needsHost?.(factory) === true && (envelope?.place.host ?? null) === null ? [hostMissing(factory)] : [];

/** Error of an entry that changes a machine and does not say which. */
export const hostMissing = (factory: string): KeyError => ({
  key: 'host',
  message: `missing: many machines run tasks of this pond, and ${factory} changes the one that runs it; say which, as "host: NAME" beside "factory: ${factory}"`,
});

const knownBy = (
  { modes, runWhen = 'success', derived = false, byConfiguration = false }: FactsOfFactory,
  keys: EnvelopeKeys,
): RegisteredFactory =>
  keys === 'first'
    ? { modes }
    : {
        modes,
        ...(runWhen === 'success' ? {} : { run_when: runWhen }),
        ...(derived ? { derived } : {}),
        ...(byConfiguration ? { by_configuration: byConfiguration } : {}),
      };
