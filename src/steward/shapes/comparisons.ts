import type { Change } from '../../domain/tree/change.js';
import type { Difference } from '../../domain/tree/difference.js';
import type { Forgetting } from '../../domain/tree/node-row.js';
import type { QueryRows } from '../../ports/query-engine.js';

/** Two states to compare: those after two transactions; `to`: default the newest. */
export interface ComparisonRange {
  /** The transaction of the older state. */
  readonly from: number;
  /** The transaction of the newer state. */
  readonly to?: number;
  /** Only what is at or below this path. */
  readonly path?: string;
}

/** Differences of two states. */
export interface Comparison {
  /** The transaction of the older state. */
  readonly from: number;
  /** The transaction of the newer state. */
  readonly to: number;
  /** Sorted by path (bytes of UTF-8). */
  readonly differences: readonly Difference[];
}

/** Two states of one path whose rows are compared. */
export interface RowComparisonRange extends ComparisonRange {
  readonly path: string;
  /** Columns that together name a row: rows of both states with the same values of them are shown as a pair. Default: none. */
  readonly key?: readonly string[];
  /** Rows at most. Default: all. */
  readonly maxRows?: number;
  readonly signal?: AbortSignal;
}

/**
 * Rows that two states of a path do not have equally often. The column `change` says `added` or `removed`, with a key `before` and
 * `after` where both states have a row of that key; `times` how often.
 */
export interface RowComparison extends QueryRows {
  /** The transaction of the older state. */
  readonly from: number;
  /** The transaction of the newer state. */
  readonly to: number;
}

/** A span of time in microseconds since the epoch, both ends included, and how many of its commits are asked for. */
export interface HistoryQuery {
  /** The beginning; default: the first commit. */
  readonly since?: number;
  /** The end; default: now. */
  readonly until?: number;
  /** Commits, at most, the newest ones; default: all. */
  readonly limit?: number;
}

/** A commit that touched a path, and how. */
export interface PathCommit {
  /** Number of the commit. */
  readonly txnSeq: number;
  /** Microseconds since the epoch. */
  readonly timestamp: number;
  /** The word for the kind of change that the write was given. */
  readonly operation: string;
  /** The command that made it; empty where the library did. */
  readonly cliArgs: readonly string[];
  /** Each with the version and size of the node after the commit. */
  readonly changes: readonly (Change & {
    readonly version: number;
    readonly size: number;
    /** Present where the content that it had then is no longer there: since when. */
    readonly forgotten?: Forgetting;
  })[];
}
