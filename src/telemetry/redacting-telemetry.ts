import type { Redact } from '../domain/secrets/redactor.js';
import type { Attributes, Span, Telemetry } from '../ports/telemetry.js';

/** The same telemetry, with secrets taken out of the words and attributes of every span. */
export const redactingTelemetry = (telemetry: Telemetry, redact: Redact): Telemetry => ({
  ...telemetry,
  startSpan: (start) =>
    redactingSpan(
      telemetry.startSpan(
        start.attributes === undefined
          ? start
          : { ...start, attributes: redactAttributes(start.attributes, redact) },
      ),
      redact,
    ),
});

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
