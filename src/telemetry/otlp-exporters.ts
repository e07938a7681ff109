import type { LogRecordExporter } from '@opentelemetry/sdk-logs';
import type { PushMetricExporter } from '@opentelemetry/sdk-metrics';
import type { SpanExporter } from '@opentelemetry/sdk-trace-base';
import type { OtlpTarget, Signal } from './configuration.js';

/** Milliseconds that one export may take, where `OTEL_EXPORTER_OTLP_TIMEOUT` says nothing: less than a command waits at its end. */
const TIMEOUT = 2_000;

/** An exporter for each signal. Only the packages of the protocol that is spoken are loaded. */
export const otlpTraces = async (target: OtlpTarget): Promise<SpanExporter> => {
  const options = optionsFor(target, 'traces');
  switch (target.protocol) {
    case 'http/protobuf':
      return new (await import('@opentelemetry/exporter-trace-otlp-proto')).OTLPTraceExporter(options);
    case 'http/json':
      return new (await import('@opentelemetry/exporter-trace-otlp-http')).OTLPTraceExporter(options);
    case 'grpc':
      return new (await import('@opentelemetry/exporter-trace-otlp-grpc')).OTLPTraceExporter(options);
  }
};

export const otlpMetrics = async (target: OtlpTarget): Promise<PushMetricExporter> => {
  const options = optionsFor(target, 'metrics');
  switch (target.protocol) {
    case 'http/protobuf':
      return new (await import('@opentelemetry/exporter-metrics-otlp-proto')).OTLPMetricExporter(options);
    case 'http/json':
      return new (await import('@opentelemetry/exporter-metrics-otlp-http')).OTLPMetricExporter(options);
    case 'grpc':
      return new (await import('@opentelemetry/exporter-metrics-otlp-grpc')).OTLPMetricExporter(options);
  }
};

export const otlpLogs = async (target: OtlpTarget): Promise<LogRecordExporter> => {
  const options = optionsFor(target, 'logs');
  switch (target.protocol) {
    case 'http/protobuf':
      return new (await import('@opentelemetry/exporter-logs-otlp-proto')).OTLPLogExporter(options);
    case 'http/json':
      return new (await import('@opentelemetry/exporter-logs-otlp-http')).OTLPLogExporter(options);
    case 'grpc':
      return new (await import('@opentelemetry/exporter-logs-otlp-grpc')).OTLPLogExporter(options);
  }
};

/** Settings of the exporters; the rest they read from the standard variables. */
const optionsFor = ({ protocol, endpoint }: OtlpTarget, signal: Signal) => ({
  ...(endpoint === null
    ? {}
    : { url: protocol === 'grpc' ? endpoint : `${endpoint.replace(/\/+$/, '')}/v1/${signal}` }),
  ...(timeoutIsSet(signal) ? {} : { timeoutMillis: TIMEOUT }),
});

const timeoutIsSet = (signal: Signal): boolean =>
  [`OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_TIMEOUT`, 'OTEL_EXPORTER_OTLP_TIMEOUT'].some(
    (name) => (process.env[name] ?? '') !== '',
  );
