import type { FleetStatus, WorkerStatus } from '../control/fleet-status.js';
import type { TaskId } from '../domain/plans/task-id.js';

/** A live process that runs tasks, and tasks that it has left to others. */
export interface PondWorker extends WorkerStatus {
  /** Tasks that it cannot run, or may not: a factory that it does not know, a configuration that is not approved there. */
  readonly lacks: readonly { readonly task: TaskId; readonly configPath: string; readonly reason: string }[];
}

/** All who run tasks of a pond, and what is left for them. */
export interface PondFleet {
  /** Workers, servers and commands that run tasks, the oldest first. */
  readonly workers: readonly PondWorker[];
  readonly queue: FleetStatus['queue'] & {
    /** Milliseconds for which the oldest task has waited, by this machine's clock; null: none waits. */
    readonly oldestAgeMs: number | null;
  };
}
