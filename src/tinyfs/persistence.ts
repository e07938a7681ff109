import type { Either } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { NodeRow } from '../domain/tree/node-row.js';
import type { FileSystemError, UnsafeFile } from '../ports/file-system.js';

/** The stored rows or contents could not be read or written. What is behind it depends on the persistence. */
export type PersistenceError =
  | UnsafeFile
  | {
      /** A file or row that cannot be what it claims to be: truncated Parquet, unreadable log entry, missing blob. */
      readonly _tag: 'CorruptData';
      readonly path: string;
      readonly problem: string;
    }
  | {
      /** A file that is in order and uses what this program does not read, such as a rare compression. */
      readonly _tag: 'UnsupportedData';
      readonly path: string;
      readonly problem: string;
    }
  | {
      /** A content that was given up for its space: `pond maintain --forget-before`. */
      readonly _tag: 'ContentForgotten';
      readonly path: string;
      readonly version: number;
      /** Microseconds since the epoch. */
      readonly since: number;
      /** The transaction before which nothing was to be kept. */
      readonly before: number;
    }
  | {
      /** The host refused: a full disk, missing permission, an I/O error. */
      readonly _tag: 'StorageFailed';
      readonly path: string;
      /** The errno name: `ENOSPC`, `EACCES`, `EIO` ... */
      readonly code: string;
      readonly call: string;
      /** The store that could not be reached, and may be there later; left out: it is something else. */
      readonly unreached?: string;
    };

/** A failure of the host's filesystem as one of a persistence. */
export const persistenceErrorOf = (error: FileSystemError): PersistenceError =>
  error._tag === 'UnsafeFile'
    ? error
    : { _tag: 'StorageFailed', path: error.path, code: error.code, call: error.call };

/** Bytes of any size. An error while iterating is thrown as a {@link PersistenceError} or {@link TinyFsError}. */
export type ByteStream = AsyncIterable<Uint8Array>;

/** Content that may say where its bytes lie, for readers inside who need not have them streamed. Any stream may be taken for one that says nothing. */
export interface StoredStream extends ByteStream {
  /** The regular file of the host that consists of exactly these bytes, where there is one. Its digest has not been checked. */
  readonly file?: string;
  /** A regular file with these bytes that may go at any time, so that whoever wants to read it there links it first. */
  readonly link?: string;
  /** All of them at once, checked, where they stand in a row. Whoever is handed them may not change them. */
  readonly whole?: () => Promise<Uint8Array>;
  /** Contents with the rows of the versions of a series, one version after another, in as few pieces as can be. */
  readonly together?: () => Promise<readonly StoredStream[]>;
  /** Keeps, for those who ask for that, pieces with so many of the newest versions, which were just appended. */
  readonly joinNewest?: (count: number) => Promise<void>;
}

/**
 * Port that TinyFS reads by: the rows of one snapshot, bounded by a transaction, and their contents.
 * A view never changes under its reader. Rows come in ascending order of version.
 */
export interface PersistenceView {
  /** The newest transaction whose rows are visible. */
  readonly txnSeq: number;
  /** All rows of the entries of one directory, old versions and tombstones included. */
  readonly rowsOf: (partId: string) => TaskEither<PersistenceError, readonly NodeRow[]>;
  /**
   * All rows, in one directory, of the nodes that ever had a name there: what it takes to look up one entry of many. Null
   * where reading the whole directory takes no longer.
   */
  readonly rowsNamed?: (
    partId: string,
    name: string,
  ) => TaskEither<PersistenceError, readonly NodeRow[] | null>;
  /** Forgets the rows of a directory that it keeps in memory. */
  readonly release?: (partId: string) => void;
  /** All rows of one node, wherever it was: needed only for nodes that were moved. May scan the whole log. */
  readonly rowsOfNode: (nodeId: string) => TaskEither<PersistenceError, readonly NodeRow[]>;
  /** All rows that one transaction wrote. */
  readonly rowsOfTransaction: (txnSeq: number) => TaskEither<PersistenceError, readonly NodeRow[]>;
  /** All rows that the transactions after this one wrote, up to that of the view. */
  readonly rowsAfter: (txnSeq: number) => TaskEither<PersistenceError, readonly NodeRow[]>;
  /** The content of a row whose `storageFormat` is `inline` or `external`; its digest is checked while it is read. */
  readonly open: (row: NodeRow) => ByteStream;
  /** The content of a row whose `storageFormat` is `inline`, all at once, checked; throws as `open` does while it is read. Without it, it is streamed. */
  readonly inlineOf?: (row: NodeRow) => Promise<Uint8Array>;
  /**
   * The same of many rows, which may have it in common where it is equal: nobody may change it. Null where a content is to be asked for by itself, which
   * tells what is wrong with it. Without it, each is.
   */
  readonly inlineOfEach?: (rows: readonly NodeRow[]) => Promise<readonly (Uint8Array | null)[]>;
  /** The file that has a row's content by itself; null where there is none, or it does not have the content's size. */
  readonly fileOf?: (row: NodeRow) => string | null;
}

/** Content that is kept but not yet committed. */
export interface StoredContent {
  readonly storageFormat: 'inline' | 'external';
  readonly size: number;
  readonly sha256: string;
  /** The bytes where they are inline. */
  readonly bytes: Uint8Array | null;
}

/** A row that a transaction has written, with its content. */
export interface WrittenRow {
  readonly row: NodeRow;
  readonly content: StoredContent | null;
}

/** A view that also takes changes, which it shows at once and which nobody else sees before the commit. */
export interface PersistenceWriter extends PersistenceView {
  /** Snapshot that it builds on: it shows this as long as nothing is written. */
  readonly base: PersistenceView;
  /** Takes a content in: small ones are kept in memory, large ones are staged on disk. `inline` ones must stay in the row. */
  readonly store: (
    content: Uint8Array | ByteStream,
    placement: 'by-size' | 'inline',
  ) => TaskEither<PersistenceError, StoredContent>;
  /**
   * Adds a row of this transaction, or replaces the one with the same `partId`, `nodeId` and `version`. Its content is
   * one that `store` took in, or that of a row of the base. Returns what is kept of it: there may be tens of thousands, and
   * whoever needs it, too, keeps the same object.
   */
  readonly put: (row: NodeRow, content: StoredContent | null) => WrittenRow;
  /** Takes back this transaction's row with that identity: a node that was made and removed in one transaction leaves no row. */
  readonly discard: (row: Pick<NodeRow, 'partId' | 'nodeId' | 'version'>) => void;
  /** Reads a part of a content that `store` took in. */
  readonly readStored: (
    content: StoredContent,
    offset: number,
    length: number,
  ) => Either<PersistenceError, Uint8Array>;
  /** The bytes of a row of this transaction that has them in memory, which nobody may change; null: they are elsewhere. */
  readonly bytesOf: (row: Pick<NodeRow, 'partId' | 'nodeId' | 'version'>) => Uint8Array | null;
  /** The rows of this transaction so far. */
  readonly written: () => readonly NodeRow[];
}
