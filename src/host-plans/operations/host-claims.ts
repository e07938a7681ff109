/** A path of an operation and the key under which it is written. */
export interface ClaimedPath {
  readonly key: string;
  readonly path: string;
}

/** Claims of an operation on paths. */
export interface HostClaims {
  readonly creates: ClaimedPath | null;
  /** Tells that what is at the created path may be replaced. */
  readonly replaces: boolean;
  readonly removes: ClaimedPath | null;
  readonly reads: (ClaimedPath & { readonly extent: 'entry' | 'tree' }) | null;
  /** Target of a link: wanted when everything is done, not while. */
  readonly leadsTo: ClaimedPath | null;
}

/** The claims of an operation: those given, and nothing else. */
export const claims = ({
  creates = null,
  replaces = false,
  removes = null,
  reads = null,
  leadsTo = null,
}: Partial<HostClaims>): HostClaims => ({ creates, replaces, removes, reads, leadsTo });

/** A path under the key that names it. */
export const at = (key: string, path: string): ClaimedPath => ({ key, path });

/** Claims of paths, by place. */
export interface ClaimedPaths {
  readonly creator: ReadonlyMap<string, number>;
  readonly remover: ReadonlyMap<string, number>;
  /** Claims in the order of those that came too late. */
  readonly createdTwice: readonly ClaimedTwice[];
  readonly removedTwice: readonly ClaimedTwice[];
}

export interface ClaimedTwice {
  readonly path: string;
  readonly first: number;
  readonly again: number;
}

export const claimedPaths = (claims: readonly HostClaims[]): ClaimedPaths => {
  const creator = new Map<string, number>();
  const remover = new Map<string, number>();
  const createdTwice: ClaimedTwice[] = [];
  const removedTwice: ClaimedTwice[] = [];
  claims.forEach(({ creates, removes }, at) => {
    if (creates !== null) claimPath(creator, createdTwice, creates.path, at);
    if (removes !== null) claimPath(remover, removedTwice, removes.path, at);
  });
  return { creator, remover, createdTwice, removedTwice };
};

const claimPath = (owner: Map<string, number>, twice: ClaimedTwice[], path: string, at: number): void => {
  const first = owner.get(path);
  if (first === undefined) owner.set(path, at);
  else twice.push({ path, first, again: at });
};
