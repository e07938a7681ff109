import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { ControlRecord } from '../control/records/control-record.js';
import type { FiringStatus } from '../control/records/firing-record.js';
import type { FailingEntry, TaskStatus } from '../control/records/task-status.js';
import type { TransactionSummary } from '../control/records/transaction-summary.js';
import type { TransactionQuery } from '../control/transaction-methods.js';
import type { ExecutionMode } from '../domain/plans/execution-mode.js';
import type { TaskId } from '../domain/plans/task-id.js';
import type { Factories } from '../factories/registry/registry.js';
import type { QueryRows, WrittenRows } from '../ports/query-engine.js';
import type { PullReport } from '../remotes/pull/pull.js';
import type { ByteStream } from '../tinyfs/persistence.js';
import type { PondError } from './errors.js';
import type { PondFleet, ScheduleStatus, WatchedFolder, WatchPreview } from './shapes/background-reports.js';
import type {
  CommitPlan,
  ConfigurationFile,
  PondStatus,
  ReplayedCommit,
  RunOutcome,
  Setting,
  Surroundings,
  TaskOutput,
  TasksAsked,
  WaitedCommit,
  WaitOptions,
} from './shapes/call-reports.js';
import type {
  Comparison,
  ComparisonRange,
  HistoryQuery,
  PathCommit,
  RowComparison,
  RowComparisonRange,
} from './shapes/comparisons.js';
import type { QueryPondOptions } from './shapes/query-options.js';
import type {
  Promotion,
  PushedRemote,
  PushOptions,
  RemoteSettings,
  VerifiedRemote,
} from './shapes/remote-reports.js';
import type { FsckOptions, FsckReport } from './shapes/report.js';
import type {
  DerivedCommit,
  ReadOptions,
  ReadTransaction,
  WriteOutcome,
  WriteTransaction,
  WriteTransactionOptions,
} from './shapes/transactions.js';
import type { LogReadingOptions } from './shapes/transfer-options.js';
import type {
  CancelOptions,
  DismissOptions,
  Incomplete,
  IncompleteOptions,
  MaintainOptions,
  MaintenanceReport,
  RecoverOptions,
  RecoveryReport,
  RetryOptions,
} from './shapes/upkeep.js';

/** A pond and its steward. */
export interface Steward {
  /** The pond's directory, absolute. */
  readonly directory: string;
  /** The id of the pond, which copies of it share. */
  readonly pondId: string;
  /** A word for where it was made: the host's name unless it was given another one. */
  readonly birthplace: string;

  /** Runs `body` in a read transaction: one snapshot, however long it takes and whatever is written meanwhile. */
  readonly read: <E, A>(
    body: (transaction: ReadTransaction) => TaskEither<E, A>,
    options?: ReadOptions,
  ) => TaskEither<PondError | E, A>;
  /**
   * Evaluates a query, one statement that asks; tables, series, CSV and JSON are named by their path, or by a pattern, in
   * quotes. `at`: as of that transaction. Rows are held in memory; whole numbers beyond 2^53, decimals, dates and times
   * come as text, times in UTC.
   */
  readonly query: (
    sql: string,
    options?: QueryPondOptions & { readonly at?: number },
  ) => TaskEither<PondError, QueryRows>;
  /**
   * Evaluates such a query and returns its rows as the bytes of a file, while they are computed, however many they are. `as`: its
   * format. What goes wrong before the first bytes is an error of the call, later it is thrown by the bytes as a `QueryFailed`.
   * The read lasts until the bytes have been read, their iterator is ended, or `signal` aborts: one of these must happen.
   */
  readonly queryBytes: (
    sql: string,
    options: Omit<QueryPondOptions, 'maxRows' | 'maxCharacters'> & {
      readonly at?: number;
      readonly as: WrittenRows;
    },
  ) => TaskEither<PondError, ByteStream>;
  /**
   * Runs `body` in a write transaction, commits what it changed, and runs the post-commit tasks. If the body fails,
   * nothing was changed. Failed tasks are not an error of the write: they are in its outcome.
   */
  readonly write: <E, A>(
    body: (transaction: WriteTransaction) => TaskEither<E, A>,
    options?: WriteTransactionOptions,
  ) => TaskEither<PondError | E, WriteOutcome<A>>;

  /** The plan of a commit (default: the newest), computed again from the pond. Runs and writes nothing. */
  readonly plan: (txnSeq?: number) => TaskEither<PondError, CommitPlan>;
  /** The plan of the gates that a commit (default: the newest) had to pass, computed again from the pond. Runs and writes nothing. */
  readonly gates: (txnSeq?: number) => TaskEither<PondError, CommitPlan>;
  /** Plans that the newest `last` commits (newest first) would have had with these files in `/etc/system.d`. Runs and
   *  writes nothing. */
  readonly replay: (request: {
    readonly files: readonly ConfigurationFile[];
    readonly last: number;
  }) => TaskEither<PondError, readonly ReplayedCommit[]>;
  /** Compares the states after two transactions. */
  readonly compare: (range: ComparisonRange) => TaskEither<PondError, Comparison>;
  /**
   * Compares the rows of a CSV, JSON or Parquet file, a table or a series in the states after two transactions. Null: the path does not
   * differ, or has no rows. Rows are held in memory.
   */
  readonly compareRows: (range: RowComparisonRange) => TaskEither<PondError, RowComparison | null>;
  /** The commits that touched a path or something below it, newest first, over renames. */
  readonly history: (path: string, query?: HistoryQuery) => TaskEither<PondError, readonly PathCommit[]>;
  /** The newest commit that is not after a time in microseconds since the epoch. */
  readonly commitAt: (timestamp: number) => TaskEither<PondError, number>;
  /** Checks the pond: its data, its history, its control table. Writes nothing; what is wrong is in the report. */
  readonly fsck: (options?: FsckOptions) => TaskEither<PondError, FsckReport>;
  /** Runs an executable factory by hand, in the mode that it declares (as a writer when it declares both). */
  readonly run: (
    path: string,
    options?: {
      readonly args?: readonly string[];
      readonly mode?: ExecutionMode;
      readonly signal?: AbortSignal;
      /** Takes words for what a factory is doing that asks others before its transaction, such as a server; empty: it has ended. */
      readonly onProgress?: (words: string) => void;
    },
  ) => TaskEither<PondError, RunOutcome>;
  /** Repairs what a crash left and runs unfinished tasks; completed ones never again. */
  readonly recover: (options?: RecoverOptions) => TaskEither<PondError, RecoveryReport>;
  /** Removes what nobody needs any more: records of old reads, merged-away files, what dead writers left. */
  readonly maintain: (options?: MaintainOptions) => TaskEither<PondError, MaintenanceReport>;
  /**
   * Runs failed (or skipped) tasks of a commit again, or of a firing, or one of them; returns them as they are now. A firing's
   * see the newest commit, with its configuration.
   */
  readonly retry: (task: TasksAsked, options?: RetryOptions) => TaskEither<PondError, readonly TaskStatus[]>;
  /**
   * Ends unfinished tasks of a commit, or of a firing, or one of them: what is pending never begins, what runs is ended by the
   * process that runs it, like one whose time is over. Returns them as they are then; one that is still started has been
   * asked to end, and its end will be recorded.
   */
  readonly cancel: (
    task: TasksAsked,
    options?: CancelOptions,
  ) => TaskEither<PondError, readonly TaskStatus[]>;
  /**
   * Settles failed tasks of a commit, and unfinished ones that no live process holds, or one of them; returns those as
   * they are now. They are failed no longer and stay in the history; only a retry that names one takes it up again.
   */
  readonly dismiss: (
    task: TasksAsked,
    options?: DismissOptions,
  ) => TaskEither<PondError, readonly TaskStatus[]>;

  /** Tells what the pond is, its newest commit, and what is unfinished. */
  readonly status: (options?: IncompleteOptions) => TaskEither<PondError, PondStatus>;
  /** Tells which processes run tasks of the pond, on which machines, what they do now, and what waits for them. */
  readonly workers: () => TaskEither<PondError, PondFleet>;
  /** The newest commit that was not made inside a task: the one that whoever asks without a number means. */
  readonly newestOwnCommit: () => TaskEither<PondError, number>;
  /** Reads and writes with their tasks, newest first; all of them where nothing else is said. */
  readonly transactions: (
    query?: Partial<TransactionQuery>,
  ) => TaskEither<PondError, readonly TransactionSummary[]>;
  /**
   * Records of the control table in order: of one transaction by its id, of all that touch one number, or of everything;
   * `limit` keeps the newest.
   */
  readonly records: (of?: {
    readonly txnId?: string;
    readonly txnSeq?: number;
    readonly limit?: number;
  }) => TaskEither<PondError, readonly ControlRecord[]>;
  /** The tasks of a commit. */
  readonly tasks: (txnSeq: number) => TaskEither<PondError, readonly TaskStatus[]>;
  /** The newest firings of schedules, each with its tasks, newest first. */
  readonly firings: (query?: { readonly limit?: number }) => TaskEither<PondError, readonly FiringStatus[]>;
  /** The tasks of a firing, `PATH@TIME`, the scheduled entry first. `TaskNotFound` where there is none. */
  readonly firing: (name: string) => TaskEither<PondError, readonly TaskStatus[]>;
  /** Schedules of the newest state: when each is due next, and what its newest firings came to. */
  readonly schedules: () => TaskEither<PondError, readonly ScheduleStatus[]>;
  /** Watched folders of the newest state, with their newest batches and what was refused. */
  readonly watches: () => TaskEither<PondError, readonly WatchedFolder[]>;
  /** Looks at the watched folders and says what would be taken in. Takes nothing in. `NotTrusted` where this user has not approved the configuration. */
  readonly previewWatches: () => TaskEither<PondError, readonly WatchPreview[]>;
  /** One task as it is now. `TaskNotFound` where there is none. */
  readonly task: (task: TaskId) => TaskEither<PondError, TaskStatus>;
  /**
   * Waits until every task of a commit, and of what was committed inside them, has ended. `timeoutMs`: for so long at most;
   * default: for as long as it takes. Whoever waits runs nothing.
   */
  readonly wait: (txnSeq: number, options?: WaitOptions) => TaskEither<PondError, WaitedCommit>;
  /** Returns what an attempt of a task has said (default: the newest), as far as it is kept. `TaskNotFound` where there is no such task. */
  readonly output: (
    task: TaskId,
    options?: { readonly attempt?: number },
  ) => TaskEither<PondError, TaskOutput>;
  /** Tells what is unfinished or failed. */
  readonly incomplete: (options?: IncompleteOptions) => TaskEither<PondError, Incomplete>;
  /** Entries that fail now, and since when, however long ago they have run. */
  readonly failingEntries: () => TaskEither<PondError, readonly FailingEntry[]>;
  /** Returns the commits that were made inside tasks of a commit, and inside the tasks of those, oldest first. */
  readonly derived: (txnSeq: number) => TaskEither<PondError, readonly DerivedCommit[]>;
  /** Tells inside what the code that asks runs, where it is something that this pond's, or another one's, steward has started. */
  readonly surroundings: () => TaskEither<PondError, Surroundings>;
  /** All factories that are known here, the settings' modules included. */
  readonly factories: () => TaskEither<PondError, Factories>;

  /** All settings of `/etc/pond.yaml` by dotted key (`factory_modes.command`), defaults included. */
  readonly settings: () => TaskEither<PondError, readonly Setting[]>;
  /** Changes one setting; a configuration change, so it sets off nothing. */
  readonly setSetting: (key: string, value: string) => TaskEither<PondError, WriteOutcome<void>>;

  /**
   * Adds a remote to the settings, or changes the limits of the one of that name. `RemoteExists` where that leads elsewhere and
   * `replace` (default: false) is not given.
   */
  readonly addRemote: (
    name: string,
    remote: RemoteSettings,
    options?: { readonly replace?: boolean },
  ) => TaskEither<PondError, WriteOutcome<void>>;
  /** Removes a remote from the settings; nothing changes at the remote itself. `NoSuchRemote` where there is none. */
  readonly removeRemote: (name: string) => TaskEither<PondError, WriteOutcome<void>>;
  /** Finds out whether a remote's store heeds the conditions of writes: `ConditionsIgnored` where it does not. */
  readonly probeRemote: (
    name: string,
    options?: { readonly signal?: AbortSignal },
  ) => TaskEither<PondError, void>;
  /** Sends what a remote lacks; without a name, to all remotes, one after another. */
  readonly push: (
    name?: string | null,
    options?: PushOptions,
  ) => TaskEither<PondError, readonly PushedRemote[]>;
  /** Brings what is new where a replica comes from. `NotAReplica` for any other pond. */
  readonly pull: (options?: LogReadingOptions) => TaskEither<PondError, PullReport>;
  /** Compares with one remote, with all, or with where a replica comes from. */
  readonly verify: (
    name?: string | null,
    options?: LogReadingOptions,
  ) => TaskEither<PondError, readonly VerifiedRemote[]>;
  /** Makes a pond that takes writes of a replica. */
  readonly promote: (options?: { readonly signal?: AbortSignal }) => TaskEither<PondError, Promotion>;

  /**
   * Lets go of files, locks and the database. Whatever is called later is refused with `PondClosed`, and what has not ended fails with it: a
   * commit that it has made stands, tasks that had not ended are `recover`'s. Await what is running before.
   */
  readonly close: () => TaskEither<never, void>;
}
