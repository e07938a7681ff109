import { metrics, trace } from '@opentelemetry/api';
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
import { afterEach, describe, expect, test } from 'vitest';
import { uuidIds } from '../../src/adapters/node/uuid-ids.js';
import { parseTraceParent } from '../../src/domain/trace-parent.js';
import { SPAN } from '../../src/ports/telemetry-names.js';
import { openTelemetry } from '../../src/telemetry/open-telemetry.js';
import { memoryTelemetry } from './memory-telemetry.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const unsampled = `00-${TRACE}-b7ad6b7169203331-00`;
const sampled = `00-${TRACE}-b7ad6b7169203331-01`;

afterEach(() => {
  trace.disable();
  metrics.disable();
});

describe('without an SDK', () => {
  const { startSpan, add, change, record } = openTelemetry({ ids: uuidIds });

  test('a span has an identity that is valid and its own, and begins a trace where there is none', () => {
    const span = startSpan({ name: SPAN.commit, parent: null });
    const place = parseTraceParent(span.context.traceParent);
    expect(place?.sampled).toBe(false);
    expect(span.context).toBe(span.context);
    const other = startSpan({ name: SPAN.commit, parent: null });
    expect(parseTraceParent(other.context.traceParent)?.traceId).not.toBe(place?.traceId);
  });

  test('a child is in the trace of its parent, with a span of its own, and as much recorded as it', () => {
    for (const traceParent of [sampled, unsampled]) {
      const parent = { traceParent, origin: 'caller' } as const;
      const child = parseTraceParent(startSpan({ name: SPAN.commit, parent }).context.traceParent);
      const given = parseTraceParent(traceParent);
      expect(child).toMatchObject({ traceId: TRACE, sampled: given?.sampled });
      expect(child?.spanId).not.toBe(given?.spanId);
    }
  });

  test('log lines get no ids, and counting does nothing', () => {
    expect(startSpan({ name: SPAN.commit, parent: null }).logFields).toEqual({});
    add('executor.executions.total', 1);
    change('executor.operations.queued', 1);
    record('executor.duration.seconds', 1);
  });
});

describe("with a library user's own provider", () => {
  test('spans go to it from the moment on at which it is registered', () => {
    const { startSpan } = openTelemetry({ ids: uuidIds });
    startSpan({ name: SPAN.commit, parent: null }).end();
    const exporter = new InMemorySpanExporter();
    trace.setGlobalTracerProvider(
      new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }),
    );
    startSpan({ name: SPAN.commit, parent: null }).end();
    expect(exporter.getFinishedSpans().map(({ name }) => name)).toEqual(['steward.Commit']);
  });

  test('spans and counts go to another provider once that one is in its place', async () => {
    const { startSpan, add, change } = openTelemetry({ ids: uuidIds });
    for (const exporter of [new InMemorySpanExporter(), new InMemorySpanExporter()]) {
      const points = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
      const reader = new PeriodicExportingMetricReader({ exporter: points, exportIntervalMillis: 2 ** 30 });
      trace.setGlobalTracerProvider(
        new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }),
      );
      metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
      startSpan({ name: SPAN.commit, parent: null }).end();
      add('executor.executions.total', 1);
      change('executor.operations.queued', 1);
      await reader.forceFlush();
      expect(exporter.getFinishedSpans()).toHaveLength(1);
      const values = points
        .getMetrics()
        .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics))
        .map(({ descriptor, dataPoints }) => [descriptor.name, dataPoints.map(({ value }) => value)]);
      expect(Object.fromEntries(values)).toMatchObject({ 'executor.executions.total': [1] });
      trace.disable();
      metrics.disable();
    }
  });

  test('each span is inside its own parent, whichever was named before', () => {
    const { telemetry, ended } = memoryTelemetry();
    const parents = [SPAN.commit, SPAN.firing].map((name) => telemetry.startSpan({ name, parent: null }));
    for (const parent of [...parents, ...parents]) {
      telemetry.startSpan({ name: SPAN.operation, parent: parent.context }).end();
    }
    expect(ended().map(({ parentSpanContext }) => parentSpanContext?.spanId)).toEqual(
      [...parents, ...parents].map(({ context }) => parseTraceParent(context.traceParent)?.spanId),
    );
  });
});

describe('what joins a trace', () => {
  const recorded = (
    origin: 'caller' | 'record' | 'here',
    traceParent: string,
    variables: Readonly<Record<string, string>> = {},
  ): number => {
    const { telemetry, ended } = memoryTelemetry(variables);
    const span = telemetry.startSpan({ name: SPAN.execute, parent: { traceParent, origin } });
    telemetry.startSpan({ name: SPAN.prepare, parent: span.context }).end();
    span.end();
    for (const one of ended()) expect(one.spanContext().traceId).toBe(TRACE);
    return ended().length;
  };

  test('of a caller is recorded when the caller is', () => {
    expect(recorded('caller', sampled)).toBe(2);
    expect(recorded('caller', unsampled)).toBe(0);
  });

  test('of another day is recorded when this process records, whatever that day did', () => {
    expect(recorded('record', sampled)).toBe(2);
    expect(recorded('record', unsampled)).toBe(2);
    expect(recorded('record', unsampled, { OTEL_TRACES_SAMPLER: 'always_off' })).toBe(0);
    expect(recorded('record', unsampled, { OTEL_TRACES_SAMPLER: 'parentbased_always_off' })).toBe(0);
    const none = { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' };
    expect(recorded('record', unsampled, none)).toBe(0);
  });
});
