import type { JsonObject } from '../domain/documents/json.js';
import { type PlannedTask, type RejectedEntry, rulesOfTask } from '../domain/plans/plan.js';
import { placeOfTask } from '../domain/plans/task-place.js';
import { describeEntryError, describeSkip, describeWarning } from '../steward/describe-plan.js';
import { locateError } from '../steward/planning/locate-error.js';
import type { CommitPlan } from '../steward/shapes/call-reports.js';

/** A plan in JSON. Reasons and errors come in words, and as tags for programs. */
export const planDocument = ({
  txnSeq,
  plan,
  changes,
  recordedChecksum,
  sources,
}: CommitPlan): JsonObject => ({
  txn_seq: txnSeq,
  checksum: plan.checksum,
  recorded_checksum: recordedChecksum,
  schedule: plan.schedule,
  max_concurrency: plan.max_concurrency,
  changes: changes.map((change) => ({
    kind: change.kind,
    path: change.path,
    ...(change.kind === 'renamed' ? { from: change.from } : {}),
    file_type: change.entryType,
  })),
  tasks: plan.tasks.map((task) => ({
    execution_seq: task.execution_seq,
    name: task.name,
    config_path: task.config_path,
    factory: task.factory,
    depends_on: task.depends_on,
    blocked_by: task.blocked_by,
    batch: task.batch,
    stage: task.stage,
    timeout_ms: task.timeout_ms,
    retry: task.retry,
    ...placeOfTask(task),
    ...rulesDocument(task),
  })),
  batches: plan.batches,
  edges: plan.edges,
  skipped: plan.skipped.map(({ path, reason }) => ({
    path,
    reason: describeSkip(reason),
    reason_tag: reason._tag,
  })),
  rejected: plan.rejected.map((entry) => rejectionDocument(entry, sources)),
  warnings: plan.warnings.map(describeWarning),
});

/** A rejected entry: `errors` in words, `details` with file, line (where it is known) and key of each. */
const rejectionDocument = (
  { path, execution_seq, factory, errors }: RejectedEntry,
  sources: CommitPlan['sources'],
): JsonObject => ({
  path,
  execution_seq,
  factory,
  errors: errors.map((error) => describeEntryError(path, error)),
  error_tags: errors.map(({ _tag }) => _tag),
  details: errors.flatMap((error) =>
    locateError(path, error, sources).map(({ file, line, key, message }) => ({ file, line, key, message })),
  ),
});

/** Fields that say when a task runs, defaults included. */
const rulesDocument = (task: PlannedTask): JsonObject => {
  const { derived, ifSuperseded, runWhen, waitsFor } = rulesOfTask(task);
  return { derived, if_superseded: ifSuperseded, run_when: runWhen, waits_for: waitsFor };
};
