import { entryKey } from '../remotes/remote-keys.js';
import type { TLogError } from '../tlogfs/tlog.js';

/** The writer's lock, from when it is taken to when it is let go of. */
export interface WriterTurn {
  /** Tells whether nobody else can have it. */
  readonly isHeldStill: () => Promise<boolean>;
  /** Counts the turns of everybody; null: nobody counts. */
  readonly turn: number | null;
}

/**
 * Knowledge about this process's turns as the writer. Whoever has the lock asks the store once for what is newer; and not even
 * that where nobody has had the lock since its own last turn. What others do without the lock is met at the commit point.
 */
export interface WriterTurns {
  /** A turn begins; it ends with the returned function. */
  readonly begin: (turn: WriterTurn) => () => void;
  readonly mustAsk: () => boolean;
  /** Does what asks the store. */
  readonly asking: (ask: () => Promise<void>) => Promise<void>;
  /** Something came otherwise than what is known would have it: the store is asked next time. */
  readonly doubt: () => void;
  /** Throws `LockLost` where this process has had a turn and lost it. Asked for before every entry that is put. */
  readonly mayPublish: (store: string, version: number) => Promise<void>;
}

export const writerTurns = (): WriterTurns => {
  let mine: { readonly lock: WriterTurn; isAsked: boolean } | null = null;
  /** The last turn of this process at whose end it knew everything. */
  let last: number | null = null;
  return {
    begin: (lock) => {
      const begun = { lock, isAsked: lock.turn !== null && last === lock.turn - 1 };
      mine = begun;
      return () => {
        if (mine !== begun) return;
        mine = null;
        last = begun.isAsked ? lock.turn : null;
      };
    },
    mustAsk: () => mine?.isAsked !== true,
    asking: async (ask) => {
      const under = mine;
      await ask();
      if (under !== null) under.isAsked = true;
    },
    doubt: () => {
      last = null;
      if (mine !== null) mine.isAsked = false;
    },
    mayPublish: async (store, version) => {
      if (mine === null || (await mine.lock.isHeldStill())) return;
      throw { _tag: 'LockLost', path: `${store}/${entryKey(version)}`, version } satisfies TLogError;
    },
  };
};
