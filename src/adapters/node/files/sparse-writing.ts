/** Functions that write a file at a position, and give it its size. */
export interface Positioned {
  /** Writes some of the bytes; returns how many. */
  readonly write: (bytes: Uint8Array, position: number) => Promise<number>;
  readonly truncate: (size: number) => Promise<void>;
}

/** A file that is written from its beginning to its end. */
export interface SparseWriter {
  readonly add: (bytes: Uint8Array) => Promise<void>;
  /** Gives the file its size. */
  readonly end: () => Promise<void>;
}

/** The least that becomes a hole: smaller ones save nothing on most filesystems. */
const LEAST_HOLE = 65_536;

const LONGEST_HOLE = 1024 * 1024;

/** Made with the first file that may have a hole. */
let zeros: Buffer | null = null;

/**
 * Writes a file so that large stretches of zeros take no room in it: a sparse file that is copied stays one, and does not
 * fill a disk that has room for what is in it.
 */
export const sparseWriter = ({ write, truncate }: Positioned): SparseWriter => {
  let size = 0;
  let endsInHole = false;
  return {
    add: async (bytes) => {
      if (isHole(bytes)) {
        size += bytes.length;
        endsInHole = true;
        return;
      }
      if (bytes.length > 0) endsInHole = false;
      for (let written = 0; written < bytes.length; ) {
        const count = await write(bytes.subarray(written), size);
        written += count;
        size += count;
      }
    },
    end: async () => {
      if (endsInHole) await truncate(size);
    },
  };
};

const isHole = (bytes: Uint8Array): boolean => {
  if (bytes.length < LEAST_HOLE || bytes.length > LONGEST_HOLE) return false;
  zeros ??= Buffer.alloc(LONGEST_HOLE);
  return zeros.compare(bytes, 0, bytes.length, 0, bytes.length) === 0;
};
