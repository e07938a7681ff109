import { isLeft } from 'fp-ts/lib/Either.js';
import type * as TE from 'fp-ts/lib/TaskEither.js';
import { placeOfTask } from '../../domain/plans/task-place.js';
import { steps } from '../../effects/steps.js';
import { elsewhere } from '../attempts/run-task.js';
import type { PondError } from '../errors.js';
import type { Pond } from '../pond/pond.js';
import { readReplica } from '../pond/replica.js';
import type { WatchEntry, WatchedFolder } from '../shapes/background-reports.js';
import { watchEntries } from './watch-entries.js';

/** Watched folders of the newest state. */
export const watchedFolders = (pond: Pond): TE.TaskEither<PondError, readonly WatchedFolder[]> =>
  steps(async ({ run }) => {
    const entries = await run(watchEntries(pond, await run(pond.tlog.snapshot())));
    if (entries.length === 0) return [];
    const elsewhere = (await run(watchesHere(pond))) ? null : { message: WATCHED_ELSEWHERE, since: null };
    const folders: WatchedFolder[] = [];
    for (const entry of entries) {
      const { batches, refused, problem } = await run(pond.control.watchStatus(entry.path));
      const fault = entry.fault === null ? null : { message: entry.fault, since: null };
      const disabled = entry.isEnabled ? problem : null;
      folders.push({ ...entry, batches, refused, problem: fault ?? elsewhere ?? disabled });
    }
    return folders;
  });

/** Says why a folder is not looked at on this machine; null: it is. */
export const onAnotherMachine = (pond: Pond, { host }: WatchEntry): string | null =>
  elsewhere(pond, { place: placeOfTask(host === null ? {} : { host }) }) === null
    ? null
    : `its folder is on ${host}, and is watched there`;

/** Tells whether this is the place at which the pond's folders are watched: not a copy of it, not a replica. */
export const watchesHere = (pond: Pond): TE.TaskEither<PondError, boolean> =>
  steps(async ({ run }) => {
    const replica = readReplica(pond.ports, pond.directory)();
    if (isLeft(replica) || replica.right !== null) return false;
    return (await run(pond.place.firings.from())) !== null;
  });

export const WATCHED_ELSEWHERE =
  'this pond is a copy: its folders are watched where it was made, and here after "pond promote"';
