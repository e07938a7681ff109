import { closeSync } from 'node:fs';

/** Directories that are open at once, at most, besides those that are in use: a quarter of what a process may have open by default. */
const MOST_OPEN = 256;

/** An open directory. */
export interface OpenDirectory {
  readonly file: number;
  /** Number of those who are at work in it: as long as there is one, it stays open. */
  users: number;
  /** Number of the use that was its last. */
  usedAt: number;
}

/** Open directories by their paths; those that were not used for longest are closed when there are many. */
export interface OpenDirectories {
  /** The open directory of a path, which counts as used; null where there is none. */
  readonly use: (path: string) => OpenDirectory | null;
  readonly keep: (path: string, file: number) => OpenDirectory;
  readonly letGo: (path: string) => void;
  readonly letAllGo: () => void;
}

/** Open directories, none of which is there yet. */
export const openDirectories = (): OpenDirectories => {
  const held = new Map<string, OpenDirectory>();
  let uses = 0;

  const letGo = (path: string): void => {
    const open = held.get(path);
    if (open === undefined) return;
    held.delete(path);
    closeSync(open.file);
  };

  /** Null where all are in use, but for the one that is left out. */
  const leastRecentlyUsed = (leftOut: OpenDirectory): string | null => {
    let oldest: readonly [path: string, open: OpenDirectory] | null = null;
    for (const one of held) {
      const [, { users, usedAt }] = one;
      if (users > 0 || one[1] === leftOut) continue;
      if (oldest === null || usedAt < oldest[1].usedAt) oldest = one;
    }
    return oldest?.[0] ?? null;
  };

  return {
    use: (path) => {
      const open = held.get(path) ?? null;
      if (open === null) return null;
      uses += 1;
      open.usedAt = uses;
      return open;
    },
    keep: (path, file) => {
      uses += 1;
      const kept = { file, users: 0, usedAt: uses };
      held.set(path, kept);
      while (held.size > MOST_OPEN) {
        const oldest = leastRecentlyUsed(kept);
        if (oldest === null) break;
        letGo(oldest);
      }
      return kept;
    },
    letGo,
    letAllGo: () => {
      for (const path of held.keys()) letGo(path);
    },
  };
};
