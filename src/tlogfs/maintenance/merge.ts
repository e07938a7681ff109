import type { DataFile } from '../log/log-entry.js';
import type { SnapshotSource } from '../transactions/snapshot.js';
import { rewriteFiles } from './rewrite-files.js';

/** Rewrites some files of the table as one, and publishes that as a version that changes no data. */
export const mergeFiles = (source: SnapshotSource, group: readonly DataFile[], now: number): Promise<void> =>
  rewriteFiles(source, group, now, {
    commitInfo: { operation: 'OPTIMIZE', operationParameters: {} },
    dataChange: false,
    rewritten: (row) => row,
  });
