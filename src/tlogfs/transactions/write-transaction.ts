import { mapLeft, right } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { NodeRow } from '../../domain/tree/node-row.js';
import { type PersistenceView, persistenceErrorOf } from '../../tinyfs/persistence.js';
import { handOnDirectories } from '../../tinyfs/tree/directories.js';
import { type NeededBlob, placeBlobs } from '../contents/blob-placement.js';
import { type ContentStaging, contentStaging } from '../contents/content-staging.js';
import { blobContent, inlineContent } from '../contents/content-stream.js';
import { attempt, attemptRead } from '../failure.js';
import { boundsOf } from '../log/file-statistics.js';
import {
  addAction,
  encodeLogEntry,
  type LogEntry,
  type MetaData,
  type NewDataFile,
  type Protocol,
  type TransactionInfo,
  type Txn,
} from '../log/log-entry.js';
import { type PublishedTable, publishVersion } from '../log/publication.js';
import type { TableState } from '../log/table-state.js';
import type { OpLogRow } from '../rows/op-log-columns.js';
import { compareRows, encodeRows } from '../rows/row-encoding.js';
import { ENGINE, stagedEntry, transactionFile } from '../table-layout.js';
import type { Committed, Intention, NewCommitInfo, TLogWriter, TransactionIdentity } from '../tlog.js';
import { type Beside, committingBeside } from './beside.js';
import { type WriteBuffer, writeBuffer } from './write-buffer.js';

/** Base of a write transaction. */
export interface WriteBase {
  readonly store: PublishedTable;
  readonly identity: TransactionIdentity;
  readonly pondId: string;
  /** The version that the commit will be. */
  readonly version: number;
  /** The note of that, for a table in a store. */
  readonly intention?: Intention;
  /** State before the transaction. */
  readonly view: PersistenceView;
  /** Actions of this commit about the table itself: those of a new one, or metadata that an older pond lacks. */
  readonly protocol: Protocol | null;
  readonly metaData: MetaData | null;
  /** The state that the commit will make where it becomes that version, which nobody sees before; null: nobody will read it. */
  readonly foresee: (entry: LogEntry, rows: readonly OpLogRow[]) => Foreseen | null;
  /** Takes the commit once it is published; returns the state that it made, if anybody will read it. */
  readonly onCommit: (
    entry: LogEntry,
    rows: readonly OpLogRow[],
    version: number,
    foreseen: Foreseen | null,
  ) => PersistenceView | null;
}

/** The state of a table after a commit, and the view of it. */
export interface Foreseen {
  readonly state: TableState;
  readonly view: PersistenceView;
}

/** Hands on to the state that a commit makes what its writer knows. */
type HandOn = (to: PersistenceView, rows: readonly OpLogRow[]) => void;

/** Rows of a commit up to which its directories are handed on: of more of them the next one is told nothing, and has their memory. */
const MOST_HANDED_ON = 8_192;

/** A write transaction: everything stays in memory and in `_staging` until it is committed. */
export const openWriter = (base: WriteBase): TLogWriter => {
  const { files, layout } = base.store;
  const { identity, view } = base;
  const buffer = writeBuffer();
  const staging = contentStaging(files, layout, identity.txnId);
  const merged = async (
    earlier: ReturnType<PersistenceView['rowsOf']>,
    own: readonly NodeRow[],
  ): Promise<readonly NodeRow[]> => {
    const rows = await earlier();
    if (rows._tag === 'Left') throw rows.left;
    return own.length === 0 ? rows.right : [...rows.right, ...own].sort((a, b) => a.version - b.version);
  };
  const written = () => buffer.rows().map(({ row }) => row);
  const writer: TLogWriter = {
    txnSeq: identity.txnSeq,
    base: view,
    rowsOf: (partId) => attemptRead(() => merged(view.rowsOf(partId), buffer.inDirectory(partId))),
    rowsOfNode: (nodeId) =>
      attemptRead(() =>
        merged(
          view.rowsOfNode(nodeId),
          written().filter((row) => row.nodeId === nodeId),
        ),
      ),
    rowsOfTransaction: (txnSeq) =>
      attemptRead(() => merged(view.rowsOfTransaction(txnSeq), txnSeq === identity.txnSeq ? written() : [])),
    rowsAfter: (txnSeq) =>
      attemptRead(() => merged(view.rowsAfter(txnSeq), txnSeq < identity.txnSeq ? written() : [])),
    open: (row) => {
      const content = buffer.find(row)?.content ?? null;
      if (content === null) return view.open(row);
      const staged = staging.stagedBlob(content.sha256);
      return content.storageFormat === 'inline'
        ? // A copy, because whoever is handed the bytes may change them.
          inlineContent(row, async () => content.bytes && Uint8Array.from(content.bytes))
        : blobContent(files, staged ?? layout.blob(content.sha256), row);
    },
    fileOf: (row) => {
      const content = buffer.find(row)?.content ?? null;
      if (content === null) return view.fileOf?.(row) ?? null;
      if (content.storageFormat === 'inline') return null;
      return staging.stagedBlob(content.sha256) ?? view.fileOf?.(row) ?? null;
    },
    store: (content, placement) => attemptRead(() => staging.store(content, placement)),
    readStored: ({ storageFormat, sha256, bytes }, offset, length) =>
      storageFormat === 'inline' && bytes !== null
        ? right(bytes.subarray(offset, offset + length))
        : pipe(
            files.readRange(staging.stagedBlob(sha256) ?? layout.blob(sha256), offset, length)(),
            mapLeft(persistenceErrorOf),
          ),
    put: buffer.put,
    discard: buffer.discard,
    bytesOf: (row) => buffer.find(row)?.content?.bytes ?? null,
    written,
    commit: (info, beside) =>
      committingBeside(beside, (work) =>
        attempt(async () => {
          const handOn: HandOn = (to, rows) => {
            if (rows.length <= MOST_HANDED_ON) handOnDirectories(writer, to);
          };
          const during = { handOn, beside: work };
          const { committed, entry, rows, foreseen } = await commit(base, info, buffer, staging, during);
          const view = base.onCommit(entry, rows, committed.version, foreseen);
          if (view !== null && view !== foreseen?.view) handOn(view, rows);
          return committed;
        }),
      ),
    abort: () => attempt(async () => staging.discard()),
  };
  return writer;
};

/** Calls that a commit makes before its log entry is published. */
interface During {
  readonly handOn: HandOn;
  readonly beside: Beside;
}

/** A failure before the log entry is published takes back what was made so far. */
const commit = async (
  base: WriteBase,
  info: NewCommitInfo,
  buffer: WriteBuffer,
  staging: ContentStaging,
  during: During,
): Promise<Published> => {
  const { files } = base.store;
  const made: string[] = [];
  try {
    return await publishAll(base, info, buffer, staging, during, (path) => made.push(path));
  } catch (error) {
    // The failure of the commit is what counts; a file that stays behind is nothing that anybody refers to.
    staging.discard();
    for (const path of made) files.remove(path)();
    throw error;
  }
};

interface Published {
  readonly committed: Committed;
  readonly entry: LogEntry;
  readonly rows: readonly OpLogRow[];
  readonly foreseen: Foreseen | null;
}

/**
 * Blobs, then the Parquet file and the log entry: what the entry refers to is durable before it is published. A crash
 * before that leaves files that nothing refers to. `onMade` is told of every blob that got its final name.
 */
const publishAll = async (
  base: WriteBase,
  info: NewCommitInfo,
  buffer: WriteBuffer,
  staging: ContentStaging,
  { handOn, beside }: During,
  onMade: (path: string) => void,
): Promise<Published> => {
  const { files, layout } = base.store;
  const { identity, version, pondId } = base;
  const buffered = [...buffer.rows()].sort((a, b) => compareRows(a.row, b.row));
  const rows = buffered.map(({ row, content }) => ({ row, content: content?.bytes ?? null }));
  const dataPath = transactionFile(identity.txnId);
  const parquet = rows.length === 0 ? null : encodeRows(rows, pondId);
  const blobs = neededBlobs(buffered, staging);
  placeBlobs(files, layout, blobs, onMade);
  // What is staged still was stored and then not used.
  staging.discard();
  const transaction = transactionInfo(identity, base.view.txnSeq, info);
  const txn: Txn = { appId: pondId, version: identity.txnSeq, lastUpdated: milliseconds(identity) };
  const file = parquet === null ? null : newDataFile(dataPath, parquet, identity, rows);
  const add = file === null ? null : addAction(file);
  const content = encodeLogEntry(
    {
      timestamp: milliseconds(identity),
      operationParameters: {},
      engineInfo: ENGINE,
      ...transaction,
    },
    [
      ...(base.protocol === null ? [] : [{ protocol: base.protocol }]),
      ...(base.metaData === null ? [] : [{ metaData: base.metaData }]),
      { txn },
      ...(add === null ? [] : [{ add }]),
    ],
  );
  // What whoever reads the log makes of it.
  const entry: LogEntry = {
    protocol: base.protocol,
    metaData: base.metaData,
    txns: [txn],
    adds: file === null || add === null ? [] : [{ ...add, bounds: file.bounds }],
    removes: [],
    transaction,
  };
  const next: { foreseen: Foreseen | null } = { foreseen: null };
  const committed = await publishVersion(base.store, {
    version,
    entry: content,
    stagedName: stagedEntry(identity.txnId),
    dataFile: parquet === null ? null : { path: layout.dataFile(dataPath), content: parquet },
    blobs,
    ...(base.intention === undefined ? {} : { intention: base.intention }),
    ...(beside === undefined ? {} : { beside }),
    meanwhile: () => {
      next.foreseen = base.foresee(entry, rows);
      if (next.foreseen !== null) handOn(next.foreseen.view, rows);
    },
  });
  return { committed, entry, rows, foreseen: next.foreseen };
};

const neededBlobs = (
  buffered: ReturnType<WriteBuffer['rows']>,
  staging: ContentStaging,
): readonly NeededBlob[] => {
  const needed = new Map<string, NeededBlob>();
  for (const { content } of buffered) {
    if (content?.storageFormat !== 'external') continue;
    const { sha256: digest, size } = content;
    needed.set(digest, { digest, size, staged: staging.stagedBlob(digest) });
  }
  return [...needed.values()];
};

/** Our own fields, which stand beside those of Delta Lake in `commitInfo`. */
const transactionInfo = (
  identity: TransactionIdentity,
  basedOnSeq: number,
  { causedBy = [], changedInChain = [], ...info }: NewCommitInfo,
): TransactionInfo => ({
  operation: info.operation,
  txn_seq: identity.txnSeq,
  txn_id: identity.txnId,
  txn_timestamp: identity.timestamp,
  cli_args: [...info.cliArgs],
  plan_checksum: info.planChecksum,
  planner_version: info.plannerVersion,
  suppressed: info.suppressed,
  ...(causedBy.length === 0 ? {} : { caused_by: causedBy }),
  ...(changedInChain.length === 0 ? {} : { changed_in_chain: changedInChain }),
  ...(info.noGates === true ? { no_gates: true } : {}),
  ...(typeof info.incarnation === 'string' ? { incarnation: info.incarnation } : {}),
  ...(basedOnSeq === identity.txnSeq - 1 ? {} : { based_on_seq: basedOnSeq }),
});

const newDataFile = (
  path: string,
  content: Uint8Array,
  identity: TransactionIdentity,
  rows: readonly OpLogRow[],
): NewDataFile => ({
  path,
  content,
  bounds: boundsOf(rows.map(({ row }) => row)),
  modificationTime: milliseconds(identity),
  dataChange: true,
});

const milliseconds = ({ timestamp }: TransactionIdentity): number => Math.floor(timestamp / 1000);
