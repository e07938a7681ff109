import type { Chain } from '../../domain/plans/chain.js';

/** A committed write that the control table knows. */
export interface KnownCommit {
  readonly txnSeq: number;
  readonly txnId: string;
  readonly dataFsVersion: number;
  /** Tells whether the table of the data does not have it any more: an older copy was put back. */
  readonly isGone: boolean;
}

/** Facts about the newest commit that are known without a look at all of them. */
export interface NewestCommit {
  /** The newest commit that has not gone; null where there is none. */
  readonly commit: Omit<KnownCommit, 'isGone'> | null;
  /** The highest number that a commit was ever recorded under, gone ones included; 0 where there is none. */
  readonly highestSeq: number;
  /** Tells whether the table of the data has another commit under the number of one that has gone. */
  readonly isReplaced: boolean;
}

/** Commits that have gone from the table of the data, and those that are there again. */
export interface GoneCommits {
  readonly gone: readonly { readonly txnSeq: number; readonly txnId: string; readonly isReplaced: boolean }[];
  readonly returned: readonly string[];
}

/** A commit that was made inside a task or a run by hand. */
export interface CausedCommit {
  readonly txnSeq: number;
  readonly txnId: string;
  readonly causedBy: Chain;
}
