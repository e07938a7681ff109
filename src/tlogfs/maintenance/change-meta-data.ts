import { run } from '../failure.js';
import { decodeLogEntry, encodeLogEntry, type MetaData } from '../log/log-entry.js';
import { publishVersion } from '../log/publication.js';
import { ENGINE } from '../table-layout.js';
import type { SnapshotSource } from '../transactions/snapshot.js';
import { checkpoint } from './checkpoint.js';

/**
 * Publishes other metadata of the table as a version of its own, and a checkpoint with it, so that whoever only reads that
 * knows it, too. Null: there is nothing to change. `now`: milliseconds since the epoch.
 */
export const changeMetaData = async (
  source: SnapshotSource,
  now: number,
  changed: MetaData | null,
): Promise<void> => {
  if (changed === null) return;
  const { files, layout, table } = source;
  const next = table.known().version + 1;
  const entry = encodeLogEntry(
    { timestamp: now, operation: 'SET TBLPROPERTIES', operationParameters: {}, engineInfo: ENGINE },
    [{ metaData: changed }],
  );
  const stagedName = `maintain-${next}.json`;
  run(files.remove(layout.staged(stagedName)));
  await publishVersion(source, { version: next, entry, stagedName, dataFile: null });
  table.advance(decodeLogEntry(layout.logEntry(next), entry));
  await checkpoint(source, now);
};
