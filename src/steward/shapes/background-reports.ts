import type { WatchStatus } from '../../control/records/arrival-record.js';
import type { FiringStatus } from '../../control/records/firing-record.js';
import type { FleetStatus, WorkerStatus } from '../../control/records/fleet-status.js';
import type { TaskId } from '../../domain/plans/task-id.js';
import type { ScheduleWords } from '../../domain/schedules/schedule-words.js';
import type { WatchWords } from '../../domain/watches/watch-words.js';

/** An entry of `/etc/schedule.d`, when it is due, and what its firings came to. */
export interface ScheduleStatus {
  /** Path of the entry. */
  readonly path: string;
  /** Null: it cannot be read. */
  readonly words: ScheduleWords | null;
  /** Reason why it never fires, or not here; null: it does. */
  readonly problem: string | null;
  /** The next time at which it is due, microseconds since the epoch; null: never. */
  readonly nextDue: number | null;
  /** Firings that failed since one has completed. */
  readonly failures: number;
  /** Time of the first of them, microseconds since the epoch; null: there is none. */
  readonly failingSince: number | null;
  /** The newest firings, newest first. */
  readonly firings: readonly FiringStatus[];
}

/** An entry of `/etc/watch.d`. */
export interface WatchEntry {
  /** Path of the entry. */
  readonly path: string;
  readonly description: string | null;
  readonly isEnabled: boolean;
  /** Name of the machine that has the folder; null: the pond is served on one machine only. */
  readonly host: string | null;
  /** Null: it cannot be read. */
  readonly words: WatchWords | null;
  /** Reason why it takes nothing in, ever, as it is written; null: it does. */
  readonly fault: string | null;
}

/** A file of a watched folder that would be taken in once it has settled. */
export interface WaitingFile {
  /** Path on the host, absolute. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Microseconds since the epoch. */
  readonly modifiedAt: number;
  /** Place in the pond that it would go to; null: it would be refused, as it has none. */
  readonly target: string | null;
}

/** Files that would be taken in from a watched folder, as it is now. */
export interface WatchPreview extends WatchEntry {
  /** Reason why the folder cannot be looked at; null: it can. */
  readonly problem: string | null;
  readonly waiting: readonly WaitingFile[];
  /** Files that were taken in, and are still to be moved or deleted. */
  readonly unfinished: readonly string[];
  /** Files that were dealt with and stay where they are. */
  readonly known: number;
  /** Names that match, of what is not a regular file, or a directory that is not looked into, and why. */
  readonly passedOver: readonly { readonly name: string; readonly why: string }[];
}

/** A watched folder, and what is remembered of it. */
export interface WatchedFolder extends WatchEntry, Omit<WatchStatus, 'watch' | 'problem'> {
  /** Reason why nothing is taken in now, and since when (microseconds since the epoch; null: that is not known); null: there is none. */
  readonly problem: { readonly message: string; readonly since: number | null } | null;
}

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
