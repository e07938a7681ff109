import type { FiringStatus } from '../control/firing-record.js';
import { isoTime, isoTimeOrNull } from '../domain/documents/iso-time.js';
import type { JsonObject } from '../domain/documents/json.js';
import type { ScheduleStatus } from '../steward/background-reports.js';

/** A schedule as JSON shows it. */
export const scheduleDocument = (schedule: ScheduleStatus): JsonObject => {
  const { path, words, problem, nextDue, firings } = schedule;
  const failing = failingFirings(schedule);
  const [last] = firings;
  return {
    path,
    schedule: words?.expression ?? null,
    timezone: words?.timezone ?? null,
    missed: words?.missed ?? null,
    problem,
    next_due: isoTimeOrNull(nextDue),
    last: last === undefined ? null : outcomeDocument(last),
    failures: failing.length,
    failing_since: isoTimeOrNull(failing.at(-1)?.tasks[0]?.completedAt ?? null),
    firings: firings.map(outcomeDocument),
  };
};

/** Firings that failed since the last one that completed, newest first; none where the newest that has ended did not fail. */
export const failingFirings = ({ firings }: Pick<ScheduleStatus, 'firings'>): readonly FiringStatus[] => {
  const ended = firings.filter(({ tasks }) => ENDED.has(tasks[0]?.state ?? ''));
  const good = ended.findIndex(({ tasks }) => tasks[0]?.state === 'completed');
  return good === -1 ? ended : ended.slice(0, good);
};

/** A firing that was missed, or settled by hand, says nothing of its entry. */
const ENDED: ReadonlySet<string> = new Set(['completed', 'failed', 'rolled_back']);

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
