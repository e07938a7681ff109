import { catchingTask } from '../catching.js';
import { type Observed, telemetryOr } from '../execution-telemetry.js';
import type { Operation, OperationThrew } from '../operation.js';
import type { IndependentCapabilities, OperationHandler } from './capabilities.js';
import { type Deadlines, deadlinesBy } from './deadlines.js';

/** Capabilities as the phases use them: their handler never throws, and defaults are filled in. */
export interface Guarded<Op extends Operation, Prepared, Started, E>
  extends Omit<IndependentCapabilities<Op, Prepared, Started, E>, 'handler' | 'telemetry'>,
    Observed<E> {
  readonly handler: OperationHandler<Op, Prepared, Started, E | OperationThrew>;
  /** Deadlines of its attempts. */
  readonly deadlines: Deadlines;
}

export const guarded = <Op extends Operation, Prepared, Started, E>(
  capabilities: IndependentCapabilities<Op, Prepared, Started, E>,
): Guarded<Op, Prepared, Started, E> => {
  const { handler, telemetry } = capabilities;
  return {
    deadlines: deadlinesBy(capabilities.clock),
    ...capabilities,
    telemetry: telemetryOr(telemetry),
    handler: {
      ...handler,
      prepare: (operation, tried, span) => catchingTask(() => handler.prepare(operation, tried, span)),
      execute: (operation, prepared, started, signal, span) =>
        catchingTask(() => handler.execute(operation, prepared, started, signal, span)),
    },
  };
};
