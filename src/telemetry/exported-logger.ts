import { type AttributeValue, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { type Logger as ApiLogger, SeverityNumber } from '@opentelemetry/api-logs';
import type { Json } from '../domain/documents/json.js';
import { parseTraceParent } from '../domain/trace-parent.js';
import type { Logger, LogLevel } from '../ports/logger.js';

type Fields = Readonly<Record<string, Json>>;

const SEVERITY: Readonly<Record<LogLevel, SeverityNumber>> = {
  debug: SeverityNumber.DEBUG,
  info: SeverityNumber.INFO,
  warn: SeverityNumber.WARN,
  error: SeverityNumber.ERROR,
};

/** The same logger, which also hands its lines from a level on to OpenTelemetry, each with the span that it belongs to. */
export const exportedLogger = (
  logger: Logger,
  api: ApiLogger,
  lowest: LogLevel,
  bound: Fields = {},
): Logger => ({
  takes: (level) => SEVERITY[level] >= SEVERITY[lowest] || logger.takes?.(level) !== false,
  log: (level, event, fields = {}) => {
    logger.log(level, event, fields);
    if (SEVERITY[level] < SEVERITY[lowest]) return;
    const { trace_id, span_id, ...rest } = { ...bound, ...fields };
    api.emit({
      eventName: event,
      body: event,
      severityNumber: SEVERITY[level],
      severityText: level.toUpperCase(),
      attributes: Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, attributeOf(value)])),
      context: contextOf(trace_id, span_id),
    });
  },
  with: (fields) => exportedLogger(logger.with(fields), api, lowest, { ...bound, ...fields }),
});

const contextOf = (traceId: Json | undefined, spanId: Json | undefined) => {
  const place = parseTraceParent(`00-${String(traceId)}-${String(spanId)}-01`);
  return place === null
    ? ROOT_CONTEXT
    : trace.setSpanContext(ROOT_CONTEXT, { traceId: place.traceId, spanId: place.spanId, traceFlags: 1 });
};

const attributeOf = (value: Json): AttributeValue =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? value
    : JSON.stringify(value);
