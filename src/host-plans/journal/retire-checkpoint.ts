import { isLeft, right } from 'fp-ts/lib/Either.js';
import { type CheckpointPlace, checkpointPath, listCheckpoints, lockPath } from './checkpoint-place.js';
import type { JournalPlace } from './journal-log.js';

/** Number of checkpoints of plans that were rolled back that are kept, for people to look at. */
const KEPT = 20;

/** Removes the checkpoint of a plan that has ended, or keeps it under the name of its end. Lets go of the lock. */
export const retireCheckpoint =
  (place: CheckpointPlace, id: string, path: string): JournalPlace['retire'] =>
  (end, lock) => {
    const { files, locks } = place.ports;
    const kept = end === 'executed' ? null : checkpointPath(place, id, end);
    const moved =
      kept === null ? files.remove(path)() : kept === path ? right(undefined) : files.rename(path, kept)();
    if (!isLeft(moved) && end !== 'incomplete') locks.remove(lockPath(place, id))();
    lock.release();
    if (end === 'rolled_back') prune(place);
    return moved;
  };

const prune = (place: CheckpointPlace): void => {
  const listed = listCheckpoints(place);
  if (isLeft(listed)) return;
  const old = listed.right.checkpoints.filter(({ state }) => state === 'rolled_back').slice(0, -KEPT);
  for (const { path } of old) place.ports.files.remove(path)();
};
