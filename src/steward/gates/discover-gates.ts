import type * as TE from 'fp-ts/lib/TaskEither.js';
import { GATE_DIRECTORY } from '../../domain/paths/configuration-paths.js';
import { isWithin } from '../../domain/paths/pond-path.js';
import { type Change, pathsOf } from '../../domain/tree/change.js';
import { steps } from '../../effects/steps.js';
import type { DiscoveredEntry } from '../../planner/entries/discovered-entry.js';
import type { TinyFsError } from '../../tinyfs/errors.js';
import type { PersistenceView } from '../../tinyfs/persistence.js';
import type { Pond } from '../pond/pond.js';

/** The states between which a transaction lies. */
export interface GatedStates {
  readonly before: PersistenceView;
  readonly after: PersistenceView;
}

/**
 * Finds the gates of a transaction: those of the state before it, as they were there, and those that it adds. So nobody
 * takes a gate away in the transaction that it would refuse.
 */
export const discoverGates = (
  { configurations }: Pick<Pond, 'configurations'>,
  { before, after }: GatedStates,
  changes: readonly Change[],
): TE.TaskEither<TinyFsError, readonly DiscoveredEntry[]> =>
  steps(async (s) => {
    const there = await s.run(configurations.entriesIn(before, GATE_DIRECTORY));
    const touches = changes.some((change) => pathsOf(change).some((path) => isWithin(GATE_DIRECTORY, path)));
    if (!touches) return there;
    const known = new Set(there.map(({ path }) => path));
    const now = await s.run(configurations.entriesIn(after, GATE_DIRECTORY));
    return [...there, ...now.filter(({ path }) => !known.has(path))];
  });
