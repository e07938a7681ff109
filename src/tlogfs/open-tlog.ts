import * as TE from 'fp-ts/lib/TaskEither.js';
import type { FileSystem } from '../ports/file-system.js';
import { attempt, isMissing, run } from './failure.js';
import { commitOf, commitsAfter } from './log/commit-history.js';
import type { LogEntry } from './log/log-entry.js';
import { openTable, unsupported } from './log/table.js';
import { withProperties } from './log/table-properties.js';
import { replay, type TableState, txnSeqOf } from './log/table-state.js';
import { selectForeign, selectMerges } from './maintenance/merge-selection.js';
import type { OpLogRow } from './rows/op-log-columns.js';
import { rowFiles } from './rows/row-files.js';
import {
  isStagedBy,
  isStagedName,
  mergedFile,
  type TableLayout,
  tableLayout,
  transactionFile,
} from './table-layout.js';
import type { Intention, TLog, TLogError, TransactionIdentity } from './tlog.js';
import { openSnapshot, type SnapshotSource } from './transactions/snapshot.js';
import type { Foreseen } from './transactions/write-base.js';

/** Ports that the op log needs. */
export interface TLogPorts {
  readonly files: FileSystem;
}

/** A checkpoint is written after so many versions. */
export const CHECKPOINT_INTERVAL = 10;

/** Opens the op log in a pond's data directory, at its newest version. `NotAPond` where there is none. */
export const openTLog =
  ({ files }: TLogPorts) =>
  (dataDir: string): TE.TaskEither<TLogError, TLog> =>
    attempt(async () => {
      const layout = tableLayout(dataDir);
      const table = await openTable(files, layout);
      return tlogOn({ files, layout, table, rowFiles: rowFiles(files, layout) });
    });

/** The op log over the parts of a table that is open. */
export const tlogOn = (source: SnapshotSource): TLog => {
  const { layout, table, files } = source;
  const { id, configuration } = table.known().metaData;
  /** The version that this process left with nothing to remove; null: somebody may have left something. */
  let leftClean: number | null = null;
  return {
    pondId: id,
    birthplace: configuration['pond.birthplace'] ?? '',
    head: (look) => attempt(async () => headOf(look === 'known' ? table.known() : table.refresh())),
    snapshot: (at) => attempt(async () => snapshotAt(source, at)),
    beginWrite: (identity, intention) =>
      attempt(() => {
        leftClean = null;
        return beginWrite(source, identity, intention);
      }),
    commitsAfter: (txnSeq) => attempt(async () => commitsAfter(table, txnSeq)),
    commitOf: (txnSeq, hint) => attempt(async () => commitOf(table, layout, txnSeq, hint)),
    secureHead: () => attempt(async () => secureHead(source)),
    fence: () => TE.right(undefined),
    discardStaged: (txnId) => attempt(async () => discardStaged(source, txnId)),
    discardLeftovers: (which) =>
      attempt(async () => {
        if (which === 'all' || leftClean !== table.known().version) discardLeftovers(source);
      }),
    maintain: (timestamp, { foreign } = { foreign: false }) =>
      attempt(async () => {
        await maintain(source, Math.floor(timestamp / 1000), foreign);
        leftClean = table.known().version;
      }),
    sweep: (options) => attempt(async () => (await writing()).sweep(source, options)),
    strays: () => attempt(async () => (await writing()).strays(source)),
    removeStrays: (found) => attempt(async () => (await writing()).removeStrays(source, found)),
    packHistory: (timestamp, options) =>
      attempt(async () => {
        refuseForeignWriter(layout, table.known());
        run(files.makeDirectories(layout.stagingDir));
        return (await writing()).packHistory(source, Math.floor(timestamp / 1000), options);
      }),
    forget: (timestamp, options) =>
      attempt(async () => {
        refuseForeignWriter(layout, table.known());
        return (await writing()).forget(source, timestamp, options);
      }),
    repairCheckpoints: (timestamp, options) =>
      attempt(async () => {
        const { repairCheckpoints } = await writing();
        return repairCheckpoints(source, Math.floor(timestamp / 1000), options);
      }),
  };
};

/** Part that a reader does without: it starts faster. Asked for once, since Node's loader takes its time to find it again. */
const writing = (): Promise<typeof import('./writing.js')> => {
  loaded ??= import('./writing.js');
  return loaded;
};
let loaded: Promise<typeof import('./writing.js')> | null = null;

const headOf = (state: TableState) => ({ version: state.version, txnSeq: txnSeqOf(state) });

const snapshotAt = (source: SnapshotSource, at: number | undefined) => {
  const state = source.table.refresh();
  const lastTxnSeq = txnSeqOf(state);
  if (at === undefined) return openSnapshot(source, state, lastTxnSeq);
  if (!Number.isInteger(at) || at < 1 || at > lastTxnSeq) {
    throw { _tag: 'TransactionNotFound', txnSeq: at, lastTxnSeq } satisfies TLogError;
  }
  return openSnapshot(source, state, at);
};

const beginWrite = async (source: SnapshotSource, identity: TransactionIdentity, intention?: Intention) => {
  const { openWriter } = await writing();
  const { layout, table } = source;
  // Whoever took the sequence from the head has just looked for newer versions.
  const state = table.known();
  refuseForeignWriter(layout, state);
  const version = state.version + 1;
  if (identity.txnSeq <= txnSeqOf(state)) {
    // The sequence was taken from an older head: the caller did not hold the lock, or somebody else did not.
    throw {
      _tag: 'VersionTaken',
      path: layout.logEntry(state.version),
      version: state.version,
    } satisfies TLogError;
  }
  return openWriter({
    store: source,
    identity,
    pondId: state.metaData.id,
    version,
    view: openSnapshot(source, state, txnSeqOf(state)),
    protocol: null,
    metaData: withProperties(state.metaData),
    foresee: (entry, rows) => ({
      from: state,
      ...stateWith(source, replay(layout.logDir, state, [entry]), entry, rows),
    }),
    onCommit: (entry, rows, published, foreseen) => {
      // A backing has taken it in already.
      if (foreseen !== null && foreseen.state === table.known()) return foreseen.view;
      if (published === foreseen?.state.version && published === table.known().version + 1) {
        table.advance(entry, foreseen.state);
        return foreseen.view;
      }
      // Others came between: they were looked at before this one was published after them.
      return stateWith(source, table.refresh(), entry, rows).view;
    },
    ...(intention === undefined ? {} : { intention }),
  });
};

/** A state that has a commit's entry, with its rows at hand. */
const stateWith = (
  source: SnapshotSource,
  state: TableState,
  entry: LogEntry,
  rows: readonly OpLogRow[],
): Pick<Foreseen, 'state' | 'view'> => {
  for (const { path } of entry.adds) {
    const file = state.files.get(path);
    if (file !== undefined) source.rowFiles.remember(file, rows);
  }
  return { state, view: openSnapshot(source, state, txnSeqOf(state)) };
};

const refuseForeignWriter = (layout: TableLayout, { protocol }: TableState): void => {
  if (protocol.minWriterVersion > 2) {
    throw unsupported(layout, `it needs writer version ${protocol.minWriterVersion}, this is 2`);
  }
};

/** Blobs and data files are durable before an entry refers to them; the entry itself and its name may not be yet. */
const secureHead = ({ files, layout, table }: SnapshotSource): void => {
  const { version } = table.refresh();
  for (const { path } of table.readEntry(version).adds) run(files.fsyncFile(layout.dataFile(path)));
  run(files.fsyncDirectory(layout.dataDir));
  run(files.fsyncFile(layout.logEntry(version)));
  run(files.fsyncDirectory(layout.logDir));
};

const discardStaged = ({ files, layout, table }: SnapshotSource, txnId: string): void => {
  run(files.makeDirectories(layout.stagingDir));
  for (const name of run(files.readDirectory(layout.stagingDir))) {
    if (isStagedBy(txnId, name)) run(files.remove(layout.staged(name)));
  }
  const dataFile = transactionFile(txnId);
  const { files: active, removed } = table.refresh();
  if (!active.has(dataFile) && !removed.has(dataFile)) run(files.remove(layout.dataFile(dataFile)));
};

/** Staged files may go: who staged something and holds the lock no longer is dead, or had published it under its own name already. */
const discardLeftovers = ({ files, layout, table }: SnapshotSource): void => {
  const staged = files.readDirectory(layout.stagingDir)();
  if (staged._tag === 'Right') {
    for (const name of staged.right.filter(isStagedName)) run(files.remove(layout.staged(name)));
  } else if (isMissing(staged.left)) run(files.makeDirectories(layout.stagingDir));
  else throw staged.left;
  // A merge is for the version that follows: while that is not there, its file was never published.
  const merged = layout.dataFile(mergedFile(table.refresh().version + 1));
  if (files.stat(merged)()._tag === 'Right') run(files.remove(merged));
};

/** Merging first: the checkpoint then has the merged files. */
const maintain = async (source: SnapshotSource, now: number, foreign: boolean): Promise<void> => {
  const { files, layout, table } = source;
  // Whoever holds the lock has looked for newer versions, and made the newest.
  refuseForeignWriter(layout, table.known());
  const foreignFiles = foreign ? selectForeign(table.known().files.values()) : [];
  let merges = foreignFiles.length > 0 ? foreignFiles : selectMerges(table.known().files.values());
  if (merges.length === 0 && !isCheckpointDue(table.known())) return;
  run(files.makeDirectories(layout.stagingDir));
  const { mergeFiles, checkpoint } = await writing();
  while (merges.length > 0) {
    for (const group of merges) await mergeFiles(source, group, now);
    merges = selectMerges(table.known().files.values());
  }
  if (isCheckpointDue(table.known())) await checkpoint(source, now);
};

const isCheckpointDue = ({ version, checkpointVersion }: TableState): boolean =>
  version - checkpointVersion >= CHECKPOINT_INTERVAL;
