import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { SCHEDULE_DIRECTORY } from '../../domain/paths/configuration-paths.js';
import type { DiscoveredEntry } from '../../planner/entries/discovered-entry.js';
import { isLeftOver } from '../../planner/entries/left-over.js';
import type { PersistenceView } from '../../tinyfs/persistence.js';
import type { PondError } from '../errors.js';
import type { Pond } from '../pond/pond.js';

/** The entries of `/etc/schedule.d` in a state; what an editor has left there is not among them. */
export const scheduledEntries = (
  { configurations }: Pick<Pond, 'configurations'>,
  view: PersistenceView,
): TE.TaskEither<PondError, readonly DiscoveredEntry[]> =>
  pipe(
    configurations.entriesIn(view, SCHEDULE_DIRECTORY),
    TE.map((entries) => entries.filter(({ path }) => !isLeftOver(path))),
  );
