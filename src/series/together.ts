import type { TinyFsError } from '../tinyfs/errors.js';
import type { StoredStream } from '../tinyfs/persistence.js';
import type { SeriesPart } from '../tinyfs/series-format.js';
import {
  BLOCK,
  blocksOf,
  FEW,
  type Joined,
  type Joining,
  joinRest,
  type KeptBlock,
  keptOf,
  MOST_NEW,
  piecesOf,
} from './joined-blocks.js';
import { mergedFiles, readKept } from './merged-files.js';
import type { SeriesPlaces, SeriesPorts } from './series-ports.js';

/*
 * Small versions that lie inside of the op log are decoded, compared with their digests and written to files before an engine reads
 * them. Blocks of them are kept (`joined-blocks.ts`): who asks again reads these, and what came later by itself. Whoever appends
 * versions keeps them, too, so that the first one who asks finds all but the last few.
 */

type Ports = Omit<SeriesPorts, 'queryEngine'>;

const joiningOf = ({ files, workspaces, seal }: Ports, places: SeriesPlaces): Joining => ({
  files,
  workspaces,
  places,
  kept: mergedFiles(files, places.merged, seal),
});

/** Contents with the rows of all versions, one after another: large ones as they are, small ones in blocks. */
export const together = async (
  ports: Ports,
  places: SeriesPlaces,
  parts: readonly SeriesPart[],
): Promise<readonly StoredStream[]> => {
  const joining = joiningOf(ports, places);
  const found: StoredStream[] = [];
  let canKeep = true;
  for (const block of blocksOf(parts)) {
    if (block.length < FEW || !canKeep) {
      found.push(...block.map(({ content }) => content));
      continue;
    }
    let known: KeptBlock = await keptOf(joining.kept, block);
    if (isWorthJoining(known, block)) {
      const joined = await joinRest(joining, known);
      // A pond that may only be read, or nobody's key: what cannot be kept is not made again and again.
      canKeep = joined !== null;
      known = joined ?? known;
    }
    found.push(...known.joined.map((joined) => keptContent(ports, joined)));
    found.push(...known.rest.map(({ content }) => content));
  }
  return found;
};

const isWorthJoining = ({ joined, rest }: KeptBlock, block: readonly SeriesPart[]): boolean =>
  rest.length >= FEW && (joined.length === 0 || block.length === BLOCK || rest.length > MOST_NEW);

/** Joins the blocks of versions that were just appended: so many of the newest. Where that cannot be done, whoever reads them does it. */
export const joinNewest = async (
  ports: Ports,
  places: SeriesPlaces,
  parts: readonly SeriesPart[],
  newest: number,
): Promise<void> => {
  const joining = joiningOf(ports, places);
  let end = 0;
  for (const block of blocksOf(parts)) {
    end += block.length;
    if (end <= parts.length - newest || block.length < FEW) continue;
    const known = await keptOf(joining.kept, block);
    const least = block.length === BLOCK ? 1 : FEW;
    if (known.rest.length >= least && (await joinRest(joining, known)) === null) return;
  }
};

/** A kept file as a content; one that has gone meanwhile is made again. */
const keptContent = ({ files }: Pick<SeriesPorts, 'files'>, { path, parts }: Joined): StoredStream => ({
  link: path,
  async *[Symbol.asyncIterator]() {
    const outcome = yield* readKept(files, path);
    if (outcome === 'read') return;
    const pieces = await piecesOf(parts);
    if (pieces === null) throw cannotBeRead(path);
    yield* pieces;
  },
});

const cannotBeRead = (path: string): TinyFsError => ({
  _tag: 'CorruptData',
  path,
  problem: 'it has gone, and the versions of which it was made cannot be read any more',
});
