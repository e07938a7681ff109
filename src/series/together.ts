import { isLeft, right } from 'fp-ts/lib/Either.js';
import { canonicalJson } from '../domain/documents/canonical-json.js';
import { sha256 } from '../domain/documents/sha256.js';
import { type StitchablePart, stitchablePart, stitchedFile } from '../parquet/stitched-file.js';
import type { TinyFsError } from '../tinyfs/errors.js';
import type { ByteStream } from '../tinyfs/persistence.js';
import type { SeriesPart } from '../tinyfs/series-format.js';
import { type MergedFiles, mergedFiles, readKept } from './merged-files.js';
import type { SeriesPlaces, SeriesPorts } from './series-ports.js';

/*
 * Small versions that lie inside of the op log are decoded, compared with their digests and written to files before an engine reads
 * them. Blocks of them are kept as one file each, with the rows as they came, in the order of the versions: who
 * asks again reads these. A block that is not full yet is kept as far as it was at some time, and what came later is read by itself.
 */

/** Versions in one file, at most: as many are in memory while it is made. */
const BLOCK = 64;

/** Fewer are read one by one. */
const FEW = 8;

/** Versions that are read by themselves before a block that is not full is made again. */
const MOST_NEW = 16;

/** Contents with the rows of all versions, one after another: large ones as they are, small ones in blocks. */
export const together = async (
  ports: Omit<SeriesPorts, 'queryEngine'>,
  places: SeriesPlaces,
  parts: readonly SeriesPart[],
): Promise<readonly ByteStream[]> => {
  const kept = mergedFiles(ports.files, places.merged, ports.seal);
  const found: ByteStream[] = [];
  let canKeep = true;
  for (const block of blocksOf(parts)) {
    const isMany: boolean = block.length >= FEW && canKeep;
    let first: Together | 'not-kept' | null = isMany ? await longestKept(kept, block) : null;
    if (isMany && first === null) {
      first = await keepTogether(ports, places, kept, block);
      // A pond that may only be read, or nobody's key: what cannot be kept is not made again and again.
      canKeep = first !== 'not-kept';
    }
    if (first === null || first === 'not-kept') found.push(...block.map(({ content }) => content));
    else {
      found.push(keptContent(ports, first));
      found.push(...block.slice(first.length).map(({ content }) => content));
    }
  }
  return found;
};

/** Small versions that follow each other, counted from the first of them, so that what comes later moves none. */
const blocksOf = (parts: readonly SeriesPart[]): readonly (readonly SeriesPart[])[] => {
  const blocks: SeriesPart[][] = [[]];
  for (const part of parts) {
    const block = blocks.at(-1) ?? [];
    if (part.content.file === undefined) block.push(part);
    if (part.content.file !== undefined) blocks.push([part], []);
    else if (block.length === BLOCK) blocks.push([]);
  }
  return blocks.filter((block) => block.length > 0);
};

/** The first versions of a block in one file. */
interface Together {
  readonly length: number;
  readonly parts: readonly SeriesPart[];
  readonly path: string;
}

const longestKept = async (kept: MergedFiles, block: readonly SeriesPart[]): Promise<Together | null> => {
  const least = block.length === BLOCK ? BLOCK : Math.max(FEW, block.length - MOST_NEW);
  for (let length = block.length; length >= least; length -= 1) {
    const parts = block.slice(0, length);
    const path = await kept.find(keyOf(parts));
    if (path !== null) return { length, parts, path };
  }
  return null;
};

/** Raised when the same versions become other bytes. */
const TOGETHER = 1;

const keyOf = (parts: readonly SeriesPart[]): string =>
  sha256(Buffer.from(canonicalJson(['together', TOGETHER, parts.map((part) => part.sha256)])));

/** Makes one file of a block and keeps it. Null: its versions have different columns, or cannot be read, which their reader is told. */
const keepTogether = async (
  { files, workspaces }: Omit<SeriesPorts, 'queryEngine'>,
  places: SeriesPlaces,
  kept: MergedFiles,
  block: readonly SeriesPart[],
): Promise<Together | 'not-kept' | null> => {
  const pieces = await stitched(block);
  if (pieces === null) return null;
  const path = await workspaces.use<never, string | null>(places.workspaces, (workspace) => async () => {
    const file = `${workspace}/together.parquet`;
    const content = Buffer.concat(pieces);
    // What a power loss makes of it does not have its digest.
    const wasWritten = files.writeNewFile(file, content, 'relaxed')();
    return right(isLeft(wasWritten) ? null : await kept.keep(keyOf(block), file, sha256(content)));
  })();
  if (isLeft(path) || path.right === null) return 'not-kept';
  return { length: block.length, parts: block, path: path.right };
};

const stitched = async (block: readonly SeriesPart[]): Promise<readonly Uint8Array[] | null> => {
  const parts: StitchablePart[] = [];
  try {
    for (const { content } of block) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of content) chunks.push(new Uint8Array(chunk));
      const part = stitchablePart(chunks.length === 1 ? (chunks[0] ?? EMPTY) : Buffer.concat(chunks));
      if (part === null || parts[0]?.kind.equals(part.kind) === false) return null;
      parts.push(part);
    }
  } catch {
    // Whoever reads the versions one by one is told what is wrong with which of them.
    return null;
  }
  return stitchedFile(parts);
};

const EMPTY = new Uint8Array(0);

/** A kept file as a content; one that has gone meanwhile is made again. */
const keptContent = ({ files }: Pick<SeriesPorts, 'files'>, { path, parts }: Together): ByteStream => ({
  link: path,
  async *[Symbol.asyncIterator]() {
    const outcome = yield* readKept(files, path);
    if (outcome === 'read') return;
    const pieces = await stitched(parts);
    if (pieces === null) throw cannotBeRead(path);
    yield* pieces;
  },
});

const cannotBeRead = (path: string): TinyFsError => ({
  _tag: 'CorruptData',
  path,
  problem: 'it has gone, and the versions of which it was made cannot be read any more',
});
