import type { TaskId } from '../../domain/plans/task-id.js';
import type { Claim } from './claim.js';
import type { KeptPlace } from './commit-record.js';
import type { TaskStatus } from './task-status.js';

/** A task of a firing as it enters the table. */
export interface FiringTask {
  /** 0: the scheduled entry itself. */
  readonly place: number;
  readonly factoryName: string | null;
  readonly configPath: string;
  /** Fault of a rejected entry; else null. It is recorded as failed, attempt 0. */
  readonly rejected: string | null;
  /** Tasks of the firing, by their places, and whoever may take it, for tables from which tasks are taken one by one. */
  readonly order?: Omit<KeptPlace, 'executionSeq'>;
}

/** A firing that is due. */
export interface DueFiring {
  /** `PATH@TIME`. */
  readonly name: string;
  readonly configPath: string;
  /** Time at which it was due, in microseconds since the epoch. */
  readonly dueAt: number;
  readonly timestamp: number;
  /** The newest number of any commit. */
  readonly txnSeq: number;
  /** The transaction whose configuration says it. */
  readonly configTxnSeq: number;
  readonly traceParent: string | null;
  readonly tasks: readonly FiringTask[];
  /** The runner that will run them. */
  readonly claimedBy: string;
  /** Reason why it is not made up for although it is due; null: it is run. */
  readonly missed: string | null;
  /** Firings before it that it stands for, in words; null: none. */
  readonly standsFor: string | null;
}

/** Result of recording a firing. */
export type FiringOutcome =
  /** It is recorded; these are its tasks that are to be run. */
  | { readonly _tag: 'Recorded'; readonly claims: readonly Claim[] }
  /** It was recorded before, by whomever. */
  | { readonly _tag: 'KnownAlready' }
  /** An earlier firing of the entry has not ended. */
  | { readonly _tag: 'Overlaps'; readonly task: TaskId };

/** A firing with its tasks as they are. */
export interface FiringStatus {
  /** `PATH@TIME`. */
  readonly name: string;
  /** Path of the scheduled entry. */
  readonly configPath: string;
  /** Time at which it was due, in microseconds since the epoch. */
  readonly dueAt: number;
  /** The scheduled entry first. */
  readonly tasks: readonly TaskStatus[];
}
