import type { Either } from 'fp-ts/lib/Either.js';
import type { FactoryMode } from '../domain/plans/execution-mode.js';
import type { EntryError, RegistryFacts } from '../domain/plans/plan.js';
import type { Suppression } from '../domain/plans/suppression.js';
import type { Change } from '../domain/tree/change.js';
import type { ChainFacts } from './chain-facts.js';
import type { DerivedFile } from './derived-changes.js';
import type { DiscoveredEntry } from './entries/discovered-entry.js';
import type { Schedule } from './entries/schedule.js';

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
