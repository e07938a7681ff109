import type { LogRecordProcessor } from '@opentelemetry/sdk-logs';
import type { MetricReader } from '@opentelemetry/sdk-metrics';
import type { SpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { ExporterSetting } from './configuration.js';
import { consoleLogs, consoleMetrics, consoleTraces, type WriteLine } from './console-exporters.js';
import { describeExportFailure, isWorthAWord } from './export-failure.js';
import { otlpLogs, otlpMetrics, otlpTraces } from './otlp-exporters.js';
import { watched, watchedMetrics } from './watched-exporter.js';

/** Ways of exporting, and of telling what cannot be exported. */
export interface Outlet {
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly write: WriteLine;
  readonly onFailure: (reason: string) => void;
}

/** Spans that may wait for their export, where the standard variable says nothing: enough for a commit with as many tasks. */
const SPANS_WAITING = 100_000;

const toldBy =
  ({ onFailure }: Outlet, setting: ExporterSetting) =>
  (error: unknown): void => {
    if (setting._tag !== 'Otlp' || isWorthAWord(error, setting.target))
      onFailure(describeExportFailure(error));
  };

export const spanProcessor = async (setting: ExporterSetting, outlet: Outlet): Promise<SpanProcessor> => {
  const { BatchSpanProcessor } = await import('@opentelemetry/sdk-trace-base');
  const exporter = setting._tag === 'Otlp' ? await otlpTraces(setting.target) : consoleTraces(outlet.write);
  const isSet = (outlet.variables.OTEL_BSP_MAX_QUEUE_SIZE ?? '') !== '';
  return new BatchSpanProcessor(
    watched(exporter, toldBy(outlet, setting)),
    isSet ? {} : { maxQueueSize: SPANS_WAITING },
  );
};

export const metricReader = async (setting: ExporterSetting, outlet: Outlet): Promise<MetricReader> => {
  if (setting._tag === 'Prometheus') return prometheusReader(outlet);
  const { PeriodicExportingMetricReader } = await import('@opentelemetry/sdk-metrics');
  const exporter = setting._tag === 'Otlp' ? await otlpMetrics(setting.target) : consoleMetrics(outlet.write);
  const interval = milliseconds(outlet, 'OTEL_METRIC_EXPORT_INTERVAL', 60_000);
  return new PeriodicExportingMetricReader({
    exporter: watchedMetrics(exporter, toldBy(outlet, setting)),
    exportIntervalMillis: interval,
    exportTimeoutMillis: Math.min(interval, milliseconds(outlet, 'OTEL_METRIC_EXPORT_TIMEOUT', 30_000)),
  });
};

/** Remedies for whoever chose an endpoint for a command that has ended before anybody asked. */
const NEVER_ASKED =
  'this process has ended before anybody asked its Prometheus endpoint, so its metrics are lost: send them, by OTEL_METRICS_EXPORTER=otlp, to a collector or to Prometheus itself (--web.enable-otlp-receiver), or let the factory metrics write a file';

/** Can be asked as long as the process lives; by this machine only, where nothing else is said (the standard's default). */
const prometheusReader = async ({ variables, onFailure }: Outlet): Promise<MetricReader> => {
  const { PrometheusExporter } = await import('@opentelemetry/exporter-prometheus');
  // Stopping would wait for whoever keeps a connection open, and there is nothing left to send.
  class Endpoint extends PrometheusExporter {
    private wasAsked = false;
    override collect(...options: Parameters<MetricReader['collect']>): ReturnType<MetricReader['collect']> {
      this.wasAsked = true;
      return super.collect(...options);
    }
    override async onShutdown(): Promise<void> {
      if (!this.wasAsked) onFailure(NEVER_ASKED);
      await super.onShutdown();
    }
    override async stopServer(): Promise<void> {
      void super.stopServer();
    }
  }
  const reader = new Endpoint({
    host: variables.OTEL_EXPORTER_PROMETHEUS_HOST?.trim() || 'localhost',
    preventServerStart: true,
  });
  await reader
    .startServer()
    .catch((error: unknown) => onFailure(`no Prometheus endpoint: ${describeExportFailure(error)}`));
  return reader;
};

export const logProcessor = async (setting: ExporterSetting, outlet: Outlet): Promise<LogRecordProcessor> => {
  const { BatchLogRecordProcessor } = await import('@opentelemetry/sdk-logs');
  const exporter = setting._tag === 'Otlp' ? await otlpLogs(setting.target) : consoleLogs(outlet.write);
  return new BatchLogRecordProcessor({ exporter: watched(exporter, toldBy(outlet, setting)) });
};

const milliseconds = ({ variables }: Outlet, name: string, otherwise: number): number => {
  const value = Number(variables[name]?.trim() || otherwise);
  return Number.isInteger(value) && value > 0 ? value : otherwise;
};
