import type { Codecs, Decompress } from '../codecs.js';
import { NotSupported } from '../not-supported.js';

/** Bound on what the pages of a file become in all: so many times its size, and something for small files. */
const MOST_IN_ALL = 1024;
const SMALL_IN_ALL = 256 * 1024 * 1024;

/** Pages of one file, decompressed within bounds and once each. */
export interface OpenedPages {
  /** The bytes of a page's values. Throws an `Error` where the pages become too many bytes in all, `NotSupported` for an unknown codec. */
  readonly opened: (stored: Uint8Array, size: number, codec: string) => Uint8Array;
  /** The decompression by codec, for the parser, which will ask for the same pages again. */
  readonly compressors: Readonly<Record<string, Decompress>>;
}

/** Pages of a file of that size, none of which has been opened yet. */
export const openedPages = (codecs: Codecs, fileSize: number): OpenedPages => {
  const known: { readonly compressed: Uint8Array; readonly page: Uint8Array }[] = [];
  let bytesInAll = 0;

  const remembering =
    (decompress: Decompress): Decompress =>
    (compressed, size) =>
      known.find((one) => one.page.length === size && isSame(one.compressed, compressed))?.page ??
      decompress(compressed, size);
  const compressors = Object.fromEntries(
    Object.entries(codecs).flatMap(([codec, decompress]) =>
      decompress === undefined ? [] : [[codec, remembering(decompress)]],
    ),
  );

  return {
    opened: (stored, size, codec) => {
      if (codec === 'UNCOMPRESSED') return stored;
      const decompress = compressors[codec];
      if (decompress === undefined) throw new NotSupported(`compressed by ${codec}`);
      bytesInAll += size;
      if (bytesInAll > MOST_IN_ALL * fileSize + SMALL_IN_ALL) {
        throw new Error(`pages of more than ${bytesInAll} bytes in ${fileSize} bytes`);
      }
      const page = decompress(stored, size);
      known.push({ compressed: stored, page });
      return page;
    },
    compressors,
  };
};

const isSame = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && Buffer.compare(a, b) === 0;
