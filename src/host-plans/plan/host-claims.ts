import type { HostOperation } from './host-operation.js';

/** A path of an operation and the key under which it is written. */
export interface ClaimedPath {
  readonly key: string;
  readonly path: string;
}

/** What an operation does to which paths. */
export interface HostClaims {
  readonly creates: ClaimedPath | null;
  /** What is at the created path may be replaced. */
  readonly replaces: boolean;
  readonly removes: ClaimedPath | null;
  readonly reads: (ClaimedPath & { readonly extent: 'entry' | 'tree' }) | null;
  /** What a link leads to: wanted when everything is done, not while. */
  readonly leadsTo: ClaimedPath | null;
}

const NOTHING: HostClaims = { creates: null, replaces: false, removes: null, reads: null, leadsTo: null };

/** The paths that an operation claims. */
export const claimsOf = (operation: HostOperation): HostClaims => {
  const at = (key: string, path: string): ClaimedPath => ({ key, path });
  switch (operation.kind) {
    case 'LinkCreate':
      return {
        ...NOTHING,
        creates: at('target', operation.target),
        replaces: operation.replace === true,
        leadsTo: at('source', operation.source),
      };
    case 'LinkDelete':
      return { ...NOTHING, removes: at('target', operation.target) };
    case 'DirCreate':
      return { ...NOTHING, creates: at('path', operation.path) };
    case 'DirDelete':
    case 'DirRemoveAll':
    case 'FileDelete':
      return { ...NOTHING, removes: at('path', operation.path) };
    case 'FileMove':
      return {
        ...NOTHING,
        creates: at('to', operation.to),
        replaces: operation.replace === true,
        removes: at('from', operation.from),
      };
    case 'FileBackup':
      return {
        ...NOTHING,
        creates: at('backup', operation.backup),
        reads: { ...at('source', operation.source), extent: 'entry' },
      };
    case 'FileCopy':
      return {
        ...NOTHING,
        creates: at('dest', operation.dest),
        replaces: operation.replace === true,
        reads: { ...at('source', operation.source), extent: 'entry' },
      };
    case 'DirCopy':
      return {
        ...NOTHING,
        creates: at('dest', operation.dest),
        reads: { ...at('source', operation.source), extent: 'tree' },
      };
    case 'FileWrite':
      return { ...NOTHING, creates: at('path', operation.path), replaces: operation.replace === true };
  }
};

/** Who claims which path, by place. */
export interface ClaimedPaths {
  readonly creator: ReadonlyMap<string, number>;
  readonly remover: ReadonlyMap<string, number>;
  /** In the order of those that came too late. */
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
