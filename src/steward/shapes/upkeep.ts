import type { TaskStatus } from '../../control/records/task-status.js';
import type { OpenTransaction } from '../../control/records/transaction-summary.js';
import type { Elsewhere } from '../../domain/binding.js';
import type { CheckpointSummary } from '../../host-plans/journal/checkpoint-summary.js';
import type { RecoveredPlan } from '../../host-plans/recover-host-plans.js';
import type { GroupProcess } from '../../ports/processes.js';
import type { Forgot, Swept } from '../../tlogfs/tlog.js';

/** Options of maintaining a pond. */
export interface MaintainOptions {
  /** Tells whether it is only said what would be done. Default: false. */
  readonly dryRun?: boolean;
  /**
   * Milliseconds for which merged-away files and records of reads are kept. Default: seven days; of files, where contents
   * are forgotten: not at all.
   */
  readonly retentionMs?: number;
  /** Forgets contents that no state from a transaction on shows. Default: none. */
  readonly forget?: ForgetRequest;
  /** Aborts when it is to stop waiting for the writer's lock. */
  readonly signal?: AbortSignal;
}

/** Choice of contents that are to be forgotten. */
export interface ForgetRequest {
  /** The transaction from which on every state stays as it is. */
  readonly before: number;
  /** Only contents of what is, or last was, at or below one of these; empty: of everything. Default: empty. */
  readonly paths?: readonly string[];
}

/** Contents that were forgotten, or would be. */
export interface ForgetReport extends Forgot {
  /** Tasks that are unfinished or have failed: what their commits show stays for them. Oldest first. */
  readonly keptFor: readonly TaskStatus[];
  /** Files of results, made of contents, that were removed: whoever reads makes them again. */
  readonly cachedFiles: number;
}

/** Result of maintenance, done or to be done. */
export interface MaintenanceReport {
  readonly dryRun: boolean;
  /** Files that were removed, by why nobody needs them. */
  readonly removed: Swept['removed'];
  /** Bytes of all of them. */
  readonly bytes: number;
  /** Reads whose records were removed. */
  readonly readsPruned: number;
  /** Outputs of attempts that were older than they are kept for, and were removed. */
  readonly outputsRemoved: number;
  /** Checkpoints that were not what the log says, and were replaced. */
  readonly checkpointsRepaired: number;
  /** Log entries that were put into a pack, where what they say takes a fraction of the room. */
  readonly entriesPacked: number;
  /** Contents that were forgotten; null: that was not asked for. */
  readonly forgotten: ForgetReport | null;
  /** The log has lost commits that the control table knows: no file was removed. */
  readonly isLogBehind: boolean;
}

/** Choice of what a recovery repairs and runs; without any: everything that is unfinished. */
export interface RecoverOptions {
  /** Tells whether it is only said what would be done. Default: false. */
  readonly dryRun?: boolean;
  /** Tells whether only tasks are run, unfinished and failed ones, and nothing else is repaired. Default: false. */
  readonly postCommitOnly?: boolean;
  /** Tells whether failed tasks are run, too. Default: false. */
  readonly failed?: boolean;
  /** Tells whether tasks run with today's configuration instead of that of their commit. Default: false. */
  readonly currentConfig?: boolean;
  /** The commit whose tasks are run. Default: those of every commit. */
  readonly txnSeq?: number;
  /** Name of the factory whose tasks are run. Default: those of every factory. */
  readonly factory?: string;
  /**
   * Ends processes, too, that are recorded as left by dead runners without anything that shows who recorded them, and
   * removes rows of runners and contents of exports that were made elsewhere.
   */
  readonly adopt?: boolean;
  /** Aborts when it is to stop; what is left is left to the next recovery. */
  readonly signal?: AbortSignal;
}

/** `abandoned`: of a dry run; it would be undone, or completed where everything had been executed. */
export interface RecoveredHostPlan extends Omit<RecoveredPlan, 'outcome'> {
  readonly outcome: RecoveredPlan['outcome'] | 'abandoned';
  /** Host paths that recovery might touch; in a dry run only. */
  readonly effects?: CheckpointSummary['effects'];
}

/** Processes that are recorded as what an attempt left running. */
export interface LeftGroup {
  /** Path of the task's configuration. */
  readonly configPath: string;
  /** Process group id. */
  readonly pgid: number;
  /** Members of the group that are alive. */
  readonly processes: readonly GroupProcess[];
}

/**
 * Record in a pond's `control/` of which nothing shows that this user made it here: the row of a dead runner with the file
 * of its lock, or a content on its way to the target of an export. It is left alone unless it is adopted.
 */
export interface ForeignRecord {
  readonly kind: 'runner' | 'export_content';
  /** The runner's id, or the path of the file in the pond's directory. */
  readonly name: string;
  readonly why: Elsewhere;
}

/** Result of a recovery, done or to be done. */
export interface RecoveryReport {
  readonly dryRun: boolean;
  /** Commits whose data was there but whose record was not. */
  readonly rolledForward: readonly { readonly txnSeq: number; readonly txnId: string }[];
  /** Transactions that had never reached their commit point, now recorded as failed. */
  readonly failed: readonly { readonly txnId: string; readonly transactionType: 'read' | 'write' }[];
  /** Commits that the control table did not know at all. */
  readonly rebuilt: number;
  /** Recorded commits that are no longer in the table, since an older `data/` was put back; their records stay. */
  readonly gone: readonly { readonly txnSeq: number; readonly txnId: string }[];
  /** Host plans of this pond that had not ended, and what became of them; with a dry run, what state they are in. */
  readonly hostPlans: readonly RecoveredHostPlan[];
  /** Reason why that could not be found out; null where it could. */
  readonly hostPlansProblem: string | null;
  /** Files that exports of dead processes had left, and that were removed (with a dry run: that would be). */
  readonly exportContents: number;
  /** Processes that were adopted and ended (with a dry run: that would be). */
  readonly processGroups: readonly LeftGroup[];
  /** Rows of dead runners and contents of exports that were made elsewhere: left alone, or adopted and removed (with a dry run: that would be). */
  readonly madeElsewhere: readonly ForeignRecord[];
  /** The tasks that were run (with a dry run: that would be), as they are now. */
  readonly tasks: readonly TaskStatus[];
  /** Work that is unfinished after all. */
  readonly remaining: Incomplete;
}

/** Work that is unfinished or failed in a pond. */
export interface Incomplete {
  /** Transactions without their end. `isRunning`: a live process is at it, so that it is not unfinished, only not over. */
  readonly transactions: readonly (OpenTransaction & { readonly isRunning: boolean })[];
  /** Tasks that are pending or started, oldest commit first. `runner`: the live process that holds it, if any. */
  readonly tasks: readonly (TaskStatus & {
    readonly runner: { readonly pid: number; readonly command: string } | null;
  })[];
  /** Tasks that failed, oldest commit first: all of them, or the oldest ones, as it was asked for. */
  readonly failedTasks: readonly TaskStatus[];
  /** Number of all of them, and of their records in the control table: a task that is tried again has more. */
  readonly failed: { readonly tasks: number; readonly records: number };
}

/** Options of looking at what is unfinished or failed. */
export interface IncompleteOptions {
  /** Failed tasks that are listed at most, the oldest ones. Default: all. */
  readonly failedTasks?: number;
}

/** Options of retrying tasks. */
export interface RetryOptions {
  /** Tells whether the tasks run with today's configuration instead of the commit's. Default: false. */
  readonly currentConfig?: boolean;
  /** Aborts when they are to be stopped; what is left is left to a recovery. */
  readonly signal?: AbortSignal;
}

/** Options of cancelling tasks. */
export interface CancelOptions {
  /** Reason, for the history. */
  readonly reason?: string;
  /** Ends waiting for what runs; what was asked for stays asked for. */
  readonly signal?: AbortSignal;
}

/** Options of settling failed tasks without running them again. */
export interface DismissOptions {
  /** Reason, for the history. */
  readonly reason?: string;
  readonly signal?: AbortSignal;
}
