/*
 * Every type that can be reached from `pond-steward` and `pond-steward/promises`, by name: whoever holds a value of one
 * of them can write its type down. The two entry points export them all.
 */

export type { ControlCounts } from './control/check/check-control.js';
export type { ControlFinding } from './control/check/control-finding.js';
export type { ControlError } from './control/control-error.js';
export type { Arrival, ArrivalOutcome, WatchBatch, WatchStatus } from './control/records/arrival-record.js';
export type { RunnerInfo } from './control/records/claim.js';
export type { ControlRecord, RecordType, TransactionType } from './control/records/control-record.js';
export type { FiringStatus } from './control/records/firing-record.js';
export type {
  FleetStatus,
  QueueStatus,
  RunningAttempt,
  WorkerStatus,
} from './control/records/fleet-status.js';
export type { IllegalSequence } from './control/records/illegal-sequence.js';
export type { FailingEntry, SkipCause, TaskState, TaskStatus } from './control/records/task-status.js';
export type {
  GateStatus,
  OpenTransaction,
  TransactionStatus,
  TransactionSummary,
} from './control/records/transaction-summary.js';
export type { UntakenTask } from './control/records/untaken-tasks.js';
export type { TransactionQuery } from './control/transaction-methods.js';
export type { Elsewhere } from './domain/binding.js';
export type { KeyError } from './domain/documents/decode-error.js';
export type { Json, JsonObject } from './domain/documents/json.js';
export type { InvalidArgument } from './domain/invalid-argument.js';
export type { NotTrusted, WouldRun } from './domain/not-trusted.js';
export type { InvalidPattern } from './domain/paths/glob-pattern.js';
export type { InvalidPath, PondPath } from './domain/paths/pond-path.js';
export type { Chain, ChainLink } from './domain/plans/chain.js';
export type { ConditionWords } from './domain/plans/condition.js';
export type { ExecutionMode, ExecutionModeFacts, FactoryMode } from './domain/plans/execution-mode.js';
export type {
  EntryError,
  Plan,
  PlanBody,
  PlanEdge,
  PlannedTask,
  PlanWarning,
  RegisteredFactory,
  RegistryFacts,
  RejectedEntry,
  ScheduleKind,
  SkippedEntry,
  SkipReason,
} from './domain/plans/plan.js';
export type { RetryPolicy } from './domain/plans/retry-policy.js';
export type { IfSuperseded, RunWhen } from './domain/plans/run-when.js';
export type { Suppression } from './domain/plans/suppression.js';
export type { TaskId } from './domain/plans/task-id.js';
export type { Notice, TaskOutcome } from './domain/plans/task-outcome.js';
export type { TaskPlace } from './domain/plans/task-place.js';
export type { Missed, ScheduleWords } from './domain/schedules/schedule-words.js';
export type {
  OnDuplicate,
  SchemaRule,
  SeriesColumn,
  SeriesContract,
  TimeUnit,
} from './domain/series/series-contract.js';
export type { SchemaConflict } from './domain/series/series-fit.js';
export type { Change } from './domain/tree/change.js';
export type { Difference, EntryState } from './domain/tree/difference.js';
export type { DynamicType, EntryType, Forgetting } from './domain/tree/node-row.js';
export type {
  AfterArrival,
  CsvWords,
  IntoPlace,
  SeriesWords,
  WatchWords,
} from './domain/watches/watch-words.js';
export type {
  AllOrNothingError,
  EmptyPlan,
  ExecutionFailed,
  ExecutionInterrupted,
  PrepareFailed,
} from './executor/all-or-nothing/outcome.js';
export type { ExecutionReport } from './executor/execution-report.js';
export type {
  OperationCancelled,
  OperationError,
  OperationFailure,
  OperationThrew,
  OperationTimedOut,
} from './executor/operation.js';
export type {
  ConfiguredFactory,
  ContentContext,
  DirectoryFactory,
  ExecutableFactory,
  ExecutionContext,
  Factory,
  FactoryBase,
  FactoryContext,
  FactoryError,
  FileFactory,
  GatherContext,
  Gathered,
  MadeFile,
  NestedNode,
  PostCommitContext,
  RetryWish,
  WriterContext,
} from './factories/factory.js';
export type { FactoryReference, ReferenceKey } from './factories/factory-reference.js';
export type { FactorySpan } from './factories/factory-span.js';
export type { Factories, FactoryFacts } from './factories/registry/registry.js';
export type { HostExecutionError, HostReport } from './host-plans/execute-host-plan.js';
export type { HostPlanOptions, HostPlans } from './host-plans/host-plans.js';
export type { UnreadableJournal } from './host-plans/journal/checkpoint-record.js';
export type { CheckpointSummary } from './host-plans/journal/checkpoint-summary.js';
export type { JournalEffect } from './host-plans/journal/journal-effects.js';
export type { MadeElsewhere } from './host-plans/journal/journal-seal.js';
export type {
  DirCopy,
  DirCreate,
  DirDelete,
  DirRemoveAll,
  FileBackup,
  FileCopy,
  FileDelete,
  FileMove,
  FileWrite,
  HostOperation,
  LinkCreate,
  LinkDelete,
} from './host-plans/operations/host-operation.js';
export type { HostPathProblem } from './host-plans/operations/host-path.js';
export type { HostPlan, HostPlanError, PlannedHostOperation } from './host-plans/plan/host-plan.js';
export type { RecoveredPlan, RecoverOptions as HostRecoverOptions } from './host-plans/recover-host-plans.js';
export type { HostEntryKind, HostOperationError } from './host-plans/steps/host-error.js';
export type { NotRemovable } from './host-plans/steps/removable-tree.js';
export type { SharedDirectory } from './host-plans/steps/shared-directory.js';
export type { ChainFacts } from './planner/chain-facts.js';
export type { DerivedFile } from './planner/derived-changes.js';
export type { DiscoveredEntry } from './planner/entries/discovered-entry.js';
export type { Schedule } from './planner/entries/schedule.js';
export type { PlanInput } from './planner/plan-input.js';
export type { PlannerRules } from './planner/planner-rules.js';
export type { FoundInstead, UnsafeFile } from './ports/file-system.js';
export type { LockFailed } from './ports/locks.js';
export type { Logger, LogLevel } from './ports/logger.js';
export type {
  ConditionFailed,
  InvalidPlace,
  ObjectMissing,
  StoreCall,
  StoreFailed,
  StorePlace,
} from './ports/object-store.js';
export type { GroupProcess, ProcessGroup } from './ports/processes.js';
export type {
  ContentFormat,
  QueryFailed,
  QueryParams,
  QueryRows,
  WrittenRows,
} from './ports/query-engine.js';
export type { Attributes, TraceContext } from './ports/telemetry.js';
export type { NoWorkingSpace } from './ports/working-spaces.js';
export type { FetchedCounts } from './remotes/pull/fetch-contents.js';
export type { PullReport } from './remotes/pull/pull.js';
export type { Verification } from './remotes/pull/verify.js';
export type { PushReport } from './remotes/push/push.js';
export type { RemoteFailure } from './remotes/remote-error.js';
export type { TransferStep } from './remotes/transfer-step.js';
export type { PondError, RefusingGate } from './steward/errors.js';
export type {
  PondFleet,
  PondWorker,
  ScheduleStatus,
  WaitingFile,
  WatchEntry,
  WatchedFolder,
  WatchPreview,
} from './steward/shapes/background-reports.js';
export type {
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
} from './steward/shapes/call-reports.js';
export type {
  Comparison,
  ComparisonRange,
  HistoryQuery,
  PathCommit,
  RowComparison,
  RowComparisonRange,
} from './steward/shapes/comparisons.js';
export type { Finding, PondFinding, Severity } from './steward/shapes/finding.js';
export type { OpenOptions } from './steward/shapes/open-options.js';
export type { OutputLine } from './steward/shapes/output-line.js';
export type { QueryPondOptions } from './steward/shapes/query-options.js';
export type {
  Promotion,
  PushedRemote,
  PushOptions,
  RemoteLag,
  RemoteSettings,
  ReplicaOrigin,
  VerifiedRemote,
} from './steward/shapes/remote-reports.js';
export type { FsckOptions, FsckReport, PlanCheck } from './steward/shapes/report.js';
export type {
  DerivedCommit,
  ReadOptions,
  ReadTransaction,
  TransactionOptions,
  WriteOutcome,
  WriteTransaction,
  WriteTransactionOptions,
} from './steward/shapes/transactions.js';
export type {
  FetchedPond,
  FetchOptions,
  LogReadingOptions,
  TransferOptions,
  TransferProgress,
} from './steward/shapes/transfer-options.js';
export type {
  CancelOptions,
  DismissOptions,
  ForeignRecord,
  ForgetReport,
  ForgetRequest,
  Incomplete,
  IncompleteOptions,
  LeftGroup,
  MaintainOptions,
  MaintenanceReport,
  RecoveredHostPlan,
  RecoverOptions,
  RecoveryReport,
  RetryOptions,
} from './steward/shapes/upkeep.js';
export type { Steward as OpenSteward } from './steward/steward.js';
export type { BudgetSpent, ConditionsIgnored, StoreError } from './stores/store-error.js';
export type { Usage } from './stores/usage.js';
export type { MadeNode, VirtualEntry } from './tinyfs/dynamic-nodes.js';
export type { TinyFsError } from './tinyfs/errors.js';
export type { ByteStream, PersistenceError } from './tinyfs/persistence.js';
export type {
  DynamicConfig,
  Entry,
  Matches,
  PondReader,
  PondWriter,
  SeriesOptions,
  Version,
  WriteOptions,
} from './tinyfs/tinyfs.js';
export type { TableCounts } from './tlogfs/check/check-table.js';
export type { RowPlace, RowProblem, Stray, TableFinding } from './tlogfs/check/table-finding.js';
export type { Forgot, Swept, TLogError } from './tlogfs/tlog.js';
