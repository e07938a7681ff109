import type { LogRecordExporter } from '@opentelemetry/sdk-logs';
import type { PushMetricExporter } from '@opentelemetry/sdk-metrics';
import type { SpanExporter } from '@opentelemetry/sdk-trace-base';

/** Writes one line. */
export type WriteLine = (line: string) => void;

const SUCCESS = { code: 0 };

/** Exporters for `console`: a line of JSON for each item, on standard error, since standard output is for data. */
export const consoleTraces = (write: WriteLine): SpanExporter => ({
  export: (spans, done) => {
    for (const span of spans) {
      const { traceId, spanId } = span.spanContext();
      write(
        lineOf({
          span: span.name,
          trace_id: traceId,
          span_id: spanId,
          parent_span_id: span.parentSpanContext?.spanId ?? null,
          start: span.startTime,
          duration: span.duration,
          attributes: span.attributes,
          status: span.status,
          events: span.events.map(({ name, attributes }) => ({ name, attributes })),
          links: span.links.map(({ context }) => ({ trace_id: context.traceId, span_id: context.spanId })),
        }),
      );
    }
    done(SUCCESS);
  },
  shutdown: () => Promise.resolve(),
});

export const consoleMetrics = (write: WriteLine): PushMetricExporter => ({
  export: ({ scopeMetrics }, done) => {
    for (const { descriptor, dataPoints } of scopeMetrics.flatMap(({ metrics }) => metrics)) {
      for (const { attributes, value } of dataPoints)
        write(lineOf({ metric: descriptor.name, attributes, value }));
    }
    done(SUCCESS);
  },
  forceFlush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
});

export const consoleLogs = (write: WriteLine): LogRecordExporter => ({
  export: (records, done) => {
    for (const { severityText, eventName, attributes, spanContext } of records) {
      const { traceId = null, spanId = null } = spanContext ?? {};
      write(
        lineOf({ log: eventName, severity: severityText, attributes, trace_id: traceId, span_id: spanId }),
      );
    }
    done(SUCCESS);
  },
  forceFlush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
});

const lineOf = (item: Readonly<Record<string, unknown>>): string => `${JSON.stringify(item)}\n`;
