import type { Clock } from '../../ports/clock.js';
import type { Logger } from '../../ports/logger.js';
import type { Random } from '../../ports/random.js';
import type { ExecutionTelemetry } from '../execution-telemetry.js';
import type { Journal, Operation, OperationHandler } from '../operation.js';

/** What executing a plan needs. */
export interface ExecutorCapabilities<Op extends Operation, Prepared, Started, E> {
  readonly handler: OperationHandler<Op, Prepared, Started, E>;
  readonly journal: Journal<Op, Started, E>;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Default: none. */
  readonly telemetry?: ExecutionTelemetry<E>;
  /** Milliseconds that an operation has to stop in once it is told to. */
  readonly graceMs: number;
}
