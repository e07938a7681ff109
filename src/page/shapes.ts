/** Shapes of the interface as far as the page reads them; `src/serve/http/codecs` has all of them. */

export interface Task {
  readonly task: string;
  readonly factory_name: string | null;
  readonly config_path: string;
  readonly state: string;
  readonly attempts: number;
  readonly started_at: string | null;
  readonly completed_at: string | null;
  readonly duration_ms: number | null;
  readonly error_message: string | null;
  readonly report: unknown;
}

export interface Transaction {
  readonly txn_seq: number;
  readonly txn_id: string;
  readonly status: string;
  readonly cli_args: readonly string[];
  readonly started_at: string;
  readonly duration_ms: number | null;
  readonly error_message: string | null;
  readonly config_path: string | null;
  readonly tasks: readonly Task[];
  readonly caused_by?: readonly Cause[];
  readonly gates?: readonly Gate[];
}

/** A task, a firing, a batch of a watched folder, or a run by hand, inside which a commit was made. */
export interface Cause {
  readonly pond_id: string;
  /** Null where it is not a task. */
  readonly task: string | null;
  /** Name of the firing, where it is one. */
  readonly firing?: string;
  readonly config_path: string;
}

export interface Gate {
  readonly config_path: string;
  readonly factory_name: string | null;
  readonly state: string;
  readonly duration_ms: number | null;
  readonly error_message: string | null;
  readonly report: unknown;
}

export interface Firing {
  readonly firing: string;
  readonly due_at: string;
  readonly state: string;
  readonly started_at: string | null;
  readonly completed_at: string | null;
  readonly duration_ms: number | null;
  readonly error_message: string | null;
}

export interface Schedule {
  readonly path: string;
  readonly schedule: string | null;
  readonly timezone: string | null;
  readonly missed: string | null;
  /** Reason why it never fires, or not here. */
  readonly problem: string | null;
  readonly next_due: string | null;
  readonly last: Firing | null;
  readonly failures: number;
  readonly failing_since: string | null;
  /** The newest first. */
  readonly firings: readonly Firing[];
}

export interface Watch {
  readonly path: string;
  readonly description: string | null;
  readonly enabled: boolean;
  readonly folder: string | null;
  readonly pattern: string | null;
  readonly into: string | null;
  readonly as: string | null;
  readonly problem: { readonly message: string; readonly since: string | null } | null;
  readonly last_batch: Batch | null;
  readonly batches: readonly Batch[];
  readonly refused: readonly {
    readonly file: string;
    readonly at: string;
    readonly reason: string;
    readonly moved_to: string | null;
  }[];
}

export interface Batch {
  readonly at: string;
  readonly txn_seq: number | null;
  readonly taken: number;
  readonly unchanged: number;
  readonly refused: number;
}

export interface Output {
  readonly state: string;
  readonly attempt: number;
  readonly attempts_kept: readonly number[];
  readonly lines: readonly OutputLine[];
}

export interface OutputLine {
  readonly number: number;
  readonly time: string;
  readonly level: string;
  readonly event: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface Standing {
  readonly config_path: string;
  readonly factory_name: string | null;
  readonly last: Task | null;
  readonly failing_since: string | null;
  readonly failures: number;
  readonly outcomes: readonly { readonly task: string; readonly state: string; readonly at: string | null }[];
}

export interface Unfinished {
  readonly transactions: readonly {
    readonly txn_seq: number;
    readonly txn_id: string;
    readonly is_running: boolean;
  }[];
  readonly tasks: readonly (Task & { readonly runner: unknown })[];
  readonly failed_tasks: readonly Task[];
}

export interface Overview {
  readonly pond_id: string;
  readonly directory: string;
  readonly last_txn_seq: number;
  readonly is_read_only: boolean;
  readonly failed_tasks: number;
  readonly incomplete: { readonly transactions: number; readonly tasks: number };
  readonly running: { readonly transactions: number; readonly tasks: number };
  readonly schedules?: readonly Schedule[];
  readonly watches?: readonly Watch[];
  readonly entries: readonly Standing[];
  readonly commits: readonly Transaction[];
  readonly post_commit: Unfinished;
}

export interface Attempt {
  readonly attempt: number;
  readonly state: string;
  readonly pending_at: string | null;
  readonly started_at: string | null;
  readonly ended_at: string | null;
  readonly duration_ms: number | null;
  readonly error_message: string | null;
  readonly report: unknown;
}

export interface TracedTask extends Omit<Task, 'attempts'> {
  readonly attempts: readonly Attempt[];
}

export interface TracedCommit {
  readonly txn_seq: number;
  readonly status: string;
  readonly cli_args: readonly string[];
  readonly started_at: string;
  readonly completed_at: string | null;
  readonly duration_ms: number | null;
  readonly caused_by?: readonly Cause[];
  readonly tasks: readonly TracedTask[];
}

/** A firing, or a commit, in time. */
export interface Timeline extends TracedCommit {
  readonly pond_id: string;
  readonly trace_url: string | null;
  readonly firing?: string;
  readonly due_at?: string | null;
  readonly derived?: readonly TracedCommit[];
}

export interface Trace extends Timeline {
  readonly transaction: Transaction;
}

export interface PlannedTask {
  readonly execution_seq: number;
  readonly name: string;
  readonly config_path: string;
  readonly factory: string;
  readonly depends_on: readonly string[];
  readonly batch: number;
}

export interface Plan {
  readonly changes_total: number;
  readonly changes: readonly {
    readonly kind: string;
    readonly path: string;
    readonly from?: string;
    readonly file_type: string;
  }[];
  readonly tasks: readonly PlannedTask[];
  readonly skipped: readonly { readonly path: string; readonly reason: string }[];
  readonly rejected: readonly { readonly path: string; readonly errors: readonly string[] }[];
}

export interface Entry {
  readonly path: string;
  readonly file_type: string;
  readonly size: number | null;
  readonly version: number;
  readonly txn_seq: number;
  readonly sha256: string | null;
  readonly factory: string | null;
  readonly timestamp: string | null;
}

export interface Version {
  readonly version: number;
  readonly txn_seq: number;
  readonly timestamp: string;
  readonly size: number;
}

export interface QueryResult {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
  readonly is_cut: boolean;
}

export interface Failure {
  readonly tag: string;
  readonly message: string;
  readonly remedy: string | null;
}

/** Answer about a configuration that is not kept yet: whether it is right, and which of the last commits it would have followed. */
export interface Verdict {
  readonly is_valid: boolean;
  readonly error: Failure | null;
  readonly warning: string | null;
  readonly commits: readonly {
    readonly txn_seq: number;
    readonly did_run: boolean;
    readonly would_run: boolean;
  }[];
}
