import { metrics, trace } from '@opentelemetry/api';
import {
  defaultResource,
  detectResources,
  envDetector,
  type Resource,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import type { Clock } from '../ports/clock.js';
import type { Host } from '../ports/host.js';
import type { Ids } from '../ports/ids.js';
import type { Logger, LogLevel } from '../ports/logger.js';
import { VERSION } from '../version.js';
import type { TelemetrySettings } from './configuration.js';
import { exportedLogger } from './exported-logger.js';
import { joiningSampler } from './joining-sampler.js';
import { logProcessor, metricReader, type Outlet, spanProcessor } from './pipelines.js';

export interface SdkPorts {
  readonly clock: Clock;
  readonly host: Host;
  readonly ids: Ids;
  readonly logger: Logger;
  /** The lowest level of what is sent as logs; null: none. */
  readonly logLevel: LogLevel | null;
  /** Writes to standard error. */
  readonly write: (line: string) => void;
}

/** A running SDK. */
export interface Sdk {
  /** The logger that also sends what it logs, where logs are asked for. */
  readonly logger: Logger;
  /** Sends what is still here, and answers when that is done or has taken too long. Never rejects. */
  readonly flush: () => Promise<void>;
}

/** Milliseconds that the end of a command waits for its telemetry. */
const FLUSH_LIMIT = 3_000;

/**
 * Starts an SDK for this process and registers it with the API. Whatever goes wrong with it, now or later, is one
 * warning, and no more than that.
 */
export const startSdk = async (settings: TelemetrySettings, ports: SdkPorts): Promise<Sdk> => {
  const { host, logger, write } = ports;
  const onFailure = warnOnce(logger);
  const outlet: Outlet = { variables: host.variables, write, onFailure };
  for (const { variable, value } of settings.unknown) onFailure(`${variable}: "${value}" is not known here`);
  try {
    const resource = resourceOf(ports);
    const flushes = [
      await startTraces(settings, resource, outlet),
      await startMetrics(settings, resource, outlet),
    ];
    const logs = await startLogs(settings, resource, outlet, ports);
    return {
      logger: logs?.logger ?? logger,
      flush: () => flushAll(ports, logs === null ? flushes : [...flushes, logs.flush], onFailure),
    };
  } catch (thrown) {
    onFailure(thrown instanceof Error ? thrown.message : String(thrown));
    return { logger, flush: () => Promise.resolve() };
  }
};

const warnOnce = (logger: Logger): ((reason: string) => void) => {
  let warned = false;
  return (reason) => {
    if (!warned) logger.log('warn', 'telemetry_not_exported', { reason });
    warned = true;
  };
};

type Flush = () => Promise<void>;

const NOTHING: Flush = () => Promise.resolve();

const startTraces = async (
  { exporters: { traces } }: TelemetrySettings,
  resource: Resource,
  outlet: Outlet,
): Promise<Flush> => {
  if (traces.length === 0) return NOTHING;
  const { BasicTracerProvider } = await import('@opentelemetry/sdk-trace-base');
  const spanProcessors = await Promise.all(traces.map((setting) => spanProcessor(setting, outlet)));
  const provider = new BasicTracerProvider({
    resource,
    spanProcessors,
    sampler: joiningSampler(outlet.variables),
  });
  trace.setGlobalTracerProvider(provider);
  return () => provider.forceFlush();
};

const startMetrics = async (
  { exporters }: TelemetrySettings,
  resource: Resource,
  outlet: Outlet,
): Promise<Flush> => {
  if (exporters.metrics.length === 0) return NOTHING;
  const { MeterProvider } = await import('@opentelemetry/sdk-metrics');
  const readers = await Promise.all(exporters.metrics.map((setting) => metricReader(setting, outlet)));
  const provider = new MeterProvider({ resource, readers });
  metrics.setGlobalMeterProvider(provider);
  return () => provider.forceFlush();
};

const startLogs = async (
  { exporters: { logs } }: TelemetrySettings,
  resource: Resource,
  outlet: Outlet,
  { logger, logLevel }: SdkPorts,
): Promise<{ readonly logger: Logger; readonly flush: Flush } | null> => {
  if (logs.length === 0 || logLevel === null) return null;
  const { LoggerProvider } = await import('@opentelemetry/sdk-logs');
  const processors = await Promise.all(logs.map((setting) => logProcessor(setting, outlet)));
  const provider = new LoggerProvider({ resource, processors });
  return {
    logger: exportedLogger(logger, provider.getLogger('pond-steward', VERSION), logLevel),
    flush: () => provider.forceFlush(),
  };
};

/**
 * Who sends. Not what a detector would say of the process: its arguments may hold secrets. The instance tells the
 * counts of processes apart, each of which begins at 0.
 */
const resourceOf = ({ host, ids }: SdkPorts): Resource =>
  defaultResource()
    .merge(
      resourceFromAttributes({
        'service.name': 'pond-steward',
        'service.version': VERSION,
        'service.instance.id': ids.uuidV7(),
        'host.name': host.hostName,
        'process.pid': host.pid,
      }),
    )
    .merge(detectResources({ detectors: [envDetector] }));

const flushAll = async (
  { clock }: SdkPorts,
  flushes: readonly Flush[],
  onFailure: (reason: string) => void,
): Promise<void> => {
  const done = new AbortController();
  const flushed = Promise.all(flushes.map((flush) => flush())).then(
    () => 'flushed' as const,
    (error: unknown) => {
      onFailure(error instanceof Error ? error.message : String(error));
      return 'failed' as const;
    },
  );
  const ended = await Promise.race([
    flushed,
    clock.sleep(FLUSH_LIMIT, done.signal).then(() => 'too-late' as const),
  ]);
  done.abort();
  if (ended === 'too-late') onFailure(`nothing answered within ${FLUSH_LIMIT / 1000} s`);
};
