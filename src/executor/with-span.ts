import { inspect } from 'node:util';
import type { Logger } from '../ports/logger.js';
import type { Span, SpanStart, Telemetry } from '../ports/telemetry.js';

/** Does work inside a span, which ends with the work, however that ends. What the work throws is recorded and passes through. */
export const withSpan = async <A>(
  { startSpan }: Pick<Telemetry, 'startSpan'>,
  start: SpanStart,
  work: (span: Span) => Promise<A>,
): Promise<A> => {
  const span = startSpan(start);
  try {
    return await work(span);
  } catch (thrown) {
    span.fail(thrown instanceof Error ? thrown.message : inspect(thrown));
    throw thrown;
  } finally {
    span.end();
  }
};

/** The logger whose lines belong to a span. */
export const loggerIn = (logger: Logger, { logFields }: Span): Logger =>
  'trace_id' in logFields ? logger.with(logFields) : logger;
