import { createHash } from 'node:crypto';
import { sha256 } from '../../domain/documents/sha256.js';
import type { FileSystem } from '../../ports/file-system.js';
import type { ByteStream, PersistenceWriter, StoredContent } from '../../tinyfs/persistence.js';
import { run } from '../failure.js';
import { stagedBlob, type TableLayout } from '../table-layout.js';
import { type WatchedSource, watchedSource } from './watched-source.js';

/** Contents from this size on are blobs, bytes. */
const EXTERNAL_FROM = 64 * 1024;
/** Bytes that a transaction has inline at most; the rest become blobs whatever their size. */
const INLINE_TOTAL = 32 * 1024 * 1024;
/** Bytes of blobs that a transaction holds in memory at most, where it holds any. */
const HELD_TOTAL = 32 * 1024 * 1024;

type Placement = Parameters<PersistenceWriter['store']>[1];

/** Options of staging. */
export interface StagingOptions {
  /** Holds blobs in memory that were given as bytes, as long as they are not many: the table is not in the directory where they would be staged. */
  readonly holdsBlobs: boolean;
}

/** Contents of one transaction that are not committed yet: small ones in memory, large ones durable in `_staging`. */
export interface ContentStaging {
  readonly store: (content: Uint8Array | ByteStream, placement: Placement) => Promise<StoredContent>;
  /** Returns the path where the blob of that digest is staged; null: it is among the committed blobs, if anywhere. */
  readonly stagedBlob: (digest: string) => string | null;
  /** Returns the blob of that digest where it is held in memory; else null. */
  readonly heldBlob: (digest: string) => Uint8Array | null;
  /** Puts a blob that is held into a file, for whoever reads files; returns its path, or null where it is not held, or could not be written. */
  readonly fileOfHeld: (digest: string) => string | null;
  /** Removes everything that is still staged; what cannot be removed is left to `discardStaged`. */
  readonly discard: () => void;
}

/** Staging of a transaction that has stored nothing yet. */
export const contentStaging = (
  files: FileSystem,
  layout: TableLayout,
  txnId: string,
  { holdsBlobs }: StagingOptions = { holdsBlobs: false },
): ContentStaging => {
  const staged = new Map<string, string>();
  const held = new Map<string, Uint8Array>();
  let inlineBytes = 0;
  let heldBytes = 0;
  let count = 0;

  const inline = (bytes: Uint8Array): StoredContent => {
    inlineBytes += bytes.length;
    // Copied, as the caller may use its buffer again before the commit; small ones share a buffer of Node's.
    return {
      storageFormat: 'inline',
      size: bytes.length,
      sha256: sha256(bytes),
      bytes: Buffer.from(bytes),
    };
  };
  const fits = (length: number, placement: Placement) =>
    placement === 'inline' || (length < EXTERNAL_FROM && inlineBytes + length <= INLINE_TOTAL);
  const nextPath = () => {
    count += 1;
    return layout.staged(stagedBlob(txnId, count));
  };
  const external = (digest: string, size: number): StoredContent => ({
    storageFormat: 'external',
    size,
    sha256: digest,
    bytes: null,
  });

  const isStored = (bytes: Uint8Array, digest: string): boolean => {
    if (!isBlob(files, layout, digest, bytes.length)) return false;
    const found = files.readFile(layout.blob(digest))();
    return found._tag === 'Right' && Buffer.compare(found.right, bytes) === 0;
  };
  /**
   * Keeps what is staged until the commit. Where the blob is there already, the new one takes its place at once, whatever becomes of
   * the transaction: it is what has been read, whole and durable, and the other one may have been damaged since.
   */
  const keep = (path: string, digest: string, size: number): void => {
    if (isBlob(files, layout, digest, size)) run(files.rename(path, layout.blob(digest)));
    else staged.set(digest, path);
  };

  const storeBytes = (bytes: Uint8Array): StoredContent => {
    const digest = sha256(bytes);
    if (held.has(digest) || staged.has(digest) || isStored(bytes, digest))
      return external(digest, bytes.length);
    if (holdsBlobs && heldBytes + bytes.length <= HELD_TOTAL) {
      heldBytes += bytes.length;
      held.set(digest, Buffer.from(bytes));
    } else {
      const path = nextPath();
      run(files.writeNewFile(path, bytes));
      keep(path, digest, bytes.length);
    }
    return external(digest, bytes.length);
  };

  const storeStream = async (stream: ByteStream, placement: Placement): Promise<StoredContent> => {
    const source = watchedSource(stream);
    const { head, isWhole } = await source.readAhead((length) => fits(length, placement));
    if (isWhole) return inline(Buffer.concat(head));
    const path = nextPath();
    const { sha256: digest, size } = await writeMeasured(files, path, source);
    if (staged.has(digest) || held.has(digest)) run(files.remove(path));
    else keep(path, digest, size);
    return external(digest, size);
  };

  return {
    store: async (content, placement) => {
      if (!(content instanceof Uint8Array)) return storeStream(content, placement);
      return fits(content.length, placement) ? inline(content) : storeBytes(content);
    },
    stagedBlob: (digest) => staged.get(digest) ?? null,
    heldBlob: (digest) => held.get(digest) ?? null,
    fileOfHeld: (digest) => {
      const bytes = held.get(digest);
      if (bytes === undefined) return null;
      const path = staged.get(digest) ?? nextPath();
      if (!staged.has(digest) && files.writeNewFile(path, bytes, 'relaxed')()._tag === 'Left') return null;
      staged.set(digest, path);
      return path;
    },
    discard: () => {
      for (const path of staged.values()) files.remove(path)();
      staged.clear();
      held.clear();
    },
  };
};

/** Writes a new file with a content; returns what it was. */
const writeMeasured = async (
  files: FileSystem,
  path: string,
  source: WatchedSource,
): Promise<Pick<StoredContent, 'sha256' | 'size'>> => {
  const hash = createHash('sha256');
  let size = 0;
  async function* measured(): AsyncGenerator<Uint8Array> {
    for await (const chunk of source.bytes()) {
      hash.update(chunk);
      size += chunk.length;
      yield chunk;
    }
  }
  const writing = async () => files.streamToNewFile(path, measured())();
  const written = await writing().catch((thrown: unknown) => {
    throw source.failure(thrown);
  });
  if (written._tag === 'Left') throw source.failure(written.left);
  return { sha256: hash.digest('hex'), size };
};

/** Tells whether that blob is there already, whole: it was complete and durable before it got its name. */
export const isBlob = (files: FileSystem, layout: TableLayout, digest: string, size: number): boolean => {
  const found = files.stat(layout.blob(digest))();
  return found._tag === 'Right' && found.right.kind === 'file' && found.right.size === size;
};
