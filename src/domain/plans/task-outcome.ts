import type { Json } from '../documents/json.js';

/** A message about an episode: of one entry's failures, by one entry that looks at changes. */
export interface Notice {
  /** The same for every attempt to send it, and for no other message. */
  readonly id: string;
  /** Tells whether the watched entry has begun to fail, or has completed again. */
  readonly of: 'begins' | 'ends';
}

/** Outcome of a task that another one has waited for. */
export interface TaskOutcome {
  /** Name of the task, as it is printed: `42.1`. */
  readonly task: string;
  /** Path of its configuration. */
  readonly configPath: string;
  readonly state: 'completed' | 'failed' | 'rolled_back' | 'skipped' | 'dismissed' | 'cancelled';
  /**
   * Meaning of that to those that wait: a skipped task counts as what it was skipped for, one that was dismissed,
   * cancelled or undone as failed; `left_out`: it neither completed nor failed, and nobody needs it.
   */
  readonly countsAs: 'completed' | 'failed' | 'left_out';
  /** Reason why it failed or was skipped; null where it completed. */
  readonly error: string | null;
  /** State of the newest earlier commit's task of the same entry; null: there is none. */
  readonly previousState: 'completed' | 'failed' | null;
  /**
   * Time since which the entry has been failing without a pause, up to and with this task, or before it where it has
   * completed now. Microseconds since the epoch; null: it was not failing.
   */
  readonly failingSince: number | null;
  /** Report of its newest attempt. */
  readonly report: Json | null;
  /** The message that is due about it; only for an entry whose `run_when` is `change`. */
  readonly notice: Notice | null;
}
