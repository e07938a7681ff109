import { corrupt, isMissing, run } from '../failure.js';
import { boundsOf } from '../log/file-statistics.js';
import { addAction, type DataFile, decodeLogEntry, encodeLogEntry } from '../log/log-entry.js';
import { publishEntry } from '../log/publication.js';
import { txnSeqOf } from '../log/table-state.js';
import { compareRows, encodeRows } from '../rows/row-encoding.js';
import { ENGINE, mergedFile } from '../table-layout.js';
import type { SnapshotSource } from '../transactions/snapshot.js';

/**
 * Rewrites some files of the table as one, and publishes that as a version that changes no data. The merged-away
 * files stay on disk for those who still read them. `now`: milliseconds since the epoch. A crash before the
 * publication leaves one file that nothing refers to.
 */
export const mergeFiles = async (
  { files, layout, table, rowFiles }: SnapshotSource,
  group: readonly DataFile[],
  now: number,
): Promise<void> => {
  const state = table.known();
  const version = state.version + 1;
  const rows = (await Promise.all(group.map((file) => readWhole(file)))).flat();
  rows.sort((a, b) => compareRows(a.row, b.row));
  const path = mergedFile(version);
  const target = layout.dataFile(path);
  const content = encodeRows(rows, state.metaData.id);
  const entry = encodeLogEntry(
    {
      timestamp: now,
      operation: 'OPTIMIZE',
      operationParameters: {},
      engineInfo: ENGINE,
    },
    [
      ...group.map((file) => ({
        remove: {
          path: file.path,
          deletionTimestamp: now,
          dataChange: false,
          extendedFileMetadata: true,
          partitionValues: {},
          size: file.size,
        },
      })),
      {
        add: addAction({
          path,
          content,
          bounds: boundsOf(rows.map(({ row }) => row)),
          modificationTime: now,
          dataChange: false,
        }),
      },
    ],
  );
  const stagedName = `maintain-${version}.json`;
  // Left by a merge that never finished: this version is not published yet.
  for (const left of [target, layout.staged(stagedName)]) run(files.remove(left));
  await publishEntry(files, layout, { version, entry, stagedName, dataFile: { path: target, content } });
  const merged = table.advance(decodeLogEntry(layout.logEntry(version), entry)).files.get(path);
  if (merged !== undefined) rowFiles.remember(merged, rows);

  async function readWhole(file: DataFile) {
    try {
      return await rowFiles.readAll(file);
    } catch (error) {
      // Nobody merges beside us: the writer's lock is held.
      if (isMissing(error)) throw corrupt(error.path, `missing data file, at transaction ${txnSeqOf(state)}`);
      throw error;
    }
  }
};
