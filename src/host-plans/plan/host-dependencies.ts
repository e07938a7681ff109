import type { Graph } from '../../planner/graph/graph.js';
import type { ClaimedPaths, HostClaims } from '../operations/host-claims.js';
import { ancestorsOf, parentOf } from '../operations/host-path.js';

/** The operation that claims a path; paths are claimed once (see `planHostOperations`). */
type Claimed = Pick<ClaimedPaths, 'creator' | 'remover'>;

interface ClaimIndex extends Claimed {
  readonly claims: readonly HostClaims[];
  /** Paths that are above a path. */
  readonly above: (path: string) => Above;
}

/** The directories above a path, and who claims them. */
interface Above {
  /** Nearest first. */
  readonly directories: readonly string[];
  /** Maker of the nearest one that the plan makes. */
  readonly creator: number | undefined;
  /** Removers of the nearest one that the plan removes, and of the farthest one. */
  readonly remover: number | undefined;
  readonly outermostRemover: number | undefined;
}

/** Many paths share a directory: what is above them is found out once. */
const rememberedAbove = ({ creator, remover }: Claimed): ClaimIndex['above'] => {
  const known = new Map<string, Above>();
  return (path) => {
    const parent = parentOf(path);
    const found = known.get(parent);
    if (found !== undefined) return found;
    const directories = ancestorsOf(path);
    const farthestFirst = directories.toReversed();
    const above = {
      directories,
      creator: firstOf(creator, directories),
      remover: firstOf(remover, directories),
      outermostRemover: firstOf(remover, farthestFirst),
    };
    known.set(parent, above);
    return above;
  };
};

const firstOf = (claimed: ReadonlyMap<string, number>, paths: readonly string[]): number | undefined => {
  const path = paths.find((candidate) => claimed.has(candidate));
  return path === undefined ? undefined : claimed.get(path);
};

/**
 * Order of operations, derived from the paths alone:
 *
 * - what is removed at or above a path goes before what is made there;
 * - a directory is made before what goes into it;
 * - what is removed inside a directory goes before the directory's own removal;
 * - a read comes before what removes or replaces what is read, and otherwise after what makes it;
 * - a link comes after what the plan makes, removes or changes of what it leads to, so that it is flipped last.
 *
 * An edge may be there more than once, when there is more than one reason for it.
 */
export const hostDependencies = (claims: readonly HostClaims[], claimed: Claimed): Graph => {
  const { creator, remover } = claimed;
  const index: ClaimIndex = { claims, above: rememberedAbove(claimed), creator, remover };
  const froms: number[] = [];
  const tos: number[] = [];
  const add: Add = (from, to) => {
    if (from === undefined || from === to) return;
    froms.push(from);
    tos.push(to);
  };
  claims.forEach((claim, at) => {
    creationEdges(index, claim, at, add);
    removalEdges(index, claim, at, add);
    readEdges(index, claim, at, add);
  });
  treeEdges(index, add);
  linkEdges(index, add);
  return { size: claims.length, edges: { from: Int32Array.from(froms), to: Int32Array.from(tos) } };
};

/** Says that `from` comes before `to`; nobody comes before anybody where there is no `from`, or before itself. */
type Add = (from: number | undefined, to: number) => void;

const creationEdges = (index: ClaimIndex, { creates }: HostClaims, at: number, add: Add): void => {
  if (creates === null) return;
  const above = index.above(creates.path);
  add(above.creator, at);
  add(above.outermostRemover ?? index.remover.get(creates.path), at);
};

const removalEdges = (index: ClaimIndex, { removes }: HostClaims, at: number, add: Add): void => {
  if (removes === null) return;
  const above = index.above(removes.path);
  if (above.remover !== undefined) add(at, above.remover);
  // Inside a directory that the plan makes with its contents: what is removed there is what was made.
  else add(above.creator, at);
};

const readEdges = (index: ClaimIndex, { reads }: HostClaims, at: number, add: Add): void => {
  if (reads === null) return;
  const above = index.above(reads.path);
  const removal = index.remover.get(reads.path) ?? above.remover;
  if (removal !== undefined) {
    // What is read is what was there before: it may be made again afterwards.
    add(at, removal);
    return;
  }
  const creation = index.creator.get(reads.path) ?? above.creator;
  if (creation === undefined) return;
  const isReplaced = index.claims[creation]?.replaces === true && index.creator.get(reads.path) === creation;
  if (isReplaced) add(at, creation);
  else add(creation, at);
};

/** A tree is read before what is removed or replaced in it, and after what is made in it. */
const treeEdges = (index: ClaimIndex, add: Add): void => {
  const readers = placesBy(index.claims, ({ reads }) => (reads?.extent === 'tree' ? reads.path : undefined));
  if (readers.paths.size === 0) return;
  index.claims.forEach(({ creates, removes, replaces }, at) => {
    if (removes !== null) {
      for (const directory of index.above(removes.path).directories) {
        readers.each(directory, (reader) => add(reader, at));
      }
    }
    if (creates === null) return;
    const above = index.above(creates.path);
    const isRead = replaces || (index.remover.get(creates.path) ?? above.remover) !== undefined;
    for (const directory of above.directories) {
      readers.each(directory, (reader) => (isRead ? add(reader, at) : add(at, reader)));
    }
  });
};

/**
 * A link waits for everything at, above and below what it leads to, other links excepted below: they may lead to each
 * other's surroundings.
 */
const linkEdges = (index: ClaimIndex, add: Add): void => {
  const links = placesBy(index.claims, ({ leadsTo }) => leadsTo?.path);
  if (links.paths.size === 0) return;
  const wait = (at: number, path: string) => links.each(path, (link) => add(at, link));
  index.claims.forEach(({ creates, removes, leadsTo }, at) => {
    if (leadsTo !== null) {
      const above = index.above(leadsTo.path);
      add(index.creator.get(leadsTo.path) ?? above.creator, at);
      add(index.remover.get(leadsTo.path) ?? above.remover, at);
      return;
    }
    for (const claimed of [creates, removes]) {
      if (claimed === null) continue;
      wait(at, claimed.path);
      for (const directory of index.above(claimed.path).directories) wait(at, directory);
    }
  });
};

/** Operations by a path that several of them may name. */
interface PlacesByPath {
  /** The last one of each path. */
  readonly paths: ReadonlyMap<string, number>;
  readonly each: (path: string, use: (at: number) => void) => void;
}

/** Each place leads to the one before it with the same path, so that there need not be a list for every path. */
const placesBy = (
  claims: readonly HostClaims[],
  pathOf: (claim: HostClaims) => string | undefined,
): PlacesByPath => {
  const paths = new Map<string, number>();
  const before = new Int32Array(claims.length).fill(NONE);
  claims.forEach((claim, at) => {
    const path = pathOf(claim);
    if (path === undefined) return;
    before[at] = paths.get(path) ?? NONE;
    paths.set(path, at);
  });
  return {
    paths,
    each: (path, use) => {
      for (let at = paths.get(path) ?? NONE; at !== NONE; at = before[at] ?? NONE) use(at);
    },
  };
};

const NONE = -1;
