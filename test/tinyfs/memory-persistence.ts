import { left, right } from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { sha256 } from '../../src/domain/documents/sha256.js';
import type { NodeRow } from '../../src/domain/tree/node-row.js';
import type {
  ByteStream,
  PersistenceError,
  PersistenceView,
  PersistenceWriter,
  StoredContent,
} from '../../src/tinyfs/persistence.js';
import { isPersistenceError } from '../../src/tinyfs/thrown-error.js';
import { handOnDirectories } from '../../src/tinyfs/tree/directories.js';

/** A write transaction of the memory persistence. */
export interface MemoryWriter extends PersistenceWriter {
  /** Makes its rows visible to later snapshots. An error when another transaction of that number or a later one came first. */
  readonly commit: () => TE.TaskEither<PersistenceError, void>;
  /** Forgets its rows. */
  readonly abort: () => void;
}

/** Rows and contents in memory: for tests, of the pond and of what is built on it. */
export interface MemoryPersistence {
  /** The newest snapshot, or the state of transaction `at`. */
  readonly snapshot: (at?: number) => PersistenceView;
  /** Starts a write on the newest snapshot. */
  readonly beginWrite: (identity: { readonly txnSeq: number }) => MemoryWriter;
}

/** Contents of this size and more are told to be `external`, as in TLogFS. In bytes. */
const EXTERNAL_FROM = 64 * 1024;

/** Content comes in pieces of this size, so that readers that count on one piece are found out. In bytes. */
const CHUNK = 16 * 1024;

interface Stored {
  readonly row: NodeRow;
  readonly bytes: Uint8Array | null;
}

/**
 * An empty persistence without any transaction.
 *
 * @example
 * const persistence = createMemoryPersistence();
 * const writer = persistence.beginWrite({ txnSeq: 1 });
 */
export const createMemoryPersistence = (): MemoryPersistence => {
  const committed: Stored[] = [];
  const byDirectory = new Map<string, Stored[]>();
  let lastTxnSeq = 0;

  const append = (stored: Stored): void => {
    committed.push(stored);
    const { partId } = stored.row;
    const directory = byDirectory.get(partId);
    if (directory === undefined) byDirectory.set(partId, [stored]);
    else directory.push(stored);
  };

  const source = (bound: number): Source => ({
    directory: (partId) => (byDirectory.get(partId) ?? []).filter(({ row }) => row.txnSeq <= bound),
    all: () => committed.filter(({ row }) => row.txnSeq <= bound),
  });

  let newest = viewOf(lastTxnSeq, source(lastTxnSeq));

  return {
    snapshot: (at = lastTxnSeq) => (at >= lastTxnSeq ? newest : viewOf(at, source(at))),
    beginWrite: ({ txnSeq }) => {
      const own = new Map<string, Stored>();
      const writer: MemoryWriter = {
        ...writerOf(txnSeq, source(lastTxnSeq), own),
        base: newest,
        commit: () => async () => {
          if (txnSeq <= lastTxnSeq) return left(taken(txnSeq));
          for (const stored of own.values()) append(stored);
          lastTxnSeq = txnSeq;
          newest = viewOf(txnSeq, source(txnSeq));
          handOnDirectories(writer, newest);
          return right(undefined);
        },
        abort: () => own.clear(),
      };
      return writer;
    },
  };
};

const taken = (txnSeq: number): PersistenceError => ({
  _tag: 'StorageFailed',
  path: `transaction ${txnSeq}`,
  code: 'EEXIST',
  call: 'commit',
});

/** Where a view finds its rows. */
interface Source {
  readonly directory: (partId: string) => readonly Stored[];
  readonly all: () => readonly Stored[];
}

const keyOf = (row: Pick<NodeRow, 'partId' | 'nodeId' | 'version'>): string =>
  `${row.partId} ${row.nodeId} ${row.version}`;

const byVersion = (rows: readonly Stored[]): readonly NodeRow[] =>
  rows.map(({ row }) => row).sort((a, b) => a.version - b.version);

const viewOf = (txnSeq: number, source: Source): PersistenceView => ({
  txnSeq,
  rowsOf: (partId) => TE.fromIO(() => byVersion(source.directory(partId))),
  rowsOfNode: (nodeId) => TE.fromIO(() => byVersion(source.all().filter(({ row }) => row.nodeId === nodeId))),
  rowsOfTransaction: (wanted) =>
    TE.fromIO(() => byVersion(source.all().filter(({ row }) => row.txnSeq === wanted))),
  rowsAfter: (after) => TE.fromIO(() => byVersion(source.all().filter(({ row }) => row.txnSeq > after))),
  open: (row) => ({
    async *[Symbol.asyncIterator]() {
      const key = keyOf(row);
      const found = source.directory(row.partId).find((stored) => keyOf(stored.row) === key);
      if (found === undefined || found.bytes === null)
        throw {
          _tag: 'CorruptData',
          path: row.nodeId,
          problem: `version ${row.version} of ${JSON.stringify(row.name)} has no content`,
        } satisfies PersistenceError;
      // Copies, so that a reader that changes them changes nothing here.
      for (let at = 0; at < found.bytes.byteLength; at += CHUNK) yield found.bytes.slice(at, at + CHUNK);
    },
  }),
});

const writerOf = (
  txnSeq: number,
  based: Source,
  own: Map<string, Stored>,
): Omit<PersistenceWriter, 'base'> => {
  const contents = new Map<string, Uint8Array>();
  const view = viewOf(txnSeq, {
    directory: (partId) => [
      ...based.directory(partId),
      ...[...own.values()].filter(({ row }) => row.partId === partId),
    ],
    all: () => [...based.all(), ...own.values()],
  });
  /** A content that this write took in, or that an earlier row has. */
  const bytesOf = ({ sha256: digest, bytes }: StoredContent): Uint8Array | null =>
    bytes ??
    contents.get(digest) ??
    based.all().find((stored) => stored.row.sha256 === digest && stored.bytes !== null)?.bytes ??
    null;
  return {
    ...view,
    store: (content, placement) =>
      TE.tryCatch(
        async () => {
          const bytes = await bytesIn(content);
          const digest = sha256(bytes);
          contents.set(digest, bytes);
          return describe(bytes, digest, placement);
        },
        (thrown) => {
          if (isPersistenceError(thrown)) return thrown;
          throw thrown;
        },
      ),
    readStored: (content, offset, length) =>
      right((bytesOf(content) ?? new Uint8Array()).slice(offset, offset + length)),
    put: (row, content) => {
      own.set(keyOf(row), { row, bytes: content === null ? null : bytesOf(content) });
      return { row, content };
    },
    discard: (row) => {
      own.delete(keyOf(row));
    },
    bytesOf: (row) => own.get(keyOf(row))?.bytes ?? null,
    written: () => [...own.values()].map(({ row }) => row),
  };
};

/** A copy: the caller may use its buffer again. */
const bytesIn = async (content: Uint8Array | ByteStream): Promise<Uint8Array> => {
  if (content instanceof Uint8Array) return content.slice();
  const chunks: Uint8Array[] = [];
  for await (const chunk of content) chunks.push(chunk.slice());
  return new Uint8Array(Buffer.concat(chunks));
};

const describe = (bytes: Uint8Array, digest: string, placement: 'by-size' | 'inline'): StoredContent => {
  const inline = placement === 'inline' || bytes.byteLength < EXTERNAL_FROM;
  return {
    storageFormat: inline ? 'inline' : 'external',
    size: bytes.byteLength,
    sha256: digest,
    bytes: inline ? bytes : null,
  };
};
