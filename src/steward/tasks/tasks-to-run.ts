import type { CommitClaim } from '../../control/records/claim.js';
import type { PlanBody } from '../../domain/plans/plan.js';
import type { Change } from '../../domain/tree/change.js';
import type { TraceContext } from '../../ports/telemetry.js';
import type { CommitEnd, CommitOfTasks } from '../attempts/run-task.js';

/** Tasks of one commit that this process has claimed and is to run. */
export interface TasksToRun {
  readonly commit: CommitOfTasks;
  /** Orders the tasks. */
  readonly plan: PlanOfTasks;
  readonly changes: readonly Change[];
  readonly claims: readonly CommitClaim[];
  /** Earlier attempts of tasks, by `execution_seq`; nothing where nothing is said. */
  readonly history: ReadonlyMap<number, TaskHistory>;
  /** The commit's place in its trace, which all attempts join; null: it has none. */
  readonly trace: TraceContext | null;
  /** The transaction whose configuration is used. */
  readonly configTxnSeq: number;
  readonly signal: AbortSignal;
  /**
   * Tells that the commit has ended, when this is called. Where it is left out, the end of the commit is recorded after those of its
   * tasks.
   */
  readonly ended?: () => CommitEnd;
  /** Tasks of a firing that the configuration has no entry for any more, by `execution_seq`. */
  readonly absent?: ReadonlySet<number>;
  /** Tasks of a firing that write, by `execution_seq`: they run in a write transaction of their own. */
  readonly writers?: ReadonlySet<number>;
}

/** Earlier attempts of a task that is going to run. */
export interface TaskHistory {
  /** Attempts that the retry policy counts already. */
  readonly attemptsMade: number;
  /** The span of the newest attempt, W3C Trace Context. */
  readonly lastAttempt: string | null;
}

/** Parts of a plan that running tasks needs. */
export type PlanOfTasks = Pick<PlanBody, 'tasks' | 'edges' | 'rejected' | 'max_concurrency'> & {
  readonly checksum: string;
};
