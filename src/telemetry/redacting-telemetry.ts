import type { Redact } from '../domain/secrets/redactor.js';
import type { Attributes, Span, SpanStart, Telemetry } from '../ports/telemetry.js';

/**
 * The same telemetry, with secrets taken out of the words and attributes of every span. Where nobody records a span, there is
 * nothing to be taken out of it, and it is not even asked for its identity: every task has several.
 */
export const redactingTelemetry = (telemetry: Telemetry, redact: Redact): Telemetry => ({
  ...telemetry,
  startSpan: (start) => {
    const span = telemetry.startSpan(redactedStart(start, redact));
    return 'trace_id' in span.logFields ? redactingSpan(span, redact) : span;
  },
});

/** Attributes are looked at where somebody asks for them. */
const redactedStart = (start: SpanStart, redact: Redact): SpanStart => {
  const { attributes, ...others } = start;
  if (attributes === undefined) return start;
  return {
    ...others,
    get attributes() {
      return redactAttributes(attributes, redact);
    },
  };
};

const redactingSpan = (span: Span, redact: Redact): Span => ({
  context: span.context,
  logFields: span.logFields,
  set: (attributes) => span.set(redactAttributes(attributes, redact)),
  event: (name, attributes = {}) => span.event(redact(name), redactAttributes(attributes, redact)),
  fail: (message) => span.fail(redact(message)),
  end: () => span.end(),
});

const redactAttributes = (attributes: Attributes, redact: Redact): Attributes =>
  Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [
      name,
      typeof value === 'string' ? redact(value) : value,
    ]),
  );
