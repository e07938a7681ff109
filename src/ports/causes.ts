import type { Chain } from '../domain/plans/chain.js';

/** Token by which another process finds out whether what is innermost in a chain is still going on. */
export type CauseMark = {
  /** The pond's directory, absolute. */
  readonly pond: string;
  /** The transaction that it reads. */
  readonly txn_seq: number;
} & (
  | {
      /** An attempt: its claim, which is running in the pond's control table. */
      readonly token: number;
    }
  | {
      /** A run by hand: its transaction, which is open there. */
      readonly txn_id: string;
    }
);

/** A transaction that writes to a pond, in the words of whoever is called by it. */
export interface Writing {
  readonly pondId: string;
  readonly isOver: () => boolean;
}

/** Causes that called the code that is running. */
export interface Cause {
  /** Tasks and runs by hand, the outermost first. */
  readonly chain: Chain;
  /** The innermost of them; null where there is none. */
  readonly mark: CauseMark | null;
  /** The place of its attempt in a trace; null where there is none. */
  readonly traceParent: string | null;
  /** Tells whether it has ended, so that it counts for nothing any more: what it started may live on. */
  readonly isOver: () => boolean;
  /** Write transactions inside which this is. */
  readonly writing: readonly Writing[];
}

/** Work that has begun. Those who ask later whether it is over hold nothing of the work itself, however long they live. */
export interface Begun {
  readonly isOver: () => boolean;
  /** Is called once. */
  readonly end: () => void;
}

/** The cause of what runs in this process, followed through everything that is called and awaited. */
export interface Causes {
  /** Null: nothing that this product has started. */
  readonly current: () => Cause | null;
  /** Begins work that causes something: it is followed until all that has begun is over. */
  readonly begin: () => Begun;
  readonly within: <A>(cause: Cause, work: () => A) => A;
}

/**
 * The contents that are being made right now, by what the running code was called by: a factory that reads what another
 * one makes is called by that one. Each is followed through everything that is called and awaited.
 */
export interface ContentChains {
  /** Names of contents that are being made, the outermost first. */
  readonly current: () => readonly string[];
  readonly within: <A>(chain: readonly string[], work: () => A) => A;
}
