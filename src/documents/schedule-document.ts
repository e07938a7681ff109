import type { FiringStatus } from '../control/records/firing-record.js';
import type { JsonObject } from '../domain/documents/json.js';
import { isoTime, isoTimeOrNull } from '../domain/text/iso-time.js';
import type { ScheduleStatus } from '../steward/shapes/background-reports.js';

/** A schedule as JSON shows it. */
export const scheduleDocument = (schedule: ScheduleStatus): JsonObject => {
  const { path, words, problem, nextDue, failures, failingSince, firings } = schedule;
  const [last] = firings;
  return {
    path,
    schedule: words?.expression ?? null,
    timezone: words?.timezone ?? null,
    missed: words?.missed ?? null,
    problem,
    next_due: isoTimeOrNull(nextDue),
    last: last === undefined ? null : outcomeDocument(last),
    failures,
    failing_since: isoTimeOrNull(failingSince),
    firings: firings.map(outcomeDocument),
  };
};

const outcomeDocument = ({ name, dueAt, tasks }: FiringStatus): JsonObject => {
  const [task] = tasks;
  return {
    firing: name,
    due_at: isoTime(dueAt),
    state: task?.state ?? 'pending',
    started_at: isoTimeOrNull(task?.startedAt ?? null),
    completed_at: isoTimeOrNull(task?.completedAt ?? null),
    duration_ms: task?.durationMs ?? null,
    error_message: task?.errorMessage ?? null,
  };
};
