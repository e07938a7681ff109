import { publishCheckpoint } from '../log/checkpoint-writing.js';
import type { SnapshotSource } from '../transactions/snapshot.js';

/** Writes the checkpoint of the newest version where the table's checkpoints are. `now`: milliseconds since the epoch. */
export const checkpoint = async (
  { files, layout, table, backing }: SnapshotSource,
  now: number,
): Promise<void> => {
  const state = table.known();
  if (backing === undefined) await publishCheckpoint(files, layout, state, now);
  else await backing.checkpoint(state, now);
  table.checkpointed(state.version);
};
