import type { Attributes, Span } from '../ports/telemetry.js';

/** The span in which a factory runs, seen by the factory: what it adds is seen beside the attempt in its trace. */
export interface FactorySpan {
  /** W3C Trace Context, for what the factory calls: the header `traceparent`, the variable `TRACEPARENT`. */
  readonly traceParent: string;
  /** Sets attributes. Values that came from `${env:...}` are redacted. */
  readonly set: (attributes: Attributes) => void;
  /** Notes that something happened now. */
  readonly event: (name: string, attributes?: Attributes) => void;
}

/** A factory neither ends its span nor says that it failed: how the attempt ends says both. */
export const factorySpan = (span: Span): FactorySpan => new SpanOfFactory(span);

/** A class, because there are many, and a literal with a getter takes several times as long. */
class SpanOfFactory implements FactorySpan {
  readonly set: FactorySpan['set'];
  readonly event: FactorySpan['event'];
  readonly #span: Span;

  constructor(span: Span) {
    this.#span = span;
    this.set = span.set;
    this.event = span.event;
  }

  /** A span that nobody records has an identity only once somebody asks for it. */
  get traceParent(): string {
    return this.#span.context.traceParent;
  }
}
