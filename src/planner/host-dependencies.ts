import { ancestorsOf, parentOf } from '../domain/host-path.js';
import type { Edges, Graph } from './graph.js';
import type { ClaimedPaths, HostClaims } from './host-claims.js';

/** Which operation claims a path; paths are claimed once (see `planHostOperations`). */
interface ClaimIndex extends Pick<ClaimedPaths, 'creator' | 'remover'> {
  readonly claims: readonly HostClaims[];
  /** The directories above a path, nearest first. */
  readonly above: (path: string) => readonly string[];
}

/** Many paths share a directory. */
const rememberedAncestors = (): ClaimIndex['above'] => {
  const known = new Map<string, readonly string[]>();
  return (path) => {
    const parent = parentOf(path);
    const found = known.get(parent) ?? ancestorsOf(path);
    known.set(parent, found);
    return found;
  };
};

/**
 * What must come before what, derived from the paths alone:
 *
 * - what is removed at or above a path goes before what is made there;
 * - a directory is made before what goes into it;
 * - what is removed inside a directory goes before the directory's own removal;
 * - a read comes before what removes or replaces what is read, and otherwise after what makes it;
 * - a link comes after what the plan makes, removes or changes of what it leads to, so that it is flipped last.
 */
export const hostDependencies = (
  claims: readonly HostClaims[],
  { creator, remover }: Pick<ClaimedPaths, 'creator' | 'remover'>,
): Graph => {
  const index: ClaimIndex = { claims, above: rememberedAncestors(), creator, remover };
  const edges = distinctEdges(claims.length);
  for (const [at, claim] of claims.entries()) {
    creationEdges(index, claim, at, edges.add);
    removalEdges(index, claim, at, edges.add);
    readEdges(index, claim, at, edges.add);
  }
  treeEdges(index, edges.add);
  linkEdges(index, edges.add);
  return { size: claims.length, edges: edges.all() };
};

/** Says that `from` comes before `to`; nobody comes before anybody where there is no `from`. */
type Add = (from: number | undefined, to: number) => void;

/** Each edge once; an operation does not wait for itself. */
const distinctEdges = (size: number): { readonly add: Add; readonly all: () => Edges } => {
  const seen = new Set<number>();
  const froms: number[] = [];
  const tos: number[] = [];
  const add: Add = (from, to) => {
    if (from === undefined || from === to || seen.has(from * size + to)) return;
    seen.add(from * size + to);
    froms.push(from);
    tos.push(to);
  };
  return { add, all: () => ({ from: Int32Array.from(froms), to: Int32Array.from(tos) }) };
};

const creationEdges = (index: ClaimIndex, { creates }: HostClaims, at: number, add: Add): void => {
  if (creates === null) return;
  const above = index.above(creates.path);
  add(nearest(index.creator, above), at);
  add(farthest(index.remover, above) ?? index.remover.get(creates.path), at);
};

const removalEdges = (index: ClaimIndex, { removes }: HostClaims, at: number, add: Add): void => {
  if (removes === null) return;
  const above = index.above(removes.path);
  const outer = nearest(index.remover, above);
  if (outer !== undefined) add(at, outer);
  // Inside a directory that the plan makes with its contents: what is removed there is what was made.
  else add(nearest(index.creator, above), at);
};

const readEdges = (index: ClaimIndex, { reads }: HostClaims, at: number, add: Add): void => {
  if (reads === null) return;
  const above = index.above(reads.path);
  const removal = atOrAbove(index.remover, reads.path, above);
  if (removal !== undefined) {
    // What is read is what was there before: it may be made anew afterwards.
    add(at, removal);
    return;
  }
  const creation = atOrAbove(index.creator, reads.path, above);
  if (creation === undefined) return;
  const isReplaced = index.claims[creation]?.replaces === true && index.creator.get(reads.path) === creation;
  if (isReplaced) add(at, creation);
  else add(creation, at);
};

/** A tree is read before what is removed or replaced in it, and after what is made in it. */
const treeEdges = (index: ClaimIndex, add: Add): void => {
  const readers = placesBy(index.claims, ({ reads }) => (reads?.extent === 'tree' ? reads.path : undefined));
  if (readers.size === 0) return;
  for (const [at, { creates, removes, replaces }] of index.claims.entries()) {
    if (removes !== null) {
      for (const above of index.above(removes.path)) {
        for (const reader of readers.get(above) ?? []) add(reader, at);
      }
    }
    if (creates === null) continue;
    const isRead =
      replaces || atOrAbove(index.remover, creates.path, index.above(creates.path)) !== undefined;
    for (const above of index.above(creates.path)) {
      for (const reader of readers.get(above) ?? []) {
        if (isRead) add(reader, at);
        else add(at, reader);
      }
    }
  }
};

/**
 * A link waits for everything at, above and below what it leads to, other links excepted below: they may lead to each
 * other's surroundings.
 */
const linkEdges = (index: ClaimIndex, add: Add): void => {
  const links = placesBy(index.claims, ({ leadsTo }) => leadsTo?.path);
  if (links.size === 0) return;
  const wait = (at: number, path: string) => {
    for (const link of links.get(path) ?? []) add(at, link);
  };
  for (const [at, { creates, removes, leadsTo }] of index.claims.entries()) {
    if (leadsTo !== null) continue;
    for (const claimed of [creates, removes]) {
      if (claimed === null) continue;
      wait(at, claimed.path);
      for (const above of index.above(claimed.path)) wait(at, above);
    }
  }
  for (const [path, waiting] of links) {
    const above = index.above(path);
    const creator = atOrAbove(index.creator, path, above);
    const remover = atOrAbove(index.remover, path, above);
    for (const link of waiting) {
      add(creator, link);
      add(remover, link);
    }
  }
};

/** Operations by a path that several of them may name. */
const placesBy = (
  claims: readonly HostClaims[],
  pathOf: (claim: HostClaims) => string | undefined,
): ReadonlyMap<string, readonly number[]> => {
  const found = new Map<string, number[]>();
  for (const [at, claim] of claims.entries()) {
    const path = pathOf(claim);
    if (path === undefined) continue;
    const places = found.get(path);
    if (places === undefined) found.set(path, [at]);
    else places.push(at);
  }
  return found;
};

const nearest = (claimed: ReadonlyMap<string, number>, paths: readonly string[]): number | undefined => {
  if (claimed.size === 0) return undefined;
  for (const path of paths) {
    const at = claimed.get(path);
    if (at !== undefined) return at;
  }
  return undefined;
};

const atOrAbove = (
  claimed: ReadonlyMap<string, number>,
  path: string,
  above: readonly string[],
): number | undefined => claimed.get(path) ?? nearest(claimed, above);

const farthest = (claimed: ReadonlyMap<string, number>, paths: readonly string[]): number | undefined => {
  if (claimed.size === 0) return undefined;
  const path = paths.findLast((candidate) => claimed.has(candidate));
  return path === undefined ? undefined : claimed.get(path);
};
