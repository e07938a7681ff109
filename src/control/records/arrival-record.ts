/** Fate of a file of a watched folder. */
export type ArrivalOutcome = 'taken' | 'unchanged' | 'refused';

/** The newest content of a file of a watched folder, and what became of it. */
export interface Arrival {
  /** Path on the host, absolute. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Time at which the file was last changed, microseconds since the epoch. */
  readonly modifiedAt: number;
  /** Null: it was refused before it could be read. */
  readonly sha256: string | null;
  readonly outcome: ArrivalOutcome;
  /** Reason why it was refused; null: it was not. */
  readonly reason: string | null;
  /** Commit by which its content arrived; null: that made none, or is not known. */
  readonly txnSeq: number | null;
  /** Microseconds since the epoch. */
  readonly arrivedAt: number;
  /** Path to which it was moved afterwards; null: it was not. */
  readonly aside: string | null;
  /** True: nothing is left to be done with it on the host. */
  readonly isSettled: boolean;
}

/** Files of a watched folder that were dealt with together. */
export interface WatchBatch {
  /** Microseconds since the epoch. */
  readonly endedAt: number;
  /** Its commit; null: it made none. */
  readonly txnSeq: number | null;
  /** Files that are in that commit. */
  readonly taken: number;
  /** Files whose content was there already. */
  readonly unchanged: number;
  readonly refused: number;
}

/** Facts that are remembered of a watch. */
export interface WatchStatus {
  /** Path of the entry. */
  readonly watch: string;
  /** Reason why nothing is taken in now, and since when (microseconds since the epoch); null: there is none. */
  readonly problem: { readonly message: string; readonly since: number } | null;
  /** The newest first. */
  readonly batches: readonly WatchBatch[];
  /** Files that were refused and have not come again since, the newest first. */
  readonly refused: readonly Arrival[];
}

/** A batch as it is recorded. */
export interface EndedBatch {
  readonly watch: string;
  readonly endedAt: number;
  readonly txnSeq: number | null;
  readonly arrivals: readonly Arrival[];
}

/** Versions in the data that files of a watched folder became. */
export interface LearntArrivals {
  readonly watch: string;
  /** The newest commit that was looked at. */
  readonly knownTxnSeq: number;
  /** Files, in the order of their commits. */
  readonly arrivals: readonly Arrival[];
}
