import type { Json, JsonObject } from '../../domain/documents/json.js';
import type { Chain } from '../../domain/plans/chain.js';
import type { TaskId } from '../../domain/plans/task-id.js';
import type { TaskPlace } from '../../domain/plans/task-place.js';

export interface BeginRecord {
  readonly txnSeq: number;
  readonly txnId: string;
  readonly basedOnSeq: number;
  readonly transactionType: 'read' | 'write';
  readonly timestamp: number;
  readonly cliArgs: readonly string[];
  /** Environment, reduced to what may be kept; `pid` and `host` tell whether the process is still there. */
  readonly environment: JsonObject;
  /** Trace context of the transaction's own span (W3C); null: it has none. */
  readonly traceParent: string | null;
  /** The chain inside which it is made; left out or null: none. */
  readonly causedBy?: Chain | null;
  /** Factory that is run by hand in it; missing or null: none. */
  readonly factoryName?: string | null;
  readonly configPath?: string | null;
  /** The version that a write in a store is to become: the record is durable then. Missing or null: a directory needs none. */
  readonly intendedVersion?: number | null;
}

export interface CommitRecord {
  readonly txnSeq: number;
  readonly txnId: string;
  readonly basedOnSeq: number;
  readonly timestamp: number;
  readonly dataFsVersion: number;
  readonly durationMs: number | null;
  readonly plan: StoredPlan;
  readonly traceParent: string | null;
  readonly tasks: readonly PendingTask[];
  /** Places of the tasks, for tables from which tasks are taken one by one. */
  readonly places?: readonly KeptPlace[];
  /** Digest of what decides how the tasks are run, and whether a worker runs them. Left out or null: not known. */
  readonly setup?: string | null;
  /** Paths of all entries of `/etc/system.d`: what was told of others that are gone is over. Left out or null: not known. */
  readonly entries?: readonly string[] | null;
  /** The runner that will execute the tasks: they are claimed in the same transaction. Null: nobody yet (a rolled-forward commit). */
  readonly claimedBy: string | null;
  /** First attempts that begin with this record, each where nothing stands in its way. Left out: none does. */
  readonly beginning?: readonly BeginningAttempt[];
  /**
   * The task inside which the commit was made, and the runner that ran it then: that runner, if it lives, runs the tasks
   * after the plan of the task's own commit. Left out or null: it was made inside none.
   */
  readonly deferredTo?: { readonly task: TaskId; readonly runnerId: string | null } | null;
}

/** A task, or a rejected entry, as it enters the table. */
export interface PendingTask {
  readonly executionSeq: number;
  readonly factoryName: string | null;
  readonly configPath: string;
  /** Fault of a rejected entry; else null. It is recorded as failed, attempt 0. */
  readonly rejected: string | null;
}

/** Facts about a task that decide when it may be taken by itself, and by whom. */
export interface KeptPlace extends TaskPlace {
  readonly executionSeq: number;
  /** Tasks of its stage that have to have ended before, well or not, by `execution_seq`. */
  readonly needs: readonly number[];
  /** It waits for all tasks of the stages before. */
  readonly stage: number;
  /** Tasks of its commit side by side, at most. */
  readonly sideBySide: number;
}

/** Places of tasks of one commit, or of one firing, with what decides how they are run. */
export interface KeptPlaces {
  readonly places: readonly KeptPlace[];
  readonly setup: string | null;
}

/** A first attempt that is to begin with the record of its commit: it waits for no other task. */
export interface BeginningAttempt {
  readonly executionSeq: number;
  readonly timestamp: number;
  /** Trace context of its span. */
  readonly traceParent: string;
}

/** A commit that is found in the log but not in the table. */
export interface RebuiltCommit
  extends Omit<CommitRecord, 'claimedBy' | 'beginning' | 'deferredTo' | 'plan' | 'entries'> {
  readonly plan: StoredPlan | null;
  readonly cliArgs: readonly string[];
  readonly causedBy?: Chain | null;
}

/** A plan as it is kept. */
export interface StoredPlan {
  readonly checksum: string;
  /** Canonical JSON. */
  readonly plan: Json;
}

/** The same as its text, for whoever need not read all of it. */
export interface PlanText {
  readonly checksum: string;
  readonly text: string;
}

/** A plan that belongs to a commit. */
export interface PlanOfCommit extends StoredPlan {
  readonly txnId: string;
  readonly txnSeq: number;
  readonly state: 'prepared' | 'active';
}
