import type { Steward } from '../../../steward/steward.js';

/** Changes of a pond, as whoever waits for them is told. */
export interface Changes {
  /** Number of changes that were told so far. */
  readonly count: () => number;
  /** Resolves as soon as more than `seen` changes have been told, or when `signal` aborts. */
  readonly after: (seen: number, signal: AbortSignal) => Promise<void>;
}

/** A pond that the interface shows. */
export interface ShownPond {
  /** Name in addresses. */
  readonly name: string;
  readonly steward: Steward;
  /** Signal that the pond may have changed, by whichever process. */
  readonly changes: Changes;
}

/** Names of ponds by their directories: the last name of each, numbered where two have the same. */
export const pondNames = (directories: readonly string[]): readonly string[] => {
  const taken = new Set<string>();
  return directories.map((directory) => {
    const last = /([^/\\]+)[/\\]*$/.exec(directory)?.[1] ?? 'pond';
    let name = last;
    for (let number = 2; taken.has(name); number += 1) name = `${last}-${number}`;
    taken.add(name);
    return name;
  });
};
