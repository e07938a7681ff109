import { boundedCache } from '../../domain/bounded-cache.js';
import { sha256 } from '../../domain/documents/sha256.js';
import type { NodeRow } from '../../domain/tree/node-row.js';
import { contentsOfEach } from './contents-of-each.js';
import type { OpLogRow } from './op-log-columns.js';
import type { OpenedFiles } from './opened-files.js';
import { decodeContents } from './row-decoding.js';
import { groupKey } from './row-ranges.js';
import type { Place } from './stored-row.js';

/** Contents that stand in rows: read where they are, or kept. */
export interface RowContents {
  /** The content of the row at a place; `digest` says which it is, null: that is not known. */
  readonly of: (place: Place, digest: string | null) => Promise<Uint8Array | null>;
  /** The contents of many rows, checked, each that is equal once; null: it is to be read by itself. Nobody may change them. */
  readonly ofEach: (
    rows: readonly NodeRow[],
    placeOf: (row: NodeRow) => Place | undefined,
  ) => Promise<readonly (Uint8Array | null)[]>;
  /** Keeps versions of series that were just written: whoever appends more joins them soon. */
  readonly remember: (rows: readonly OpLogRow[]) => void;
}

/** Bytes of contents that are kept: configurations are read at each commit and again by each task. */
const KEPT_CONTENT = 8 * 1024 * 1024;
/** Contents that are read with one that comes behind the one before: those of a series are asked for in their order. */
const READ_AHEAD = 32;
/** A larger content is not kept. */
const SMALL_CONTENT = 64 * 1024;
/** A larger one of those that are read in their order is not kept either: whoever goes through them does so once. */
const SMALL_IN_A_ROW = 4 * 1024;

export const rowContents = ({ open }: OpenedFiles): RowContents => {
  /** Contents by their digest: wherever merging puts a row, its content stays the same. */
  const contents = boundedCache<Uint8Array>(KEPT_CONTENT);
  /** Contents that were read ahead, until they are asked for, by their places. */
  const ahead = boundedCache<Uint8Array>(KEPT_CONTENT);
  let last: Place | null = null;

  const isNext = ({ file, index }: Place): boolean =>
    last !== null && last.file.path === file.path && last.index + 1 === index;

  const contentAt = async (place: Place): Promise<Uint8Array | null> => {
    const { file, index } = place;
    const follows = isNext(place);
    last = place;
    const known = ahead.take(groupKey(file, index));
    if (known !== undefined) return known;
    const parquet = await open(file);
    const ends = parquet.groups.find(({ end }) => index < end)?.end ?? index + 1;
    const read = async (end: number): Promise<readonly (Uint8Array | null)[]> =>
      decodeContents(parquet.path, await parquet.read({ start: index, end }, ['content']), end - index);
    if (!follows) return (await read(index + 1))[0] ?? null;
    let found: readonly (Uint8Array | null)[];
    try {
      found = await read(Math.min(index + READ_AHEAD, ends));
    } catch {
      // Another content that is damaged does not keep this one from being read.
      found = await read(index + 1);
    }
    const [content = null, ...next] = found;
    next.forEach((bytes, offset) => {
      if (bytes !== null) ahead.put(groupKey(file, index + 1 + offset), bytes, bytes.length);
    });
    return content;
  };

  return {
    of: async (place, digest) => {
      if (digest === null) return contentAt(place);
      const known = contents.get(digest);
      // Copies, because whoever is handed the bytes may change them.
      if (known !== undefined) return known.slice();
      const small = isNext(place) ? SMALL_IN_A_ROW : SMALL_CONTENT;
      const bytes = await contentAt(place);
      if (bytes !== null && bytes.length <= small && sha256(bytes) === digest) {
        contents.put(digest, bytes.slice(), bytes.length);
      }
      return bytes;
    },
    ofEach: (rows, placeOf) => contentsOfEach(open, contents, rows, placeOf),
    remember: (rows) => {
      for (const { row, content } of rows) {
        const { fileType, sha256: digest } = row;
        if (fileType === 'series' && content !== null && digest !== null && content.length <= SMALL_CONTENT)
          contents.put(digest, content, content.length);
      }
    },
  };
};
