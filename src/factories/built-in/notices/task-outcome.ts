import type { Json } from '../../../domain/documents/json.js';

/** How a task ended that a notifier waited for, as a notice tells it. */
export interface TaskOutcome {
  /** `42.1`. */
  readonly task: string;
  readonly config_path: string;
  readonly state: string;
  readonly error: string | null;
  readonly previous_state: string | null;
  /** The commit since which it has been failing. */
  readonly failing_since: number | null;
  readonly report: Json;
}
