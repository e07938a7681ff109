import type { Eventually } from '../effects/eventually.js';
import { loggerIn, withSpan } from '../effects/with-span.js';
import type { Clock } from '../ports/clock.js';
import type { Logger } from '../ports/logger.js';
import type { Span, TraceContext } from '../ports/telemetry.js';
import { ATTRIBUTE, SPAN } from '../ports/telemetry-names.js';
import type { ExecutionTelemetry } from './execution-telemetry.js';
import type { ExecutablePlan, Operation, OperationError } from './operation.js';
import { pacing } from './pacing.js';

interface Preparing<E> extends Pick<ExecutionTelemetry<E>, 'telemetry' | 'describe'> {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly parent: TraceContext;
}

/** Phase one as it is seen from outside: each operation is asked in turn, and what is wrong with it (null: nothing) is told. */
export const preparing = <Op extends Operation, E>(
  { telemetry, describe, clock, logger, parent }: Preparing<E>,
  { operations }: ExecutablePlan<Op>,
  signal: AbortSignal,
  prepare: (operation: Op, span: Span) => Eventually<OperationError<E> | null>,
): Promise<void> => {
  const attributes = { [ATTRIBUTE.operations]: operations.length };
  return withSpan(telemetry, { name: SPAN.prepare, parent, attributes }, async (span) => {
    const log = loggerIn(logger, span);
    log.log('debug', 'preparing_plan', { operation_count: operations.length });
    const pace = pacing(clock);
    let failed = 0;
    for (const operation of operations) {
      if (signal.aborted) break;
      const answer = prepare(operation, span);
      const error = answer instanceof Promise ? await answer : answer;
      if (error !== null) {
        failed += 1;
        span.fail(`${operation.id}: ${describe(error)}`);
      }
      const pause = pace();
      if (pause !== null) await pause;
    }
    log.log('debug', failed === 0 ? 'prepare_complete' : 'prepare_failed', { failed });
  });
};
