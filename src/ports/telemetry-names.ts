// Every name that dashboards, alerts and searches rely on. They change only when an issue says so.

/** Spans, each inside the one before where it has one. */
export const SPAN = {
  commit: 'steward.Commit',
  discover: 'steward.Discover',
  plan: 'planner.Plan',
  execute: 'executor.Execute',
  prepare: 'executor.Prepare',
  operation: 'operation.Execute',
  rollback: 'executor.Rollback',
} as const;

/** The name of a span, of {@link SPAN}. */
export type SpanName = (typeof SPAN)[keyof typeof SPAN];

/** Attributes of spans. */
export const ATTRIBUTE = {
  pondId: 'pond.id',
  txnSeq: 'pond.txn_seq',
  dataFsVersion: 'pond.data_fs_version',
  planChecksum: 'plan_checksum',
  tasks: 'tasks',
  skipped: 'skipped',
  rejected: 'rejected',
  entries: 'entries',
  operationCount: 'operation_count',
  operations: 'operations',
  executed: 'executed',
  failed: 'failed',
  rolledBack: 'rolled_back',
  operationsExecuted: 'operations_executed',
  failurePhase: 'failure_phase',
  operationId: 'op.id',
  operationKind: 'op.kind',
  taskId: 'task.id',
  taskFactory: 'task.factory',
  taskConfigPath: 'task.config_path',
  taskAttempt: 'task.attempt',
  taskReport: 'task.report',
  operationsToRollBack: 'operations_to_rollback',
  failedRollback: 'failed_rollback',
} as const;

/** Counters, in operations and executions. */
export const COUNTER = {
  executions: 'executor.executions.total',
  executionsSucceeded: 'executor.executions.success',
  executionsFailed: 'executor.executions.failed',
  operationsExecuted: 'executor.operations.executed',
  operationsFailed: 'executor.operations.failed',
  operationsRolledBack: 'executor.operations.rolled_back',
} as const;

/** The name of a counter, of {@link COUNTER}. */
export type CounterName = (typeof COUNTER)[keyof typeof COUNTER];

/** Gauges, in operations. */
export const GAUGE = { operationsQueued: 'executor.operations.queued' } as const;

/** The name of a gauge, of {@link GAUGE}. */
export type GaugeName = (typeof GAUGE)[keyof typeof GAUGE];

/** Gauges of single paths of a pond, which the factory `metrics` says: rows, bytes, versions, seconds. */
export const PATH_GAUGE = {
  rows: 'pond.path.rows',
  bytes: 'pond.path.bytes',
  versions: 'pond.path.versions',
  age: 'pond.path.newest_event.age',
} as const;

/** The name of a gauge of one path, of {@link PATH_GAUGE}. */
export type PathGaugeName = (typeof PATH_GAUGE)[keyof typeof PATH_GAUGE];

/** Histograms, in seconds. */
export const HISTOGRAM = {
  executionDuration: 'executor.duration.seconds',
  taskDuration: 'pond.task.duration',
} as const;

/** The name of a histogram, of {@link HISTOGRAM}. */
export type HistogramName = (typeof HISTOGRAM)[keyof typeof HISTOGRAM];

/** Labels of metrics: never an identifier, a path or a message, of which there is no end. */
export const LABEL = { factory: 'factory', outcome: 'outcome' } as const;

/** The name of a label, of {@link LABEL}. */
export type LabelName = (typeof LABEL)[keyof typeof LABEL];
