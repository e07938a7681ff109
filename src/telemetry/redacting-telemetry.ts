import type { Redact } from '../domain/secrets/redactor.js';
import type { Attributes, Span, SpanStart, Telemetry } from '../ports/telemetry.js';

/**
 * The same telemetry, with secrets taken out of the words and attributes of every span. Where nobody records spans, there is
 * nothing to be taken out of them, and none is even asked for its identity: every task has several.
 */
export const redactingTelemetry = (telemetry: Telemetry, redact: Redact): Telemetry => ({
  ...telemetry,
  startSpan: (start) => {
    if (telemetry.isWatched?.() === false) return telemetry.startSpan(start);
    const span = telemetry.startSpan(redactedStart(start, redact));
    return 'trace_id' in span.logFields ? redactingSpan(span, redact) : span;
  },
});

const redactedStart = (start: SpanStart, redact: Redact): SpanStart => {
  if (start.attributes === undefined) return start;
  const attributes = redactAttributes(start.attributes, redact);
  return attributes === start.attributes ? start : { ...start, attributes };
};

const redactingSpan = (span: Span, redact: Redact): Span => ({
  context: span.context,
  logFields: span.logFields,
  set: (attributes) => span.set(redactAttributes(attributes, redact)),
  event: (name, attributes = {}) => span.event(redact(name), redactAttributes(attributes, redact)),
  fail: (message) => span.fail(redact(message)),
  end: () => span.end(),
});

/** The same attributes where there is nothing to be taken out of them, which is nearly always: they are looked at, and not copied. */
const redactAttributes = (attributes: Attributes, redact: Redact): Attributes => {
  let redacted: Record<string, string | number | boolean> | null = null;
  for (const name of Object.keys(attributes)) {
    const value = attributes[name];
    if (typeof value !== 'string') continue;
    const without = redact(value);
    if (without === value) continue;
    redacted ??= { ...attributes };
    redacted[name] = without;
  }
  return redacted ?? attributes;
};
