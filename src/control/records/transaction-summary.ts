import type { Json, JsonObject } from '../../domain/documents/json.js';
import type { Chain } from '../../domain/plans/chain.js';
import type { TaskStatus } from './task-status.js';

/** `committed`: a write whose data is there and whose post-commit work has ended (well or not). `completed`: a read,
 *  or a write that changed nothing. `incomplete`: without a terminal record. */
export type TransactionStatus = 'committed' | 'completed' | 'failed' | 'incomplete';

/** A read or write transaction: the fold of its records, with its tasks in order. A committed write's duration is
 *  that of its data, without its tasks. */
export interface TransactionSummary {
  /** Number of the transaction; of a write that did not commit, the one that it would have had; of a read, that of the state which it saw. */
  readonly txnSeq: number;
  /** Its id, a UUIDv7. */
  readonly txnId: string;
  readonly transactionType: 'read' | 'write';
  readonly status: TransactionStatus;
  /** The command that made it, without secrets; empty where the library did and named none. */
  readonly cliArgs: readonly string[];
  /** Microseconds since the epoch. */
  readonly startedAt: number;
  /** Milliseconds; null: it has not ended. */
  readonly durationMs: number | null;
  /** The Delta version of a commit; null: it is none. */
  readonly dataFsVersion: number | null;
  readonly errorMessage: string | null;
  /** Checksum of the plan of a commit; null: it is none, or its plan is not known. */
  readonly planChecksum: string | null;
  /** Tells whether it was committed and is no longer in the table of the data: an older copy was put back. */
  readonly isGone: boolean;
  readonly traceParent: string | null;
  /** Empty where the transaction was not made inside a task or a run by hand. */
  readonly causedBy: Chain;
  /** Factory that was run by hand in it, and the path of its configuration. */
  readonly factoryName: string | null;
  readonly configPath: string | null;
  /** The gates that were asked before it, in the order in which they were. */
  readonly gates: readonly GateStatus[];
  readonly tasks: readonly TaskStatus[];
}

/** Verdict of a gate about a transaction. */
export interface GateStatus {
  readonly configPath: string;
  /** Null for an entry that was rejected before its factory was known. */
  readonly factoryName: string | null;
  /** `failed`: it refused the transaction. */
  readonly state: 'completed' | 'failed';
  /** End, in microseconds since the epoch. */
  readonly endedAt: number;
  /** Milliseconds; null for one that did not run. */
  readonly durationMs: number | null;
  readonly errorMessage: string | null;
  readonly report: Json | null;
  /** Trace context of its own span. */
  readonly traceParent: string | null;
}

/** A transaction without a terminal record. */
export interface OpenTransaction {
  readonly txnSeq: number;
  readonly txnId: string;
  /** The transaction whose state it began with. */
  readonly basedOnSeq: number;
  readonly transactionType: 'read' | 'write';
  /** Microseconds since the epoch. */
  readonly startedAt: number;
  readonly cliArgs: readonly string[];
  readonly environment: JsonObject;
  /** Tells whether its data is recorded as committed. */
  readonly dataCommitted: boolean;
  readonly traceParent: string | null;
  /** The version that a write in a store is to become; null: none was written down. */
  readonly intendedVersion: number | null;
}
