import * as TE from 'fp-ts/lib/TaskEither.js';
import type { NodeRow } from '../domain/tree/node-row.js';
import type { FileSystem } from '../ports/file-system.js';
import type { PersistenceView } from '../tinyfs/persistence.js';
import { noContent } from './contents/content-stream.js';
import { makeDurableDirectory, parentOf } from './durable-directory.js';
import { attempt, isMissing, run } from './failure.js';
import { TOMBSTONE_RETENTION_MS } from './log/checkpoint-writing.js';
import type { MetaData } from './log/log-entry.js';
import type { TableBacking } from './log/publication.js';
import { TABLE_PROPERTIES } from './log/table-properties.js';
import { CHECKPOINT_INTERVAL, type TLogPorts } from './open-tlog.js';
import { DELTA_SCHEMA } from './rows/op-log-columns.js';
import { isStagedName, isTransactionFile, type TableLayout, tableLayout } from './table-layout.js';
import type { TLog, TLogError, TLogWriter, TransactionIdentity } from './tlog.js';
import { openWriter } from './transactions/write-transaction.js';

/** Identity of a new pond. */
export interface NewTable {
  readonly pondId: string;
  /** Name of the place where the pond was made, for people. */
  readonly birthplace: string;
  /** The first transaction: `txnSeq` 1. */
  readonly identity: TransactionIdentity;
}

/**
 * Starts the first write transaction of a new table. Its commit publishes version 0 with the table's protocol, its
 * metadata and the first rows at once, so that an interrupted `init` leaves no pond and can simply be repeated.
 * `PondExists` where there is one.
 */
export const initTLog =
  ({ files, backing }: TLogPorts & { readonly backing?: TableBacking }) =>
  (dataDir: string, { pondId, birthplace, identity }: NewTable): TE.TaskEither<TLogError, TLogWriter> =>
    attempt(async () => {
      const layout = tableLayout(dataDir);
      refuseExisting(files, layout);
      makeDurableDirectory(files, layout.logDir, parentOf(dataDir));
      run(files.makeDirectories(layout.stagingDir));
      discardInterruptedInit(files, layout);
      return openWriter({
        store: { files, layout, ...(backing === undefined ? {} : { backing }) },
        identity,
        pondId,
        version: 0,
        view: EMPTY,
        protocol: { minReaderVersion: 1, minWriterVersion: 2 },
        metaData: metaData(pondId, birthplace, identity),
        foresee: () => null,
        onCommit: () => null,
      });
    });

/**
 * The op log of a pond that is not there yet: its first write makes it, and there is nothing to read, to repair or to tidy
 * up before. `PondExists` where there is one after all.
 */
export const newTLog =
  ({ files, backing }: TLogPorts & { readonly backing?: TableBacking }) =>
  (dataDir: string, { pondId, birthplace }: Omit<NewTable, 'identity'>): TLog => {
    const noPond = TE.left({ _tag: 'NotAPond', path: dataDir } as const);
    const nothingToDo = TE.right(undefined);
    return {
      pondId,
      birthplace,
      head: () =>
        attempt(async () => {
          refuseExisting(files, tableLayout(dataDir));
          return { version: NO_VERSION, txnSeq: EMPTY.txnSeq };
        }),
      beginWrite: (identity) =>
        initTLog({ files, ...(backing === undefined ? {} : { backing }) })(dataDir, {
          pondId,
          birthplace,
          identity,
        }),
      discardLeftovers: () => nothingToDo,
      maintain: () => nothingToDo,
      snapshot: () => TE.right({ ...EMPTY, version: NO_VERSION }),
      commitsAfter: () => noPond,
      commitOf: () => noPond,
      secureHead: () => noPond,
      fence: () => noPond,
      discardStaged: () => noPond,
      sweep: () => noPond,
      strays: () => noPond,
      removeStrays: () => noPond,
      packHistory: () => noPond,
      forget: () => noPond,
      repairCheckpoints: () => noPond,
    };
  };

/** Makes a directory of a new pond durably, the pond's own entry in the directory above it included. */
export const makePondDirectory = (
  files: FileSystem,
  directory: string,
  pond: string,
): TE.TaskEither<TLogError, void> =>
  attempt(async () => makeDurableDirectory(files, directory, parentOf(pond)));

const refuseExisting = (files: FileSystem, layout: TableLayout): void => {
  // The first entry of an older pond may be packed, or gone: a checkpoint stands for it.
  for (const path of [layout.logEntry(0), layout.lastCheckpoint]) {
    const existing = files.stat(path)();
    if (existing._tag === 'Right') throw { _tag: 'PondExists', path: layout.dataDir } satisfies TLogError;
    if (!isMissing(existing.left)) throw existing.left;
  }
};

/**
 * Removes what an interrupted `init` had made: what it had staged, and its one Parquet file. Where there is more than
 * that, a pond has lost its log, and its data is not ours to remove.
 */
const discardInterruptedInit = (files: FileSystem, layout: TableLayout): void => {
  const staged = run(files.readDirectory(layout.stagingDir)).filter(isStagedName);
  for (const name of staged) run(files.remove(layout.staged(name)));
  const dataFiles = run(files.readDirectory(layout.dataDir)).filter((name) => !name.startsWith('_'));
  const [only] = dataFiles;
  const isAll = dataFiles.length === 1 && run(files.readDirectory(layout.logDir)).length === 0;
  if (isAll && only !== undefined && isTransactionFile(only)) run(files.remove(layout.dataFile(only)));
};

const metaData = (pondId: string, birthplace: string, identity: TransactionIdentity): MetaData => ({
  id: pondId,
  format: { provider: 'parquet', options: {} },
  schemaString: DELTA_SCHEMA,
  partitionColumns: [],
  configuration: {
    'delta.appendOnly': 'true',
    'delta.checkpointInterval': String(CHECKPOINT_INTERVAL),
    'delta.deletedFileRetentionDuration': `interval ${TOMBSTONE_RETENTION_MS / 3_600_000} hours`,
    ...TABLE_PROPERTIES,
    'pond.birthplace': birthplace,
  },
  createdTime: Math.floor(identity.timestamp / 1000),
});

const NO_ROWS: TE.TaskEither<never, readonly NodeRow[]> = TE.right([]);

/** The Delta version before the first one. */
const NO_VERSION = -1;

/** Entries that are there before the first transaction. */
const EMPTY: PersistenceView = {
  txnSeq: 0,
  rowsOf: () => NO_ROWS,
  rowsOfNode: () => NO_ROWS,
  rowsOfTransaction: () => NO_ROWS,
  rowsAfter: () => NO_ROWS,
  open: noContent,
};
