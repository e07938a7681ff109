import {
  type Attributes as ApiAttributes,
  type Span as ApiSpan,
  type Context,
  isValidSpanId,
  type MeterProvider,
  metrics,
  ProxyTracerProvider,
  ROOT_CONTEXT,
  type SpanContext,
  SpanStatusCode,
  TraceFlags,
  type TracerProvider,
  trace,
} from '@opentelemetry/api';
import { parseTraceParent, printTraceParent, type TraceParent } from '../domain/trace-parent.js';
import type { Ids } from '../ports/ids.js';
import type { Span, SpanStart, Telemetry, TraceContext } from '../ports/telemetry.js';
import { VERSION } from '../version.js';
import { instrumentsOf } from './instruments.js';
import { JOINED } from './joined.js';
import { lastMade } from './last-made.js';
import { untracedSpan } from './untraced-span.js';

/** The name of the product among the instrumented. */
const SCOPE = 'pond-steward';

export interface OpenTelemetryOptions {
  readonly ids: Ids;
  /** Default: whatever is registered with the API, now or later. */
  readonly tracerProvider?: TracerProvider;
  readonly meterProvider?: MeterProvider;
}

/**
 * Telemetry through OpenTelemetry's API. Where no SDK is registered the API does nothing, and identities are made
 * here, so that every commit has a trace that can be joined later.
 */
export const openTelemetry = ({ ids, tracerProvider, meterProvider }: OpenTelemetryOptions): Telemetry => {
  const meterOf = lastMade((provider: MeterProvider) => provider.getMeter(SCOPE, VERSION));
  const instruments = instrumentsOf(() => meterOf(meterProvider ?? metrics.getMeterProvider()));
  const tracerOf = lastMade((provider: TracerProvider) => provider.getTracer(SCOPE, VERSION));
  const placeOf = lastMade(parentPlace);
  const watching = () => tracerProvider ?? registeredProvider();
  return {
    isWatched: () => watching() !== NOBODY,
    startSpan: (start: SpanStart): Span => {
      const provider = watching();
      if (provider === NOBODY) return untracedSpan(ids, start);
      const { name, parent, attributes = {}, links = [] } = start;
      const place = parent === null ? NO_PARENT : placeOf(parent);
      const options = { attributes, links: links.flatMap(linkTo) };
      const span = tracerOf(provider).startSpan(name, options, place.context);
      const { spanId } = span.spanContext();
      // Without an SDK the API returns the parent's own context, or an invalid one.
      return spanId === place.spanId || !isValidSpanId(spanId) ? untracedSpan(ids, start) : tracedSpan(span);
    },
    ...instruments,
  };
};

/** The delegate that the API hands everything on to until somebody registers. */
const NOBODY = new ProxyTracerProvider().getDelegate();

/** Provider that is registered now; `NOBODY` where none is: then a span need not even be asked for: there are many. Another copy of the API may always have one. */
const registeredProvider = (): TracerProvider => {
  const registered = trace.getTracerProvider();
  return registered instanceof ProxyTracerProvider ? registered.getDelegate() : registered;
};

/** The parent of a span, as the API takes it. */
interface ParentPlace {
  readonly context: Context;
  /** Null where there is none. */
  readonly spanId: string | null;
}

const NO_PARENT: ParentPlace = { context: ROOT_CONTEXT, spanId: null };

const parentPlace = (parent: TraceContext): ParentPlace => {
  const span = parseTraceParent(parent.traceParent);
  return span === null ? NO_PARENT : { context: contextOf(parent, span), spanId: span.spanId };
};

const contextOf = ({ origin }: TraceContext, parent: TraceParent): Context => {
  const context = trace.setSpanContext(ROOT_CONTEXT, spanContextOf(parent, origin !== 'here'));
  return origin === 'record' && !parent.sampled ? context.setValue(JOINED, true) : context;
};

const spanContextOf = ({ traceId, spanId, sampled }: TraceParent, isRemote: boolean): SpanContext => ({
  traceId,
  spanId,
  traceFlags: sampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
  isRemote,
});

const linkTo = (traceParent: string): readonly { readonly context: SpanContext }[] => {
  const linked = parseTraceParent(traceParent);
  return linked === null ? [] : [{ context: spanContextOf(linked, true) }];
};

const tracedSpan = (span: ApiSpan): Span => {
  const { traceId, spanId, traceFlags } = span.spanContext();
  const sampled = (traceFlags & TraceFlags.SAMPLED) === TraceFlags.SAMPLED;
  return {
    context: { traceParent: printTraceParent({ traceId, spanId, sampled }), origin: 'here' },
    logFields: { trace_id: traceId, span_id: spanId },
    set: (attributes) => {
      span.setAttributes(attributes);
    },
    event: (name, attributes: ApiAttributes = {}) => {
      span.addEvent(name, attributes);
    },
    fail: (message) => {
      span.recordException({ name: 'Error', message });
      span.setStatus({ code: SpanStatusCode.ERROR, message });
    },
    end: () => span.end(),
  };
};
