import type * as TE from 'fp-ts/lib/TaskEither.js';
import type { PondPath } from '../../domain/paths/pond-path.js';
import type { EntryError } from '../../domain/plans/plan.js';
import { NO_SCHEDULE, type ScheduleWords } from '../../domain/schedules/schedule-words.js';
import { steps } from '../../effects/steps.js';
import type { DiscoveredEntry } from '../../planner/entries/discovered-entry.js';
import { readEntry } from '../../planner/entries/read-entry.js';
import type { PersistenceView } from '../../tinyfs/persistence.js';
import { closedReader } from '../discovery/closed-reader.js';
import type { PondError } from '../errors.js';
import { scheduledEntries } from '../planning/scheduled-entries.js';
import type { Pond } from '../pond/pond.js';

/** An entry of `/etc/schedule.d` that is due now and then. */
export interface Scheduled {
  readonly path: PondPath;
  readonly words: ScheduleWords;
  /** Time at which it came to be as it is, microseconds since the epoch. */
  readonly changedAt: number;
}

/** Schedules of a state. */
export interface Schedules {
  readonly scheduled: readonly Scheduled[];
  /** Entries that never fire, because they cannot be read. */
  readonly rejected: readonly { readonly path: PondPath; readonly errors: readonly EntryError[] }[];
}

/** Reads what is scheduled in a state. What is disabled is not. */
export const schedulesIn = (pond: Pond, view: PersistenceView): TE.TaskEither<PondError, Schedules> =>
  steps(async ({ run }) => {
    const scheduled: Scheduled[] = [];
    const rejected: Schedules['rejected'][number][] = [];
    for (const entry of await run(scheduledEntries(pond, view))) {
      const words = wordsOf(entry);
      if (words._tag === 'Rejected') rejected.push({ path: entry.path, errors: words.errors });
      if (words._tag !== 'Scheduled') continue;
      // The entry's own, also where it is a link: what it leads to may be older than that.
      const { timestamp } = await run(closedReader(view).lstat(entry.path));
      scheduled.push({ path: entry.path, words: words.words, changedAt: timestamp });
    }
    return { scheduled, rejected };
  });

type Words =
  | { readonly _tag: 'Scheduled'; readonly words: ScheduleWords }
  | { readonly _tag: 'Rejected'; readonly errors: readonly EntryError[] }
  | { readonly _tag: 'None' };

const wordsOf = (entry: DiscoveredEntry): Words => {
  const reading = readEntry(entry);
  switch (reading._tag) {
    case 'NotAFactory':
      return { _tag: 'None' };
    case 'Invalid':
      return { _tag: 'Rejected', errors: reading.errors };
    case 'Configured': {
      if (reading.envelope?.enabled === false) return { _tag: 'None' };
      const words = reading.envelope?.schedule ?? null;
      return words === null
        ? { _tag: 'Rejected', errors: [{ _tag: 'InvalidKeys', path: entry.path, errors: [NO_SCHEDULE] }] }
        : { _tag: 'Scheduled', words };
    }
  }
};
