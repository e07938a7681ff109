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

const redactedStart = (start: SpanStart, redact: Redact): SpanStart =>
  start.attributes === undefined ? start : new RedactedStart(start, start.attributes, redact);

/** Attributes are looked at where somebody asks for them. A class, because there are many. */
class RedactedStart implements SpanStart {
  readonly name: SpanStart['name'];
  readonly parent: SpanStart['parent'];
  readonly links: readonly string[];
  readonly context: NonNullable<SpanStart['context']> | undefined;
  readonly #attributes: Attributes;
  readonly #redact: Redact;

  constructor(
    { name, parent, links = NO_LINKS, context }: SpanStart,
    attributes: Attributes,
    redact: Redact,
  ) {
    this.name = name;
    this.parent = parent;
    this.links = links;
    this.context = context;
    this.#attributes = attributes;
    this.#redact = redact;
  }

  get attributes(): Attributes {
    return redactAttributes(this.#attributes, this.#redact);
  }
}

const NO_LINKS: readonly string[] = [];

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
