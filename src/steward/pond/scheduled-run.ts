import type { Json } from '../../domain/documents/json.js';
import type { Logger } from '../../ports/logger.js';
import type { TraceContext } from '../../ports/telemetry.js';

/** A firing of a schedule that runs an entry as a writer. */
export interface ScheduledRun {
  /** `PATH@TIME`. */
  readonly firing: string;
  /** The newest commit when the firing was recorded: its own can only be later. */
  readonly since: number;
  readonly attempt: number;
  readonly incarnation: string | null;
  /** The attempt's place in its trace. */
  readonly parent: TraceContext;
  readonly signal: AbortSignal;
  /** Takes what it says, which is kept with the attempt. */
  readonly log: Logger;
  readonly report: (report: Json) => void;
}
