/**
 * The engine without a pond, `pond-steward/executor`: plans of operations on the host's filesystem, both executors for
 * plans of one's own, and working parts to hand in.
 *
 * @packageDocumentation
 */
import { silentLogger } from './adapters/logging/silent-logger.js';
import { holdNodeFiles } from './adapters/node/files/held-files.js';
import { nodeFileSystem } from './adapters/node/files/node-file-system.js';
import { nodeAppendLogs } from './adapters/node/node-append-logs.js';
import { nodeClock } from './adapters/node/node-clock.js';
import { userOfProcess } from './adapters/node/node-host.js';
import { uuidIds } from './adapters/node/uuid-ids.js';
import { kindOf } from './domain/invalid-argument.js';
import type { CheckpointFiles, CheckpointStore } from './host-plans/checkpoint-store.js';
import { type HostExecutor, hostExecutorOn } from './host-plans/host-executor.js';
import type { Clock } from './ports/clock.js';
import type { HostFileSystem } from './ports/file-system.js';
import type { Logger } from './ports/logger.js';
import { NO_TELEMETRY } from './ports/no-telemetry.js';
import type { Telemetry } from './ports/telemetry.js';

/** Parts of a host executor. */
export interface HostExecutorParts {
  /** Filesystem that the plans work on. */
  readonly files: HostFileSystem;
  /** Store of what undoing needs. */
  readonly checkpoints: CheckpointStore;
  /** Default: the machine's. */
  readonly clock?: Clock;
  /** Default: says nothing. */
  readonly logger?: Logger;
  /** Default: says nothing. */
  readonly telemetry?: Telemetry;
  /** Tells whether a plan may work in directories of the host in which other users could exchange what is there. Default: no. */
  readonly allowSharedDirectories?: boolean;
}

/**
 * Makes an executor of host plans. `run` executes a plan, all of it or nothing; `prepare`, `execute` and `rollback` are
 * its phases by themselves.
 *
 * @example
 * const memory = createMemoryFileSystem();
 * const executor = createHostExecutor({ files: memory.files, checkpoints: memoryCheckpointStore() });
 * const plan = planHostOperations([{ id: 'site', kind: 'DirCreate', path: '/site' }]);
 * if (plan._tag === 'Right') {
 *   const ended = await executor.run(plan.right, { concurrency: 4 })();
 *   if (ended._tag === 'Left') throw new Error(ended.left._tag);
 * }
 */
export const createHostExecutor = ({
  clock = systemClock,
  logger = nullLogger,
  telemetry = nullTelemetry,
  allowSharedDirectories = false,
  files,
  checkpoints,
}: HostExecutorParts): HostExecutor => {
  refuseMissing({ files, checkpoints });
  // Whose the directories of another filesystem are, nobody knows.
  const user = files === nodeFileSystem ? userOfProcess() : null;
  const neighbours = { user, allowShared: allowSharedDirectories };
  const hold = files === nodeFileSystem ? holdNodeFiles : undefined;
  return hostExecutorOn({
    files,
    checkpoints,
    clock,
    logger,
    telemetry,
    neighbours,
    ids: uuidIds,
    ...(hold === undefined ? {} : { hold }),
  });
};

/** A part that is not there would be noticed in the middle of a plan. */
const refuseMissing = (parts: Pick<HostExecutorParts, 'files' | 'checkpoints'>): void => {
  for (const [name, part] of Object.entries(parts))
    if (typeof part !== 'object' || part === null)
      throw new TypeError(`createHostExecutor: ${name}: required, got ${kindOf(part)}`);
};

/** The host's filesystem, and files on it that only grow. */
export const hostFileSystem: CheckpointFiles = { files: nodeFileSystem, logs: nodeAppendLogs };

/** The machine's clock. */
export const systemClock: Clock = nodeClock;

/** A logger that says nothing. */
export const nullLogger: Logger = silentLogger;

/** Telemetry that says nothing. */
export const nullTelemetry: Telemetry = NO_TELEMETRY;

export type { FaultRule, MemoryCall } from './adapters/memory/file-system/faults.js';
export { failAt } from './adapters/memory/file-system/faults.js';
export type {
  MemoryFileSystem,
  MemoryFileSystemOptions,
} from './adapters/memory/file-system/memory-file-system.js';
export { createMemoryFileSystem } from './adapters/memory/file-system/memory-file-system.js';
export type { PowerLoss, Unsynced, UnsyncedFile } from './adapters/memory/file-system/power-loss.js';
export type { LogLine, RecordingLogger } from './adapters/memory/recording-logger.js';
export { recordingLogger } from './adapters/memory/recording-logger.js';
export type { RecordedSpan, RecordingTelemetry } from './adapters/memory/recording-telemetry.js';
export { recordingTelemetry } from './adapters/memory/recording-telemetry.js';
export type { KeyError } from './domain/documents/decode-error.js';
export type { Json, JsonObject } from './domain/documents/json.js';
export type { InvalidArgument } from './domain/invalid-argument.js';
export type { RetryPolicy } from './domain/plans/retry-policy.js';
export type { Eventually } from './effects/eventually.js';
export type { StopSign } from './effects/stop-sign.js';
export type {
  BatchedPlan,
  Checkpoint,
  CheckpointEnd,
  CommitOptions,
  Intent,
  UndoableCapabilities,
  UndoableHandler,
  Undone,
} from './executor/all-or-nothing/capabilities.js';
export type { AllOrNothingOptions } from './executor/all-or-nothing/execute-all-or-nothing.js';
export {
  execute,
  executeAllOrNothing,
  prepare,
  rollback,
} from './executor/all-or-nothing/execute-all-or-nothing.js';
export type { UndoCapabilities } from './executor/all-or-nothing/guarded.js';
export type {
  AllOrNothingError,
  EmptyPlan,
  ExecutionFailed,
  ExecutionInterrupted,
  PreparedPlan,
  PrepareFailed,
  Rollback,
  StoppedExecution,
} from './executor/all-or-nothing/outcome.js';
export type { AttemptAllowance, FailureWish } from './executor/attempts.js';
export type { ExecutionReport } from './executor/execution-report.js';
export { partiallyFailed, succeeded } from './executor/execution-report.js';
export type { ExecutionTelemetry } from './executor/execution-telemetry.js';
export type {
  IndependentCapabilities,
  Journal,
  OperationEnd,
  OperationHandler,
  StartOutcome,
} from './executor/independent/capabilities.js';
export type { ExecutionError, ExecutionOptions } from './executor/independent/execute-independently.js';
export { executeIndependently } from './executor/independent/execute-independently.js';
export type {
  ExecutablePlan,
  Operation,
  OperationCancelled,
  OperationError,
  OperationFailure,
  OperationThrew,
  OperationTimedOut,
} from './executor/operation.js';
export type {
  CheckpointEntry,
  CheckpointFiles,
  CheckpointNotFound,
  CheckpointStore,
  NewCheckpoint,
  StoredCheckpoint,
} from './host-plans/checkpoint-store.js';
export { fileCheckpointStore, memoryCheckpointStore } from './host-plans/checkpoint-store.js';
export type { HostExecutionError, HostReport } from './host-plans/execute-host-plan.js';
export type { HostExecutor, PreparedHostPlan, StoppedHostExecution } from './host-plans/host-executor.js';
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
export type { InvalidOperation } from './host-plans/plan/plan-given-operations.js';
export { planGivenOperations as planHostOperations } from './host-plans/plan/plan-given-operations.js';
export type { HostEntryKind, HostOperationError } from './host-plans/steps/host-error.js';
export type { NotRemovable } from './host-plans/steps/removable-tree.js';
export type { SharedDirectory } from './host-plans/steps/shared-directory.js';
export type { AppendLog, AppendLogs } from './ports/append-log.js';
export type { Clock } from './ports/clock.js';
export type {
  AccessRight,
  CallFailed,
  EntryStat,
  FileStat,
  FileSystem,
  FileSystemError,
  FoundInstead,
  HostFileSystem,
  NewContent,
  NewFile,
  Owner,
  UnsafeFile,
} from './ports/file-system.js';
export type { Logger, LogLevel } from './ports/logger.js';
export type { Random } from './ports/random.js';
export type { Attributes, Span, SpanStart, Telemetry, TraceContext } from './ports/telemetry.js';
export * from './ports/telemetry-names.js';
