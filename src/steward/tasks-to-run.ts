import type { Claim } from '../control/control-table.js';
import type { Change } from '../domain/change.js';
import type { PlanBody } from '../domain/plan.js';
import type { CommitOfTasks } from './run-task.js';

/** Tasks of one commit that this process has claimed and is to run. */
export interface TasksToRun {
  readonly commit: CommitOfTasks;
  /** Orders the tasks. */
  readonly plan: PlanOfTasks;
  readonly changes: readonly Change[];
  readonly claims: readonly Claim[];
  /** Attempts, by `execution_seq`, that the retry policy counts already; none where nothing is said. */
  readonly attemptsMade: ReadonlyMap<number, number>;
  /** The transaction whose configuration is used. */
  readonly configTxnSeq: number;
  readonly signal: AbortSignal;
}

/** What running tasks needs of a plan. */
export type PlanOfTasks = Pick<PlanBody, 'tasks' | 'edges' | 'rejected' | 'max_concurrency'> & {
  readonly checksum: string;
};
