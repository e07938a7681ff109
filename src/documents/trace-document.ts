import type { Turn } from '../control/tasks/task-turns.js';
import type { JsonObject } from '../domain/documents/json.js';
import { isoTime } from '../domain/text/iso-time.js';
import type { CommitTimeline, TaskTimeline } from './commit-timeline.js';
import { gatesDocument } from './gate-document.js';
import { spanIdOf, taskDocument, traceIdOf } from './task-document.js';

/** A commit's timeline as JSON. */
export const traceDocument = (
  timeline: CommitTimeline,
  { pondId, traceUrl }: { readonly pondId: string; readonly traceUrl: string | null },
): JsonObject => ({
  pond_id: pondId,
  ...(timeline.firing === undefined
    ? {}
    : { firing: timeline.firing.name, due_at: timeOrNull(timeline.firing.dueAt) }),
  ...commitDocument(timeline),
  trace_url: traceUrl,
  ...(timeline.derived.length === 0 ? {} : { derived: timeline.derived.map(commitDocument) }),
});

const commitDocument = ({ commit, completedAt, tasks }: Omit<CommitTimeline, 'derived'>): JsonObject => ({
  txn_seq: commit.txnSeq,
  txn_id: commit.txnId,
  status: commit.status,
  cli_args: commit.cliArgs,
  started_at: isoTime(commit.startedAt),
  completed_at: timeOrNull(completedAt),
  duration_ms: commit.durationMs,
  data_fs_version: commit.dataFsVersion,
  trace_id: traceIdOf(commit.traceParent),
  span_id: spanIdOf(commit.traceParent),
  ...gatesDocument(commit.gates),
  ...(commit.causedBy.length === 0 ? {} : { caused_by: commit.causedBy }),
  tasks: tasks.map(taskTimelineDocument),
});

const taskTimelineDocument = ({ status, turns, runner }: TaskTimeline): JsonObject => {
  const { attempts, ...task } = taskDocument(status);
  return {
    ...task,
    runner: runner === null ? null : { pid: runner.pid, command: runner.command },
    attempts: turns.flatMap((turn) => (turn.attempt === null ? [] : [attemptDocument(turn)])),
  };
};

/** States in the words of the records: an interrupted attempt is a failed one, whose end nobody knows. */
const attemptDocument = (turn: Turn): JsonObject => ({
  attempt: turn.attempt,
  state: turn.state === 'running' ? 'started' : turn.state === 'interrupted' ? 'failed' : turn.state,
  pending_at: timeOrNull(turn.pendingAt),
  started_at: timeOrNull(turn.startedAt),
  ended_at: timeOrNull(turn.endedAt),
  duration_ms: turn.durationMs,
  error_message: turn.errorMessage,
  config_txn_seq: turn.configTxnSeq,
  trace_id: traceIdOf(turn.traceParent),
  span_id: spanIdOf(turn.traceParent),
  report: turn.report,
});

const timeOrNull = (micros: number | null): string | null => (micros === null ? null : isoTime(micros));
