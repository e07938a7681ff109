import { logs } from '@opentelemetry/api-logs';
import {
  defaultResource,
  detectResources,
  envDetector,
  type Resource,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import type { NodeSDK } from '@opentelemetry/sdk-node';
import { printDuration } from '../domain/duration.js';
import type { Clock } from '../ports/clock.js';
import type { Host } from '../ports/host.js';
import type { Ids } from '../ports/ids.js';
import type { Logger, LogLevel } from '../ports/logger.js';
import { VERSION } from '../version.js';
import type { TelemetrySettings } from './configuration.js';
import { exportedLogger } from './exported-logger.js';
import { joiningSampler } from './joining-sampler.js';
import { logProcessor, metricReader, type Outlet, spanProcessor } from './pipelines.js';
import { quietNodeSdk } from './quiet-node-sdk.js';

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
  /** Sends what is still here, and resolves when that is done or has taken too long. Never rejects. */
  readonly flush: () => Promise<void>;
}

/** Milliseconds that the end of a command waits for its telemetry. */
const FLUSH_LIMIT = 3_000;

/**
 * Starts an SDK for this process and registers it with the API. Whatever goes wrong with it, now or later, is one
 * warning, and no more than that.
 */
export const startSdk = async (settings: TelemetrySettings, ports: SdkPorts): Promise<Sdk> => {
  const { host, logger, logLevel, write } = ports;
  const onFailure = warnOnce(logger);
  const outlet: Outlet = { variables: host.variables, write, onFailure };
  // Somebody has set it and gets something else: worth an error, and each a line of its own.
  for (const { variable, value, expected } of settings.unknown) {
    // An address may have a password in it.
    const reason =
      expected === undefined ? `${variable}: "${value}" is not known here` : `${variable} is not ${expected}`;
    logger.log('error', 'telemetry_not_exported', { reason });
  }
  try {
    const { traces, metrics, logs: logExporters } = settings.exporters;
    const sendsLogs = logExporters.length > 0 && logLevel !== null;
    // What is given here, an empty list too, is not looked up in the environment.
    const sdk = await quietNodeSdk({
      autoDetectResources: false,
      resource: resourceOf(ports),
      textMapPropagator: null,
      sampler: joiningSampler(host.variables),
      spanProcessors: await Promise.all(traces.map((setting) => spanProcessor(setting, outlet))),
      metricReaders: await Promise.all(metrics.map((setting) => metricReader(setting, outlet))),
      logRecordProcessors: sendsLogs
        ? await Promise.all(logExporters.map((setting) => logProcessor(setting, outlet)))
        : [],
    });
    sdk.start();
    return {
      logger: sendsLogs ? exportedLogger(logger, logs.getLogger('pond-steward', VERSION), logLevel) : logger,
      flush: () => shutDown(sdk, ports, onFailure),
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

/**
 * The sender. Not what a detector would say of the process: its arguments may hold secrets. The instance tells the
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

/** A provider that is shut down sends what it still has: a command does so once, at its end. */
const shutDown = async (
  sdk: NodeSDK,
  { clock }: SdkPorts,
  onFailure: (reason: string) => void,
): Promise<void> => {
  const done = new AbortController();
  const sent = sdk.shutdown().then(
    () => 'sent' as const,
    (error: unknown) => {
      onFailure(error instanceof Error ? error.message : String(error));
      return 'failed' as const;
    },
  );
  const ended = await Promise.race([
    sent,
    clock.sleep(FLUSH_LIMIT, done.signal).then(() => 'too-late' as const),
  ]);
  done.abort();
  if (ended === 'too-late') onFailure(`no response within ${printDuration(FLUSH_LIMIT)}`);
};
