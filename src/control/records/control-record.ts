import type { Json, JsonObject } from '../../domain/documents/json.js';
import type { Chain } from '../../domain/plans/chain.js';
import type { SkipCause } from './task-status.js';

/**
 * The kind of a record. A transaction has `begin`, then `completed` or `failed`; a commit `data_committed` between them,
 * before it `intended` where a write in a store is to become a later version than it was begun for,
 * and `post_commit_...` records for each of its tasks. A firing of a schedule has `firing_...` records for each of its own.
 */
export type RecordType =
  | 'begin'
  | 'intended'
  | 'data_committed'
  | 'completed'
  | 'failed'
  | 'post_commit_pending'
  | 'post_commit_started'
  | 'post_commit_completed'
  | 'post_commit_failed'
  | 'post_commit_skipped'
  | 'post_commit_rolled_back'
  | 'post_commit_dismissed'
  | 'post_commit_cancelled'
  | 'gate_completed'
  | 'gate_failed'
  | 'firing_pending'
  | 'firing_started'
  | 'firing_completed'
  | 'firing_failed'
  | 'firing_skipped'
  | 'firing_dismissed'
  | 'firing_cancelled';

/** Kind of work that a record belongs to: a read, a write, a task after a write, or a firing of a schedule. */
export type TransactionType = 'read' | 'write' | 'post_commit' | 'firing';

/** One record, every column of the table. Times in microseconds since the epoch, durations in milliseconds. */
export interface ControlRecord {
  /** Counts all records of the table, from 1. */
  readonly recordId: number;
  /** Number of the transaction; of a write that did not commit, the one that it would have had. */
  readonly txnSeq: number;
  readonly txnId: string;
  /** The transaction whose state it began with. */
  readonly basedOnSeq: number | null;
  readonly recordType: RecordType;
  readonly transactionType: TransactionType;
  readonly timestamp: number;
  /** The command's arguments without secrets; with `begin` only. */
  readonly cliArgs: readonly string[] | null;
  /** Surroundings of the process, reduced to what may be kept; with `begin` only. */
  readonly environment: JsonObject | null;
  /** The Delta version of the commit, with `data_committed`; with `begin` and `intended` that which it is to become, in a store. */
  readonly dataFsVersion: number | null;
  readonly errorMessage: string | null;
  readonly durationMs: number | null;
  /** The commit that a task belongs to. */
  readonly parentTxnSeq: number | null;
  /** The task's number within its commit, from 1. */
  readonly executionSeq: number | null;
  readonly factoryName: string | null;
  readonly configPath: string | null;
  /** Number of the task's attempt, from 1; 0 for an entry that was rejected. */
  readonly attempt: number | null;
  /** The span that the record belongs to, as W3C Trace Context writes it. */
  readonly traceParent: string | null;
  /** The transaction whose configuration the attempt used. */
  readonly configTxnSeq: number | null;
  /** Tasks and runs by hand inside which a write was made, the outermost first; on `begin`, null outside of any. */
  readonly causedBy: Chain | null;
  /** Report of an attempt, with its end only; that of a gate. */
  readonly report: Json | null;
  /** The time before which a pending task is not begun by itself: the failure before it asked for that. */
  readonly notBefore: number | null;
  /** Reason why a task was skipped; with `post_commit_skipped` and `firing_skipped` only. */
  readonly skipCause: SkipCause | null;
  /** The time at which a firing was due; with its first record only. */
  readonly dueAt: number | null;
}

/** A record to be: the table gives it its id; what is left out is null. */
export type NewRecord = Pick<
  ControlRecord,
  'txnSeq' | 'txnId' | 'recordType' | 'transactionType' | 'timestamp'
> &
  Partial<Omit<ControlRecord, 'recordId'>>;
