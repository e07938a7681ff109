import type { EntryType, NodeRow } from '../../domain/tree/node-row.js';
import type { StoredContent, WrittenRow } from '../persistence.js';

/** The write transaction that rows belong to. */
export interface WriteIdentity {
  readonly txnSeq: number;
  /** Microseconds since the epoch: the time of all its rows. */
  readonly timestamp: number;
}

/** A content that the transaction gave a node. */
export interface NewContent {
  readonly content: StoredContent;
  readonly factory: string | null;
  readonly attributes: string | null;
  readonly minEventTime: number | null;
  readonly maxEventTime: number | null;
}

/** State that a write transaction has given to one node so far. */
export interface NodeDraft {
  readonly nodeId: string;
  readonly fileType: EntryType;
  /** The node's newest row before the transaction; null for a new node. */
  readonly base: NodeRow | null;
  /** Present place; null: removed. */
  readonly place: { readonly partId: string; readonly name: string } | null;
  /** Only a series has more than one: of a file that is written twice only the last content counts. */
  readonly contents: readonly NewContent[];
  /** Attributes that the transaction gave it without a content; absent: those of its newest content. */
  readonly attributes?: string;
}

/**
 * The rows that say what a draft says. They follow from the node's state before the transaction and its state now, not
 * from the steps between: what was made and removed again, or renamed there and back, leaves no row; versions have no
 * gaps; and of a node in a directory there is one row per transaction, except the versions of a series.
 */
export const rowsOfDraft = (draft: NodeDraft, txn: WriteIdentity): readonly WrittenRow[] => {
  const { base, place, contents } = draft;
  const next = (base?.version ?? 0) + 1;
  if (place === null) return base === null ? [] : [tombstone(base, next, txn)];
  const moved = base !== null && base.partId !== place.partId;
  const left = moved ? [tombstone(base, next, txn)] : [];
  const first = next + left.length;
  const row = { partId: place.partId, name: ownText(place.name), ...identityOf(draft, txn) };
  if (contents.length > 0)
    return [...left, ...described(draft).map((content, index) => withContent(row, first + index, content))];
  const renamed = base !== null && base.name !== place.name;
  const attributes = draft.attributes ?? base?.attributes ?? null;
  const redescribed = base !== null && base.attributes !== attributes;
  return base === null || moved || renamed || redescribed
    ? [...left, withoutContent(row, first, base, attributes)]
    : [];
};

/** The contents; the newest of them has the attributes that were given last. */
export const described = ({ contents, attributes }: NodeDraft): readonly NewContent[] =>
  attributes === undefined
    ? contents
    : contents.map((content, index) =>
        index === contents.length - 1 ? { ...content, attributes } : content,
      );

/** The same text by itself: V8 keeps all of a text of which another one is a part, so that the name of each new file would keep a path. */
const ownText = (text: string): string => Buffer.from(text).toString();

type RowIdentity = Pick<
  NodeRow,
  'partId' | 'nodeId' | 'name' | 'fileType' | 'timestamp' | 'txnSeq' | 'deleted'
>;

const identityOf = (draft: NodeDraft, txn: WriteIdentity) => ({
  nodeId: draft.nodeId,
  fileType: draft.fileType,
  timestamp: txn.timestamp,
  txnSeq: txn.txnSeq,
  deleted: false,
});

/** Property by property: a commit has tens of thousands of rows, and one that is copied from another takes more memory. */
const withContent = (row: RowIdentity, version: number, written: NewContent): WrittenRow => ({
  row: {
    partId: row.partId,
    nodeId: row.nodeId,
    name: row.name,
    fileType: row.fileType,
    version,
    timestamp: row.timestamp,
    txnSeq: row.txnSeq,
    deleted: row.deleted,
    storageFormat: written.content.storageFormat,
    size: written.content.size,
    sha256: written.content.sha256,
    factory: written.factory,
    minEventTime: written.minEventTime,
    maxEventTime: written.maxEventTime,
    attributes: written.attributes,
  },
  content: written.content,
});

/** The row of one more version of a series after the row that the transaction wrote last. */
export const rowAfter = (last: NodeRow, written: NewContent): WrittenRow =>
  withContent(last, last.version + 1, written);

/** A new directory, or a node that is only called differently or is elsewhere: it has the content that it had. */
const withoutContent = (
  row: RowIdentity,
  version: number,
  base: NodeRow | null,
  attributes: string | null,
): WrittenRow => ({
  row: {
    ...row,
    version,
    storageFormat: 'none',
    size: base?.size ?? 0,
    sha256: base?.sha256 ?? null,
    factory: base?.factory ?? null,
    minEventTime: null,
    maxEventTime: null,
    attributes,
  },
  content: null,
});

/** The end of an entry under the name that it had before the transaction. */
const tombstone = (base: NodeRow, version: number, txn: WriteIdentity): WrittenRow => ({
  row: {
    ...base,
    version,
    timestamp: txn.timestamp,
    txnSeq: txn.txnSeq,
    deleted: true,
    storageFormat: 'none',
    size: 0,
    sha256: null,
    minEventTime: null,
    maxEventTime: null,
    attributes: null,
  },
  content: null,
});
