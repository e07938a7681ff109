// Telemetry of the product through an SDK that keeps everything in memory.

import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { uuidIds } from '../../src/adapters/node/uuid-ids.js';
import type { Telemetry } from '../../src/ports/telemetry.js';
import { joiningSampler } from '../../src/telemetry/joining-sampler.js';
import { openTelemetry } from '../../src/telemetry/open-telemetry.js';

export interface MemoryTelemetry {
  readonly telemetry: Telemetry;
  /** Spans that were begun and have not ended. */
  readonly open: () => number;
  /** Spans that have ended, each as `name id > parent's name id`, sorted. */
  readonly spans: () => readonly string[];
  readonly ended: InMemorySpanExporter['getFinishedSpans'];
  /** Values of metrics by name; of histograms how many were recorded. */
  readonly metrics: () => Promise<Readonly<Record<string, number>>>;
}

export const memoryTelemetry = (
  variables: Readonly<Record<string, string | undefined>> = {},
): MemoryTelemetry => {
  const exporter = new InMemorySpanExporter();
  let begun = 0;
  const counting = new SimpleSpanProcessor(exporter);
  const tracerProvider = new BasicTracerProvider({
    sampler: joiningSampler(variables),
    spanProcessors: [
      {
        onStart: () => {
          begun += 1;
        },
        onEnd: (span) => counting.onEnd(span),
        forceFlush: () => counting.forceFlush(),
        shutdown: () => counting.shutdown(),
      },
    ],
  });
  const points = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const meterProvider = new MeterProvider({
    readers: [new PeriodicExportingMetricReader({ exporter: points, exportIntervalMillis: 2 ** 30 })],
  });
  return {
    telemetry: openTelemetry({ ids: uuidIds, tracerProvider, meterProvider }),
    open: () => begun - exporter.getFinishedSpans().length,
    ended: () => exporter.getFinishedSpans(),
    spans: () => {
      const ended = exporter.getFinishedSpans();
      const shown = new Map(
        ended.map((span) => [
          span.spanContext().spanId,
          `${span.name} ${String(span.attributes['op.id'] ?? '')}`.trim(),
        ]),
      );
      return ended
        .map(
          (span) =>
            `${shown.get(span.spanContext().spanId)} < ${shown.get(span.parentSpanContext?.spanId ?? '') ?? '-'}`,
        )
        .toSorted();
    },
    metrics: async () => {
      await meterProvider.forceFlush();
      const values: Record<string, number> = {};
      const newest = points.getMetrics().at(-1)?.scopeMetrics ?? [];
      for (const { descriptor, dataPoints } of newest.flatMap(({ metrics }) => metrics)) {
        for (const { value } of dataPoints) {
          const amount = typeof value === 'number' ? value : value.count;
          values[descriptor.name] = (values[descriptor.name] ?? 0) + amount;
        }
      }
      return values;
    },
  };
};
