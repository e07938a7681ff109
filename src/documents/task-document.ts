import { isSome } from 'fp-ts/lib/Option.js';
import type { FiringStatus } from '../control/records/firing-record.js';
import type { TaskStatus } from '../control/records/task-status.js';
import type { Json, JsonObject } from '../domain/documents/json.js';
import { firingPlaceOf, parseFiring } from '../domain/plans/firing.js';
import { printTaskId } from '../domain/plans/task-id.js';
import { isoTime } from '../domain/text/iso-time.js';

/** A task as JSON shows it everywhere. */
export const taskDocument = (task: TaskStatus): JsonObject => ({
  task: printTaskId(task),
  execution_seq: task.firing === undefined ? task.executionSeq : firingPlaceOf(task.executionSeq),
  ...(task.firing === undefined ? {} : { firing: task.firing, due_at: timeOrNull(dueAtOf(task.firing)) }),
  factory_name: task.factoryName,
  config_path: task.configPath,
  state: task.state,
  attempts: task.attempts,
  started_at: timeOrNull(task.startedAt),
  completed_at: timeOrNull(task.completedAt),
  duration_ms: task.durationMs,
  error_message: task.errorMessage,
  config_txn_seq: task.configTxnSeq,
  trace_id: traceIdOf(task.traceParent),
  skip_cause: task.skipCause,
  not_before: timeOrNull(task.notBefore),
  report: task.report,
});

/** A firing as JSON shows it. */
export const firingDocument = ({ name, configPath, dueAt, tasks }: FiringStatus): JsonObject => ({
  firing: name,
  config_path: configPath,
  due_at: isoTime(dueAt),
  tasks: tasks.map(taskDocument),
});

const dueAtOf = (firing: string): number | null => {
  const parsed = parseFiring(firing);
  return isSome(parsed) ? parsed.value.dueAt : null;
};

const timeOrNull = (micros: number | null): Json => (micros === null ? null : isoTime(micros));

/** The trace id inside a W3C traceparent, `00-<trace id>-<span id>-<flags>`. */
export const traceIdOf = (traceParent: string | null): string | null =>
  /^[0-9a-f]{2}-([0-9a-f]{32})-/.exec(traceParent ?? '')?.[1] ?? null;

/** The span id inside a W3C traceparent. */
export const spanIdOf = (traceParent: string | null): string | null =>
  /^[0-9a-f]{2}-[0-9a-f]{32}-([0-9a-f]{16})-/.exec(traceParent ?? '')?.[1] ?? null;
