import { run } from '../failure.js';
import { writeCheckpoint } from '../log/checkpoint-writing.js';
import { decodeLogEntry, encodeLogEntry, type MetaData } from '../log/log-entry.js';
import { publishEntry } from '../log/publication.js';
import { ENGINE } from '../table-layout.js';
import type { SnapshotSource } from '../transactions/snapshot.js';

/**
 * Publishes other metadata of the table as a version of its own, and a checkpoint with it, so that whoever only reads that
 * knows it, too. Null: there is nothing to change. `now`: milliseconds since the epoch.
 */
export const changeMetaData = async (
  { files, layout, table }: SnapshotSource,
  now: number,
  changed: MetaData | null,
): Promise<void> => {
  if (changed === null) return;
  const next = table.known().version + 1;
  const entry = encodeLogEntry(
    { timestamp: now, operation: 'SET TBLPROPERTIES', operationParameters: {}, engineInfo: ENGINE },
    [{ metaData: changed }],
  );
  const stagedName = `maintain-${next}.json`;
  run(files.remove(layout.staged(stagedName)));
  await publishEntry(files, layout, { version: next, entry, stagedName, dataFile: null });
  const state = table.advance(decodeLogEntry(layout.logEntry(next), entry));
  writeCheckpoint(files, layout, state, now);
  table.checkpointed(state.version);
};
