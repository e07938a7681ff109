import { isLeft, right } from 'fp-ts/lib/Either.js';
import { sha256 } from '../domain/documents/sha256.js';
import { type StitchablePart, stitchablePart, stitchedFile } from '../parquet/stitched-file.js';
import type { SeriesPart } from '../tinyfs/series-format.js';
import type { MergedFiles } from './merged-files.js';
import type { SeriesPlaces, SeriesPorts } from './series-ports.js';

/*
 * Blocks of small versions are kept as few files, with the rows as they came, in the order of the versions. A block that is not full
 * yet has been joined as far as it went at some time; the next time the file that is kept and what came later become one, so that a
 * version is read once, and written a few times. Versions whose columns are others begin a file of their own.
 */

/** Versions in one block, at most: as many are in memory while it is joined. */
export const BLOCK = 64;

/** Fewer are not worth a file. */
export const FEW = 8;

/** Versions of a block that is not full that are read by themselves before it is joined again. */
export const MOST_NEW = 16;

/** Ports, places and kept files by which blocks are joined. */
export interface Joining extends Pick<SeriesPorts, 'files' | 'workspaces'> {
  readonly places: SeriesPlaces;
  readonly kept: MergedFiles;
}

/** A kept file with the rows of some versions. */
export interface Joined {
  readonly parts: readonly SeriesPart[];
  readonly key: string;
  readonly path: string;
}

/** A block as it is kept, and the versions behind that. */
export interface KeptBlock {
  readonly joined: readonly Joined[];
  readonly rest: readonly SeriesPart[];
}

/** Small versions that follow each other, counted from the first of them, so that what comes later moves none. */
export const blocksOf = (parts: readonly SeriesPart[]): readonly (readonly SeriesPart[])[] => {
  const blocks: SeriesPart[][] = [[]];
  for (const part of parts) {
    const block = blocks.at(-1) ?? [];
    if (part.content.file === undefined) block.push(part);
    if (part.content.file !== undefined) blocks.push([part], []);
    else if (block.length === BLOCK) blocks.push([]);
  }
  return blocks.filter((block) => block.length > 0);
};

/** Returns what is kept of a block. */
export const keptOf = async (kept: MergedFiles, block: readonly SeriesPart[]): Promise<KeptBlock> => {
  const joined: Joined[] = [];
  let rest = block;
  for (let found = await longestKept(kept, rest); found !== null; found = await longestKept(kept, rest)) {
    joined.push(found);
    rest = rest.slice(found.parts.length);
  }
  return { joined, rest };
};

const longestKept = async (kept: MergedFiles, parts: readonly SeriesPart[]): Promise<Joined | null> => {
  const keys = keysOf(parts);
  for (let length = parts.length; length >= FEW; length -= 1) {
    const key = keys[length - 1] ?? '';
    const path = await kept.find(key);
    if (path !== null) return { parts: parts.slice(0, length), key, path };
  }
  return null;
};

/** Raised when the same versions become other bytes. */
const JOINING = 'joined 1';

/** The keys of the first version, of the first two, and so on: of as much as a file may have been made of. */
const keysOf = (parts: readonly SeriesPart[]): readonly string[] => {
  let key = JOINING;
  return parts.map((part) => {
    key = sha256(Buffer.from(`${key} ${part.sha256}`));
    return key;
  });
};

/**
 * Joins the rest of a block to what is kept of it. Null: nothing can be kept. Versions that cannot be read stay as they are: whoever
 * reads them is told.
 */
export const joinRest = async (joining: Joining, { joined, rest }: KeptBlock): Promise<KeptBlock | null> => {
  const outcome = await joining.workspaces.use<never, KeptBlock | null>(
    joining.places.workspaces,
    (workspace) => async () => {
      const last = joined.at(-1);
      const bytes = last === undefined ? null : joining.kept.foundLast(last.key);
      // What is kept of the block is the beginning of what is made.
      const begun: Joined | null = bytes === null || last === undefined ? null : last;
      const runs = runsOf([
        ...(begun === null || bytes === null ? [] : [{ parts: begun.parts, bytes }]),
        ...(await loaded(rest)),
      ]);
      const found = joined.slice(0, joined.length - (begun === null ? 0 : 1));
      let count = 0;
      for (const run of runs) {
        const inPlaceOf = count === 0 ? begun : null;
        const isSame = inPlaceOf !== null && inPlaceOf.parts.length === run.parts.length;
        if (!isSame && run.parts.length < FEW) break;
        const made = isSame ? inPlaceOf : await keepRun(joining, `${workspace}/joined.parquet`, run);
        if (made === null) return right(null);
        if (inPlaceOf !== null && !isSame) joining.kept.drop(inPlaceOf.key);
        found.push(made);
        count += run.parts.length;
      }
      return right({ joined: found, rest: [...(begun?.parts ?? []), ...rest].slice(count) });
    },
  )();
  return isLeft(outcome) ? null : outcome.right;
};

interface Loaded {
  readonly parts: readonly SeriesPart[];
  readonly bytes: Uint8Array;
}

/** The bytes of versions, up to one that cannot be read. */
const loaded = async (parts: readonly SeriesPart[]): Promise<readonly Loaded[]> => {
  const found: Loaded[] = [];
  try {
    for (const part of parts) found.push({ parts: [part], bytes: await bytesOf(part) });
  } catch {
    // Whoever reads the versions one by one is told what is wrong with which of them.
  }
  return found;
};

const bytesOf = async ({ content }: SeriesPart): Promise<Uint8Array> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of content) chunks.push(new Uint8Array(chunk));
  return chunks.length === 1 ? (chunks[0] ?? EMPTY) : Buffer.concat(chunks);
};

const EMPTY = new Uint8Array(0);

/** Versions as one file, in pieces. */
interface Run {
  readonly parts: readonly SeriesPart[];
  readonly pieces: readonly Uint8Array[];
}

/** Contents of the same columns that follow each other, as one file each; what is not understood ends them. */
const runsOf = (contents: readonly Loaded[]): readonly Run[] => {
  const runs: { readonly parts: SeriesPart[]; readonly files: StitchablePart[] }[] = [];
  for (const { parts, bytes } of contents) {
    const file = stitchablePart(bytes);
    if (file === null) break;
    const run = runs.at(-1);
    if (run?.files[0]?.kind.equals(file.kind) === true) {
      run.parts.push(...parts);
      run.files.push(file);
    } else runs.push({ parts: [...parts], files: [file] });
  }
  return runs.map(({ parts, files }) => ({ parts, pieces: stitchedFile(files) }));
};

const keepRun = async (
  { files, kept }: Joining,
  file: string,
  { parts, pieces }: Run,
): Promise<Joined | null> => {
  const content = Buffer.concat(pieces);
  const key = keysOf(parts).at(-1) ?? '';
  // What a power loss makes of it does not have its digest.
  if (isLeft(files.writeNewFile(file, content, 'relaxed')())) return null;
  const path = await kept.keep(key, file, sha256(content));
  return path === null ? null : { parts, key, path };
};

/** Versions as one file, in pieces; null where they are not of one kind, or cannot be read any more. */
export const piecesOf = async (parts: readonly SeriesPart[]): Promise<readonly Uint8Array[] | null> => {
  const runs = runsOf(await loaded(parts));
  const [run] = runs;
  return run?.parts.length === parts.length ? run.pieces : null;
};
