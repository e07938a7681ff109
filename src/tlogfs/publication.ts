import type { FileSystem } from '../ports/file-system.js';
import { isFileSystemError, run } from './failure.js';
import type { TableLayout } from './table-layout.js';
import type { Committed, TLogError } from './tlog.js';

/** A complete log entry, and the version that it is to become. */
export interface Publication {
  readonly version: number;
  readonly entry: Uint8Array;
  /** Name of the staged file; starts with the transaction's id. */
  readonly stagedName: string;
}

/**
 * Publishes a log entry: the commit point. All that the entry refers to must be durable already. The entry is
 * written and fsynced under another name and then linked into the log, which fails when the version exists: so no
 * reader sees half of it, and no two writers share a version.
 */
export const publishEntry = (
  files: FileSystem,
  layout: TableLayout,
  { version, entry, stagedName }: Publication,
): Committed => {
  const staged = layout.staged(stagedName);
  const path = layout.logEntry(version);
  run(files.writeNewFile(staged, entry));
  try {
    run(files.link(staged, path));
  } catch (error) {
    run(files.remove(staged));
    if (isFileSystemError(error) && error.code === 'EEXIST') {
      throw { _tag: 'VersionTaken', path, version } satisfies TLogError;
    }
    throw error;
  }
  // From here on it is committed, and no failure may say otherwise. The staged name is by now a second name of the
  // published entry; where it cannot be removed it does no harm.
  const durable = files.fsyncDirectory(layout.logDir)();
  files.remove(staged)();
  return { version, durability: durable._tag === 'Right' ? 'durable' : 'unknown' };
};
