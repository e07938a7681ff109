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
  /** Recording a firing of a schedule, under which its attempts are. */
  firing: 'steward.Firing',
  /** Taking in files that have arrived in a watched folder, the commit by which they arrive included. */
  batch: 'steward.Batch',
} as const;

/** Spans of requests to an object store, by what is asked for; inside the span of a push, a pull or a task. */
export const STORE_SPAN = {
  put: 'store.Put',
  get: 'store.Get',
  head: 'store.Head',
  list: 'store.List',
  delete: 'store.Delete',
  upload: 'store.Upload',
} as const;

/** Spans of work with a remote. */
export const REMOTE_SPAN = { push: 'remote.Push', pull: 'remote.Pull' } as const;

/** Spans of requests by HTTP of factories, each attempt of one. */
export const HTTP_SPAN = { request: 'http.Request' } as const;

/** The name of a span, of {@link SPAN}, {@link STORE_SPAN}, {@link REMOTE_SPAN} or {@link HTTP_SPAN}. */
export type SpanName =
  | (typeof SPAN)[keyof typeof SPAN]
  | (typeof STORE_SPAN)[keyof typeof STORE_SPAN]
  | (typeof REMOTE_SPAN)[keyof typeof REMOTE_SPAN]
  | (typeof HTTP_SPAN)[keyof typeof HTTP_SPAN];

/** Attributes of spans. */
export const ATTRIBUTE = {
  pondId: 'pond.id',
  txnSeq: 'pond.txn_seq',
  firing: 'pond.firing',
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
  storeKey: 'store.key',
  storeUrl: 'store.url',
  storeRequests: 'store.requests',
  storeBytesSent: 'store.bytes_sent',
  storeBytesReceived: 'store.bytes_received',
  requestClass: 'request.class',
  requestAttempt: 'request.attempt',
  httpMethod: 'http.request.method',
  httpStatus: 'http.response.status_code',
  httpReceived: 'http.response.body.size',
  serverAddress: 'server.address',
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

/** Counters of what object stores were asked for, and of the bytes of objects. */
export const STORE_COUNTER = {
  requests: 'pond.store.requests',
  bytesSent: 'pond.store.bytes.sent',
  bytesReceived: 'pond.store.bytes.received',
} as const;

/** Counters of requests by HTTP of factories, and of the bytes of their bodies and of those of the answers. */
export const HTTP_COUNTER = {
  requests: 'pond.http.requests',
  bytesSent: 'pond.http.bytes.sent',
  bytesReceived: 'pond.http.bytes.received',
} as const;

/** The name of a counter, of {@link COUNTER}, {@link STORE_COUNTER} or {@link HTTP_COUNTER}. */
export type CounterName =
  | (typeof COUNTER)[keyof typeof COUNTER]
  | (typeof STORE_COUNTER)[keyof typeof STORE_COUNTER]
  | (typeof HTTP_COUNTER)[keyof typeof HTTP_COUNTER];

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
export const LABEL = { factory: 'factory', outcome: 'outcome', requestClass: 'request.class' } as const;

/** The name of a label, of {@link LABEL}. */
export type LabelName = (typeof LABEL)[keyof typeof LABEL];
