import type { NodeRow } from '../domain/node-row.js';
import { sha256 } from '../domain/sha256.js';
import type { PersistenceView } from '../tinyfs/persistence.js';
import { type NeededBlob, placeBlobs } from './blob-placement.js';
import { type ContentStaging, contentStaging } from './content-staging.js';
import { blobContent, inlineContent } from './content-stream.js';
import { attempt, attemptRead } from './failure.js';
import { encodeStatistics } from './file-statistics.js';
import { DIGEST_TAG, decodeLogEntry, encodeLogEntry, type LogEntry } from './log-entry.js';
import type { OpLogRow } from './op-log-columns.js';
import { publishEntry } from './publication.js';
import { compareRows, encodeRows } from './row-encoding.js';
import type { SnapshotSource } from './snapshot.js';
import { stagedEntry, transactionFile } from './table-layout.js';
import type { CommitInfo, Committed, TLogWriter, TransactionIdentity } from './tlog.js';
import { type WriteBuffer, writeBuffer } from './write-buffer.js';

/** What a write transaction builds on. */
export interface WriteBase {
  readonly store: Pick<SnapshotSource, 'files' | 'layout'>;
  readonly identity: TransactionIdentity;
  readonly pondId: string;
  /** The version that the commit will be. */
  readonly version: number;
  /** What was there before. */
  readonly view: PersistenceView;
  /** Actions that only this commit has: those of a new table. */
  readonly actions: readonly Readonly<Record<string, unknown>>[];
  /** Told of the commit once it is published. */
  readonly onCommit: (entry: LogEntry, rows: readonly OpLogRow[]) => void;
}

type Info = Omit<CommitInfo, keyof TransactionIdentity>;

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
  return {
    txnSeq: identity.txnSeq,
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
    open: (row) => {
      const content = buffer.find(row)?.content ?? null;
      if (content === null) return view.open(row);
      const staged = staging.stagedBlob(content.sha256);
      return content.storageFormat === 'inline'
        ? inlineContent(row, async () => content.bytes)
        : blobContent(files, staged ?? layout.blob(content.sha256), row);
    },
    store: (content, placement) => attemptRead(() => staging.store(content, placement)),
    put: buffer.put,
    discard: buffer.discard,
    written,
    commit: (info) => attempt(() => commit(base, info, buffer, staging)),
    abort: () => attempt(async () => staging.discard()),
  };
};

/** A failure before the log entry is published takes back what was made so far. */
const commit = async (
  base: WriteBase,
  info: Info,
  buffer: WriteBuffer,
  staging: ContentStaging,
): Promise<Committed> => {
  const { files } = base.store;
  const made: string[] = [];
  let published: Published;
  try {
    published = await publishAll(base, info, buffer, staging, (path) => made.push(path));
  } catch (error) {
    // The failure of the commit is what counts; a file that stays behind is nothing that anybody refers to.
    staging.discard();
    for (const path of made) files.remove(path)();
    throw error;
  }
  base.onCommit(published.entry, published.rows);
  return published.committed;
};

interface Published {
  readonly committed: Committed;
  readonly entry: LogEntry;
  readonly rows: readonly OpLogRow[];
}

/**
 * Blobs, then the Parquet file and the log entry: what the entry refers to is durable before it is published. A crash
 * before that leaves files that nothing refers to. `onMade` is told of every blob that got its final name.
 */
const publishAll = async (
  base: WriteBase,
  info: Info,
  buffer: WriteBuffer,
  staging: ContentStaging,
  onMade: (path: string) => void,
): Promise<Published> => {
  const { files, layout } = base.store;
  const { identity, version, pondId } = base;
  const buffered = [...buffer.rows()].sort((a, b) => compareRows(a.row, b.row));
  const rows = buffered.map(({ row, content }) => ({ row, content: content?.bytes ?? null }));
  const dataPath = transactionFile(identity.txnId);
  const parquet = rows.length === 0 ? null : encodeRows(rows, pondId);
  placeBlobs(files, layout, neededBlobs(buffered, staging), onMade);
  // What is staged still was stored and then not used.
  staging.discard();
  const content = encodeLogEntry(commitInfo(identity, info), [
    ...base.actions,
    { txn: { appId: pondId, version: identity.txnSeq, lastUpdated: milliseconds(identity) } },
    ...(parquet === null ? [] : [addAction(dataPath, parquet, identity, rows)]),
  ]);
  const entry = decodeLogEntry(layout.logEntry(version), content);
  const committed = await publishEntry(files, layout, {
    version,
    entry: content,
    stagedName: stagedEntry(identity.txnId),
    dataFile: parquet === null ? null : { path: layout.dataFile(dataPath), content: parquet },
  });
  return { committed, entry, rows };
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

/** Where our own fields are beside those of Delta Lake. */
const commitInfo = (identity: TransactionIdentity, info: Info): Readonly<Record<string, unknown>> => ({
  timestamp: milliseconds(identity),
  operation: info.operation,
  operationParameters: {},
  engineInfo: 'pond-steward',
  txn_seq: identity.txnSeq,
  txn_id: identity.txnId,
  txn_timestamp: identity.timestamp,
  cli_args: info.cliArgs,
  plan_checksum: info.planChecksum,
  suppressed: info.suppressed,
});

const addAction = (
  path: string,
  content: Uint8Array,
  identity: TransactionIdentity,
  rows: readonly OpLogRow[],
): Readonly<Record<string, unknown>> => ({
  add: {
    path,
    partitionValues: {},
    size: content.length,
    modificationTime: milliseconds(identity),
    dataChange: true,
    stats: encodeStatistics(rows.map(({ row }) => row)),
    tags: { [DIGEST_TAG]: sha256(content) },
  },
});

const milliseconds = ({ timestamp }: TransactionIdentity): number => Math.floor(timestamp / 1000);
