import { isLeft } from 'fp-ts/lib/Either.js';
import type * as TE from 'fp-ts/lib/TaskEither.js';
import { keyErrors } from '../../domain/documents/decode-error.js';
import { WATCH_DIRECTORY } from '../../domain/paths/configuration-paths.js';
import type { EntryError } from '../../domain/plans/plan.js';
import { WATCH_FACTORY, WatchCodec, watchProblems, watchWords } from '../../domain/watches/watch-words.js';
import { steps } from '../../effects/steps.js';
import { resolveVariables } from '../../factories/registry/resolve-variables.js';
import type { DiscoveredEntry } from '../../planner/entries/discovered-entry.js';
import { isLeftOver } from '../../planner/entries/left-over.js';
import { readEntry } from '../../planner/entries/read-entry.js';
import { hostMissing } from '../../planner/entries/registry-facts.js';
import type { PersistenceView } from '../../tinyfs/persistence.js';
import { describeEntryError } from '../describe-plan.js';
import type { PondError } from '../errors.js';
import type { Pond } from '../pond/pond.js';
import type { WatchEntry } from '../shapes/background-reports.js';

/** The entries of `/etc/watch.d` in a state; what no factory is meant by, and what an editor has left there, is not among them. */
export const watchEntries = (
  { configurations, ports, shared }: Pick<Pond, 'configurations' | 'ports' | 'shared'>,
  view: PersistenceView,
): TE.TaskEither<PondError, readonly WatchEntry[]> =>
  steps(async ({ run }) => {
    const found = await run(configurations.entriesIn(view, WATCH_DIRECTORY));
    const surroundings = { variables: ports.host.variables, hasManyMachines: shared !== null };
    return found.flatMap((entry) => (isLeftOver(entry.path) ? [] : watchOf(entry, surroundings)));
  });

interface Surroundings {
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Tells whether many machines serve the pond. */
  readonly hasManyMachines: boolean;
}

const watchOf = (
  entry: DiscoveredEntry,
  { variables, hasManyMachines }: Surroundings,
): readonly WatchEntry[] => {
  const { path } = entry;
  const reading = readEntry(entry);
  const faulty = (errors: readonly EntryError[]): readonly WatchEntry[] => [
    {
      path,
      description: null,
      isEnabled: true,
      host: null,
      words: null,
      fault: errors.map((error) => describeEntryError(path, error)).join('; '),
    },
  ];
  switch (reading._tag) {
    case 'NotAFactory':
      return [];
    case 'Invalid':
      return faulty(reading.errors);
    case 'Configured': {
      const resolved = resolveVariables(reading.config, variables, reading.keyPrefix);
      if (isLeft(resolved)) {
        const { key, variable } = resolved.left;
        const message = `the variable ${variable} is not set where it is watched`;
        return faulty([{ _tag: 'InvalidKeys', path, errors: [{ key, message }] }]);
      }
      const decoded = WatchCodec.decode(resolved.right.config);
      if (isLeft(decoded))
        return faulty([
          { _tag: 'InvalidKeys', path, errors: [...keyErrors(decoded.left, reading.keyPrefix)] },
        ]);
      const problems = watchProblems(decoded.right);
      if (problems.length > 0) return faulty([{ _tag: 'InvalidKeys', path, errors: [...problems] }]);
      const { description = null, enabled = true, place } = reading.envelope ?? {};
      const host = place?.host ?? null;
      if (host === null && hasManyMachines)
        return faulty([{ _tag: 'InvalidKeys', path, errors: [hostMissing(WATCH_FACTORY)] }]);
      return [{ path, description, isEnabled: enabled, host, words: watchWords(decoded.right), fault: null }];
    }
  }
};
