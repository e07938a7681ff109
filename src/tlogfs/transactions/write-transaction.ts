import type { NodeRow } from '../../domain/tree/node-row.js';
import type { PersistenceView } from '../../tinyfs/persistence.js';
import { handOnDirectories } from '../../tinyfs/tree/directories.js';
import { type NeededBlob, placeBlobs } from '../contents/blob-placement.js';
import { type ContentStaging, contentStaging } from '../contents/content-staging.js';
import { attempt, attemptRead } from '../failure.js';
import type { LogEntry } from '../log/log-entry.js';
import { publishVersion } from '../log/publication.js';
import type { OpLogRow } from '../rows/op-log-columns.js';
import { compareRows } from '../rows/row-encoding.js';
import { stagedEntry } from '../table-layout.js';
import type { Committed, NewCommitInfo, TLogWriter } from '../tlog.js';
import { type Beside, committingBeside } from './beside.js';
import { entryOfWrite, newDataFile } from './entry-of-write.js';
import { fileOfContent, inlineOfEach, type OwnContents, openContent, readStored } from './own-contents.js';
import type { Foreseen, WriteBase } from './write-base.js';
import { type WriteBuffer, writeBuffer } from './write-buffer.js';

/** Hands on to the state that a commit makes what its writer knows. */
type HandOn = (to: PersistenceView, rows: readonly OpLogRow[]) => void;

/** Rows of a commit up to which its directories are handed on: of more of them the next one is told nothing, and has their memory. */
const MOST_HANDED_ON = 8_192;

/** A write transaction: everything stays in memory and in `_staging` until it is committed. */
export const openWriter = (base: WriteBase): TLogWriter => {
  const { files, layout } = base.store;
  const { identity, view } = base;
  const buffer = writeBuffer();
  // What a backing is sent need not be durable here before.
  const holdsBlobs = base.store.backing !== undefined;
  const staging = contentStaging(files, layout, identity.txnId, { holdsBlobs });
  const own: OwnContents = { view, buffer, staging, store: base.store };
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
    open: (row) => openContent(own, row),
    inlineOfEach: (rows) => inlineOfEach(own, rows),
    fileOf: (row) => fileOfContent(own, row),
    store: (content, placement) => attemptRead(() => staging.store(content, placement)),
    readStored: (stored, offset, length) => readStored(own, stored, { offset, length }),
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
          const committing = { base, info, buffer, staging, handOn, beside: work };
          const { committed, entry, rows, foreseen } = await commit(committing);
          const view = base.onCommit(entry, rows, committed.version, foreseen);
          if (view !== null && view !== foreseen?.view) handOn(view, rows);
          return committed;
        }),
      ),
    abort: () => attempt(async () => staging.discard()),
  };
  return writer;
};

/** Rows of the base and, after them, those of the transaction, by version. */
const merged = async (
  earlier: ReturnType<PersistenceView['rowsOf']>,
  own: readonly NodeRow[],
): Promise<readonly NodeRow[]> => {
  const rows = await earlier();
  if (rows._tag === 'Left') throw rows.left;
  return own.length === 0 ? rows.right : [...rows.right, ...own].sort((a, b) => a.version - b.version);
};

/** A commit under way, and the calls that it makes before its log entry is published. */
interface Committing {
  readonly base: WriteBase;
  readonly info: NewCommitInfo;
  readonly buffer: WriteBuffer;
  readonly staging: ContentStaging;
  readonly handOn: HandOn;
  readonly beside: Beside;
}

/** A failure before the log entry is published takes back what was made so far. */
const commit = async (committing: Committing): Promise<Published> => {
  const { files } = committing.base.store;
  const made: string[] = [];
  try {
    return await publishAll(committing, (path) => made.push(path));
  } catch (error) {
    // The failure of the commit is what counts; a file that stays behind is nothing that anybody refers to.
    committing.staging.discard();
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
  { base, info, buffer, staging, handOn, beside }: Committing,
  onMade: (path: string) => void,
): Promise<Published> => {
  const { files, layout } = base.store;
  const buffered = [...buffer.rows()].sort((a, b) => compareRows(a.row, b.row));
  const rows = buffered.map(({ row, content }) => ({ row, content: content?.bytes ?? null }));
  const data = rows.length === 0 ? null : newDataFile(base, rows);
  const blobs = neededBlobs(buffered, staging);
  placeBlobs(files, layout, blobs, onMade);
  // What is staged still was stored and then not used.
  staging.discard();
  const { entry, content } = entryOfWrite(base, info, data);
  const next: { foreseen: Foreseen | null } = { foreseen: null };
  const committed = await publishVersion(base.store, {
    version: base.version,
    entry: content,
    stagedName: stagedEntry(base.identity.txnId),
    dataFile: data === null ? null : { path: layout.dataFile(data.path), content: data.content },
    blobs,
    ...(base.intention === undefined ? {} : { intention: base.intention }),
    ...(beside === undefined ? {} : { beside }),
    meanwhile: () => {
      next.foreseen = base.foresee(entry, rows);
      if (next.foreseen !== null) handOn(next.foreseen.view, rows);
      return next.foreseen;
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
    const held = staging.heldBlob(digest);
    needed.set(digest, {
      digest,
      size,
      staged: staging.stagedBlob(digest),
      ...(held === null ? {} : { held }),
    });
  }
  return [...needed.values()];
};
