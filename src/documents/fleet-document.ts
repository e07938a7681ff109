import type { JsonObject } from '../domain/documents/json.js';
import { printTaskId } from '../domain/plans/task-id.js';
import { isoTimeOrNull } from '../domain/text/iso-time.js';
import type { PondFleet, PondWorker } from '../steward/shapes/background-reports.js';

/** Processes that run tasks, and what waits for them, in JSON. */
export const fleetDocument = ({ workers, queue }: PondFleet): JsonObject => ({
  workers: workers.map(workerDocument),
  queue: queueDocument(queue),
});

/** Tasks that have not begun, in JSON. */
export const queueDocument = ({ pending, oldestAt, oldestAgeMs }: PondFleet['queue']): JsonObject => ({
  pending,
  oldest_at: isoTimeOrNull(oldestAt),
  oldest_age_ms: oldestAgeMs === null ? null : Math.round(oldestAgeMs),
});

const workerDocument = (worker: PondWorker): JsonObject => ({
  runner_id: worker.runnerId,
  host: worker.host,
  pid: worker.pid,
  command: worker.command,
  started_at: isoTimeOrNull(worker.startedAt),
  background: worker.isInBackground,
  queues: worker.queues,
  concurrency: worker.concurrency,
  running: worker.running.map(({ task, configPath, attempt, startedAt }) => ({
    task: printTaskId(task),
    config_path: configPath,
    attempt,
    started_at: isoTimeOrNull(startedAt),
  })),
  waiting: worker.waiting,
  lacks: worker.lacks.map(({ task, configPath, reason }) => ({
    task: printTaskId(task),
    config_path: configPath,
    reason,
  })),
});
