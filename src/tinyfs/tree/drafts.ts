import type { NodeRow } from '../../domain/tree/node-row.js';
import type { PersistenceWriter } from '../persistence.js';
import type { Directories } from './directories.js';
import {
  type DraftRow,
  described,
  type NewContent,
  type NodeDraft,
  rowAfter,
  rowsOfDraft,
  type WriteIdentity,
} from './node-draft.js';

/** Changes of a write transaction so far, node by node. */
export interface Drafts {
  /** Changes that the transaction has made to a current node. */
  readonly of: (row: NodeRow) => NodeDraft;
  /**
   * Makes a node what the draft says: exchanges its rows in the persistence and in the directories. Synchronous, so
   * that nobody sees half of it; the directories concerned must have been read.
   */
  readonly put: (draft: NodeDraft) => void;
  /** Adds one more version to a series. The versions before it are left alone, however many they are. */
  readonly append: (row: NodeRow, written: NewContent) => void;
}

interface Drafted {
  readonly draft: NodeDraft;
  readonly rows: DraftRow[];
}

export const createDrafts = (
  writer: PersistenceWriter,
  directories: Directories,
  txn: WriteIdentity,
): Drafts => {
  const drafts = new Map<string, Drafted>();

  const of: Drafts['of'] = (row) => drafts.get(row.nodeId)?.draft ?? untouched(row);

  const put: Drafts['put'] = (draft) => {
    const before = drafts.get(draft.nodeId)?.rows ?? [];
    const after = rowsOfDraft(draft, txn);
    drafts.set(draft.nodeId, { draft, rows: [...after] });
    // New rows first: a content that stays is never without a row.
    for (const { row, content } of after) writer.put(row, content);
    const kept = new Set(after.map(({ row }) => keyOf(row)));
    for (const { row } of before) if (!kept.has(keyOf(row))) writer.discard(row);
    for (const partId of new Set([...before, ...after].map(({ row }) => row.partId)))
      directories.peek(partId)?.rewrite(
        draft.nodeId,
        txn.txnSeq,
        after.map(({ row }) => row).filter((row) => row.partId === partId),
      );
  };

  const append: Drafts['append'] = (row, written) => {
    const drafted = drafts.get(row.nodeId);
    const draft = of(row);
    // What is appended says its attributes itself.
    const { attributes: _, ...plain } = draft;
    const next: NodeDraft = { ...plain, contents: [...described(draft), written] };
    const last = drafted?.rows.at(-1);
    if (drafted === undefined || last === undefined || draft.contents.length === 0) {
      put(next);
      return;
    }
    const added = rowAfter(last.row, written);
    drafted.rows.push(added);
    drafts.set(row.nodeId, { draft: next, rows: drafted.rows });
    writer.put(added.row, added.content);
    directories.peek(added.row.partId)?.append(added.row);
  };

  return { of, put, append };
};

const untouched = (row: NodeRow): NodeDraft => ({
  nodeId: row.nodeId,
  fileType: row.fileType,
  base: row,
  place: { partId: row.partId, name: row.name },
  contents: [],
});

const keyOf = (row: NodeRow): string => `${row.partId} ${row.version}`;
