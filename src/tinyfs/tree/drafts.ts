import type { NodeRow } from '../../domain/tree/node-row.js';
import type { PersistenceWriter, WrittenRow } from '../persistence.js';
import type { Directories } from './directories.js';
import {
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
  readonly rows: WrittenRow[];
}

/** Tens of thousands of new files may come with one commit: one that has a content is kept as its row, which says all of its draft. */
type Kept = WrittenRow | Drafted;

export const createDrafts = (
  writer: PersistenceWriter,
  directories: Directories,
  txn: WriteIdentity,
): Drafts => {
  const drafts = new Map<string, Kept>();
  const draftedAs = (nodeId: string): Drafted | undefined => {
    const kept = drafts.get(nodeId);
    return kept === undefined ? undefined : draftedOf(kept);
  };

  const of: Drafts['of'] = (row) => draftedAs(row.nodeId)?.draft ?? untouched(row);

  const put: Drafts['put'] = (draft) => {
    const before = draftedAs(draft.nodeId)?.rows ?? [];
    // New rows first: a content that stays is never without a row.
    const after = rowsOfDraft(draft, txn).map(({ row, content }) => writer.put(row, content));
    drafts.set(draft.nodeId, keptOf(draft, after));
    const keys = before.length === 0 ? null : new Set(after.map(({ row }) => keyOf(row)));
    for (const { row } of before) if (keys?.has(keyOf(row)) !== true) writer.discard(row);
    for (const partId of new Set([...before, ...after].map(({ row }) => row.partId)))
      directories.peek(partId)?.rewrite(
        draft.nodeId,
        txn.txnSeq,
        after.map(({ row }) => row).filter((row) => row.partId === partId),
      );
  };

  const append: Drafts['append'] = (row, written) => {
    const drafted = draftedAs(row.nodeId);
    const draft = drafted?.draft ?? untouched(row);
    // What is appended says its attributes itself.
    const { attributes: _, ...plain } = draft;
    const next: NodeDraft = { ...plain, contents: [...described(draft), written] };
    const last = drafted?.rows.at(-1);
    if (drafted === undefined || last === undefined || draft.contents.length === 0) {
      put(next);
      return;
    }
    const added = rowAfter(last.row, written);
    drafted.rows.push(writer.put(added.row, added.content));
    drafts.set(row.nodeId, { draft: next, rows: drafted.rows });
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

const keptOf = (draft: NodeDraft, rows: readonly WrittenRow[]): Kept => {
  const [first] = rows;
  const isItsRow =
    draft.base === null && draft.attributes === undefined && draft.contents.length === 1 && rows.length === 1;
  return isItsRow && first !== undefined ? first : { draft, rows: [...rows] };
};

const draftedOf = (kept: Kept): Drafted => {
  if ('draft' in kept) return kept;
  const { row, content } = kept;
  const { nodeId, fileType, partId, name, factory, attributes, minEventTime, maxEventTime } = row;
  const contents = content === null ? [] : [{ content, factory, attributes, minEventTime, maxEventTime }];
  return { draft: { nodeId, fileType, base: null, place: { partId, name }, contents }, rows: [kept] };
};

const keyOf = (row: NodeRow): string => `${row.partId} ${row.version}`;
