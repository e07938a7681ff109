import type { FileSystem, NewContent } from '../../ports/file-system.js';
import { isFileSystemError, run, runTask } from '../failure.js';
import type { TableLayout } from '../table-layout.js';
import type { Committed, Intention, TLogError } from '../tlog.js';
import type { TableState } from './table-state.js';

/** A complete log entry, and the version that it is to become. */
export interface Publication {
  readonly version: number;
  readonly entry: Uint8Array;
  /** Name of the staged file; starts with the transaction's id. */
  readonly stagedName: string;
  /** The Parquet file that the entry adds; null: none. */
  readonly dataFile: NewContent | null;
  /** Blobs that the entry's rows refer to. Default: none. */
  readonly blobs?: readonly PublishedBlob[];
  /** The note of the version that it is to become. Default: nobody needs one. */
  readonly intention?: Intention;
  /**
   * Work that takes time, and says nothing to anybody yet: done while the disk makes the files durable, or a store takes them. Returns the
   * state that the entry makes where it becomes that version; null: nobody will read it. Default: none.
   */
  readonly meanwhile?: () => ForeseenState | null;
  /** Work that has to be done before the commit point, and waits for the disk, too. Default: none. */
  readonly beside?: () => Promise<void>;
}

/** State that an entry makes after another state. */
export interface ForeseenState {
  readonly from: TableState;
  readonly state: TableState;
}

/** A blob that an entry's rows refer to, durable under its digest in the table's directory or held in memory. */
export interface PublishedBlob {
  readonly digest: string;
  readonly size: number;
  /** Path where it was staged by the transaction itself; null: it was there before. */
  readonly staged: string | null;
  /** Its bytes, where they are held in memory: only for a table that is not in the directory. */
  readonly held?: Uint8Array;
}

/** The place where a table's versions and checkpoints are published, where its directory holds only a copy of it. */
export interface TableBacking {
  /**
   * Publishes an entry there; the version is a later one where others came between that changed no data. Data file and blobs may be there before
   * what is done beside has been done, the entry is not.
   */
  readonly publish: (publication: Publication) => Promise<Committed>;
  /** Writes a checkpoint there. `now`: milliseconds since the epoch. */
  readonly checkpoint: (state: TableState, now: number) => Promise<void>;
}

/** The parts of a table that publishing needs. */
export interface PublishedTable {
  readonly files: FileSystem;
  readonly layout: TableLayout;
  /** Missing: the directory is the table. */
  readonly backing?: TableBacking;
}

/** Publishes an entry where the table's versions are published: the commit point. */
export const publishVersion = (
  { files, layout, backing }: PublishedTable,
  publication: Publication,
): Promise<Committed> =>
  backing === undefined ? publishEntry(files, layout, publication) : backing.publish(publication);

/**
 * Publishes a log entry: the commit point. All else that the entry refers to must be durable already. The entry is
 * written under another name, made durable together with its Parquet file, and then linked into the log, which fails
 * when the version exists: so no reader sees half of it, and no two writers share a version. Where it fails, neither
 * file is left.
 */
export const publishEntry = async (
  files: FileSystem,
  layout: TableLayout,
  { version, entry, stagedName, dataFile, meanwhile, beside }: Publication,
): Promise<Committed> => {
  const staged = layout.staged(stagedName);
  const path = layout.logEntry(version);
  const made = [...(dataFile === null ? [] : [dataFile]), { path: staged, content: entry }];
  const written = runTask(files.writeNewFiles(made, dataFile === null ? [] : [layout.dataDir]));
  const durably = Promise.allSettled([written, beside?.()]);
  try {
    meanwhile?.();
  } finally {
    await durably;
  }
  const [whole, done] = await durably;
  if (whole.status === 'rejected') throw whole.reason;
  try {
    if (done.status === 'rejected') throw done.reason;
    run(files.link(staged, path));
  } catch (error) {
    for (const { path: unused } of made) run(files.remove(unused));
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
