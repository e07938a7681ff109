import { corrupt, isMissing, run } from '../failure.js';
import { boundsOf } from '../log/file-statistics.js';
import { addAction, type DataFile, decodeLogEntry, encodeLogEntry } from '../log/log-entry.js';
import { publishVersion } from '../log/publication.js';
import { txnSeqOf } from '../log/table-state.js';
import type { OpLogRow } from '../rows/op-log-columns.js';
import { compareRows, encodeRows } from '../rows/row-encoding.js';
import { ENGINE, mergedFile } from '../table-layout.js';
import type { SnapshotSource } from '../transactions/snapshot.js';

/** Change that rewriting makes. */
export interface Rewriting {
  /** Words for it in the log entry. */
  readonly commitInfo: Readonly<Record<string, unknown>>;
  /** False where every row stays what it is. */
  readonly dataChange: boolean;
  readonly rewritten: (row: OpLogRow) => OpLogRow;
}

/**
 * Rewrites some files of the table as one, each row of them once, and publishes that as a version. The replaced
 * files stay on disk for those who still read them. `now`: milliseconds since the epoch. A crash before the
 * publication leaves one file that nothing refers to.
 */
export const rewriteFiles = async (
  source: SnapshotSource,
  group: readonly DataFile[],
  now: number,
  { commitInfo, dataChange, rewritten }: Rewriting,
): Promise<void> => {
  const { files, layout, table, rowFiles } = source;
  const state = table.known();
  const version = state.version + 1;
  const rows = (await Promise.all(group.map((file) => readWhole(file)))).flat().map(rewritten);
  rows.sort((a, b) => compareRows(a.row, b.row));
  const path = mergedFile(version);
  const target = layout.dataFile(path);
  const content = encodeRows(rows, state.metaData.id);
  const entry = encodeLogEntry({ timestamp: now, ...commitInfo, engineInfo: ENGINE }, [
    ...group.map((file) => ({
      remove: {
        path: file.path,
        deletionTimestamp: now,
        dataChange,
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
        dataChange,
      }),
    },
  ]);
  const stagedName = `maintain-${version}.json`;
  // Left by a merge that never finished: this version is not published yet.
  for (const left of [target, layout.staged(stagedName)]) run(files.remove(left));
  await publishVersion(source, { version, entry, stagedName, dataFile: { path: target, content } });
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
