/** State of a file at one look. */
export interface SeenFile {
  /** Names below the folder, with slashes between them. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Microseconds since the epoch. */
  readonly modifiedAt: number;
  /** Mark that tells it from every other file, as long as it is there. */
  readonly identity: string;
}

/** State of a file, and since when it has had it: monotonic milliseconds. */
export interface Watched extends SeenFile {
  readonly since: number;
}

/** Files that are waited for, by name. */
export type Settling = ReadonlyMap<string, Watched>;

/** Result of a look at a folder. */
export interface Settled {
  /** Files that have not changed for as long as they must not. */
  readonly settled: readonly Watched[];
  /** Files that are there now, each with since when it is as it is. */
  readonly watched: Settling;
  /** The next time at which one will have settled, monotonic milliseconds; null: none is waited for. */
  readonly nextAt: number | null;
}

/**
 * Tells which files have settled:
 *
 *     not there ──seen──▶ waited for ──unchanged for `settleMs`──▶ settled
 *                             ▲  │                                    │
 *                             └──┴── other size, time or file ◀───────┘
 *
 * Time is counted between two looks of one process, so that neither a clock that jumps nor a modification time that somebody
 * has set makes a file settle that is still being written.
 */
export const settling = (
  before: Settling,
  seen: readonly SeenFile[],
  { now, settleMs }: { readonly now: number; readonly settleMs: number },
): Settled => {
  const watched = new Map<string, Watched>();
  for (const file of seen) {
    const known = before.get(file.name);
    const since = known !== undefined && isSame(known, file) ? known.since : now;
    watched.set(file.name, { ...file, since });
  }
  const all = [...watched.values()];
  const waiting = all.filter(({ since }) => now - since < settleMs);
  return {
    settled: all.filter(({ since }) => now - since >= settleMs),
    watched,
    nextAt: waiting.length === 0 ? null : Math.min(...waiting.map(({ since }) => since + settleMs)),
  };
};

const isSame = (a: SeenFile, b: SeenFile): boolean =>
  a.size === b.size && a.modifiedAt === b.modifiedAt && a.identity === b.identity;
