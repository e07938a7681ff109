import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { type FileMetaData, snappyUncompress } from 'hyparquet';

/** Decompresses a page into exactly `size` bytes; throws an `Error` where it becomes less or more. */
export type Decompress = (compressed: Uint8Array, size: number) => Uint8Array;

/** Decompressor of each compression of Parquet. */
export type Codecs = Readonly<Partial<Record<string, Decompress>>>;

const snappy: Decompress = (compressed, size) => {
  const page = new Uint8Array(size);
  snappyUncompress(compressed, page);
  return page;
};

/** The compression of this program's own files, and none. */
const OWN_CODECS: Codecs = { SNAPPY: snappy };

/**
 * The codecs for a file's columns. What other Delta engines write is loaded only where it is met. A compression that
 * nobody here undoes has none: it is named when a page of it is read.
 */
export const codecsFor = async (metadata: FileMetaData): Promise<Codecs> => {
  const known = found.get(metadata);
  if (known !== undefined) return known;
  const codecs = await codecsOf(metadata);
  found.set(metadata, codecs);
  return codecs;
};

const found = new WeakMap<FileMetaData, Codecs>();

const codecsOf = async ({ row_groups: groups }: FileMetaData): Promise<Codecs> => {
  const used = new Set(
    groups.flatMap(({ columns }) => columns.map(({ meta_data: column }) => column?.codec)),
  );
  if ([...used].every((codec) => codec === undefined || codec === 'UNCOMPRESSED' || codec === 'SNAPPY')) {
    return OWN_CODECS;
  }
  const { decompressLz4, decompressLz4Raw, decompressZstd } = await import('hyparquet-compressors');
  return {
    ...OWN_CODECS,
    // At most so many bytes: a page of a few could become gigabytes.
    GZIP: exactly((compressed, size) => gunzipSync(compressed, { maxOutputLength: Math.max(1, size) })),
    BROTLI: exactly((compressed, size) =>
      brotliDecompressSync(compressed, { maxOutputLength: Math.max(1, size) }),
    ),
    ZSTD: exactly((compressed, size) => decompressZstd(compressed, new Uint8Array(size))),
    LZ4: exactly(decompressLz4),
    LZ4_RAW: exactly(decompressLz4Raw),
  };
};

const exactly =
  (decompress: Decompress): Decompress =>
  (compressed, size) => {
    // A dictionary of nothing: a compression may have no shorter way to say so than one that is taken for cut off.
    if (size === 0) return new Uint8Array();
    const page = decompress(compressed, size);
    if (page.length !== size) throw new Error(`a page of ${page.length} bytes that is to have ${size}`);
    return page;
  };
