import type { JsonObject } from '../../../domain/documents/json.js';
import { printTaskId } from '../../../domain/plans/task-id.js';
import type { TaskOutcome } from '../../../domain/plans/task-outcome.js';
import type { Change } from '../../../domain/tree/change.js';
import type { FactoryContext } from '../../factory.js';

/** Document that a child process gets about the commit on its standard input: one JSON object, then the end. */
export const commandInput = (context: FactoryContext): Uint8Array =>
  new TextEncoder().encode(`${JSON.stringify(commitAsJson(context))}\n`);

const commitAsJson = (context: FactoryContext): JsonObject => ({
  pond_id: context.pondId,
  txn_seq: context.txnSeq,
  data_fs_version: context.dataFsVersion,
  task: context.task === null ? null : printTaskId(context.task),
  attempt: context.attempt,
  idempotency_key: context.idempotencyKey,
  config_path: context.path,
  superseded_by: context.supersededBy,
  changes: context.changes.map(changeAsJson),
  outcomes: context.outcomes.map(outcomeAsJson),
});

const changeAsJson = (change: Change): JsonObject => ({
  kind: change.kind,
  path: change.path,
  ...(change.kind === 'renamed' ? { from: change.from } : {}),
  entry_type: change.entryType,
});

const outcomeAsJson = (outcome: TaskOutcome): JsonObject => ({
  task: outcome.task,
  config_path: outcome.configPath,
  state: outcome.state,
  counts_as: outcome.countsAs,
  error: outcome.error,
  previous_state: outcome.previousState,
  failing_since: outcome.failingSince === null ? null : new Date(outcome.failingSince / 1000).toISOString(),
  report: outcome.report,
  notice: outcome.notice === null ? null : { id: outcome.notice.id, of: outcome.notice.of },
});
