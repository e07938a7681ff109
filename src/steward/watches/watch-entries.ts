import { isLeft } from 'fp-ts/lib/Either.js';
import type * as TE from 'fp-ts/lib/TaskEither.js';
import { keyErrors } from '../../domain/documents/decode-error.js';
import type { EntryError } from '../../domain/plans/plan.js';
import { WatchCodec, watchProblems, watchWords } from '../../domain/watches/watch-words.js';
import { steps } from '../../effects/steps.js';
import { resolveVariables } from '../../factories/registry/resolve-variables.js';
import { type DiscoveredEntry, WATCH_DIRECTORY } from '../../planner/entries/discovered-entry.js';
import { isLeftOver } from '../../planner/entries/left-over.js';
import { readEntry } from '../../planner/entries/read-entry.js';
import type { PersistenceView } from '../../tinyfs/persistence.js';
import type { WatchEntry } from '../background-reports.js';
import { describeEntryError } from '../describe-plan.js';
import type { PondError } from '../errors.js';
import type { Pond } from '../pond/pond.js';

/** The entries of `/etc/watch.d` in a state; what no factory is meant by, and what an editor has left there, is not among them. */
export const watchEntries = (
  { configurations, ports }: Pick<Pond, 'configurations' | 'ports'>,
  view: PersistenceView,
): TE.TaskEither<PondError, readonly WatchEntry[]> =>
  steps(async ({ run }) => {
    const found = await run(configurations.entriesIn(view, WATCH_DIRECTORY));
    return found.flatMap((entry) => (isLeftOver(entry.path) ? [] : watchOf(entry, ports.host.variables)));
  });

const watchOf = (
  entry: DiscoveredEntry,
  variables: Readonly<Record<string, string | undefined>>,
): readonly WatchEntry[] => {
  const { path } = entry;
  const reading = readEntry(entry);
  const faulty = (errors: readonly EntryError[]): readonly WatchEntry[] => [
    {
      ...{ path, description: null, isEnabled: true, words: null },
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
      const { description = null, enabled = true } = reading.envelope ?? {};
      return [{ path, description, isEnabled: enabled, words: watchWords(decoded.right), fault: null }];
    }
  }
};
