/** Encoding in which OTLP is spoken. */
export type Protocol = 'http/protobuf' | 'http/json' | 'grpc';

export type Signal = 'traces' | 'metrics' | 'logs';

/** Destination of a signal. `isAsked`: somebody named it, so that its failure is worth a word. */
export interface OtlpTarget {
  readonly protocol: Protocol;
  /** Collector's address, as `--otlp` gives it. Null: the exporter reads the standard variables. */
  readonly endpoint: string | null;
  readonly isAsked: boolean;
}

export type ExporterSetting =
  | { readonly _tag: 'Otlp'; readonly target: OtlpTarget }
  | { readonly _tag: 'Console' }
  | { readonly _tag: 'Prometheus' };

/** The exporters that are asked for, and how they work. */
export interface TelemetrySettings {
  readonly exporters: Readonly<Record<Signal, readonly ExporterSetting[]>>;
  /** Variable that was set to something that is not known here; it counts as not set. */
  readonly unknown: readonly {
    readonly variable: string;
    readonly value: string;
    /** Description of the values that belong there, where they are not words from a list. */
    readonly expected?: string;
  }[];
}

type Variables = Readonly<Record<string, string | undefined>>;

const SIGNALS = ['traces', 'metrics', 'logs'] as const;
const PROTOCOLS = ['http/protobuf', 'http/json', 'grpc'] as const;
const DEFAULT_PROTOCOL = 'http/protobuf';

/**
 * Settings that the standard variables (OpenTelemetry Environment Variable Specification) and `--otlp` ask for; null: nothing,
 * and then nothing of the SDK is loaded. An endpoint alone means traces and metrics; logs are sent when they are
 * asked for by name.
 */
export const telemetrySettings = (variables: Variables, otlp: string | null): TelemetrySettings | null => {
  if (setTo(variables, 'OTEL_SDK_DISABLED')?.toLowerCase() === 'true') return null;
  const read = SIGNALS.map((signal) => [signal, exportersOf(variables, otlp, signal)] as const);
  const tracesAreSent = read.some(([signal, { exporters }]) => signal === 'traces' && exporters.length > 0);
  const found = [
    ...read.flatMap(([, { unknown }]) => unknown),
    ...(tracesAreSent ? samplerProblems(variables) : []),
  ];
  // One variable may be about several signals.
  const unknown = [...new Map(found.map((one) => [JSON.stringify(one), one])).values()];
  if (read.every(([, { exporters }]) => exporters.length === 0) && unknown.length === 0) return null;
  const [traces = [], metrics = [], logs = []] = read.map(([, { exporters }]) => exporters);
  return { exporters: { traces, metrics, logs }, unknown };
};

/** Samplers that `OTEL_TRACES_SAMPLER` may name; those `by` a ratio read `OTEL_TRACES_SAMPLER_ARG`. */
const SAMPLERS: Readonly<Record<string, 'alone' | 'by'>> = {
  always_on: 'alone',
  always_off: 'alone',
  traceidratio: 'by',
  parentbased_always_on: 'alone',
  parentbased_always_off: 'alone',
  parentbased_traceidratio: 'by',
};

/** The default takes the place of a sampler that is not known, and 1 that of a ratio that is none. */
const samplerProblems = (variables: Variables): TelemetrySettings['unknown'] => {
  const value = setTo(variables, 'OTEL_TRACES_SAMPLER');
  if (value === undefined) return [];
  if (!Object.hasOwn(SAMPLERS, value)) return [{ variable: 'OTEL_TRACES_SAMPLER', value }];
  const ratio = setTo(variables, 'OTEL_TRACES_SAMPLER_ARG');
  const isRatio = ratio === undefined || (Number(ratio) >= 0 && Number(ratio) <= 1);
  return isRatio || SAMPLERS[value] === 'alone'
    ? []
    : [{ variable: 'OTEL_TRACES_SAMPLER_ARG', value: ratio, expected: 'a number from 0 to 1' }];
};

interface Found {
  readonly exporters: readonly ExporterSetting[];
  readonly unknown: TelemetrySettings['unknown'];
}

const exportersOf = (variables: Variables, otlp: string | null, signal: Signal): Found => {
  const upper = signal.toUpperCase();
  const variable = `OTEL_${upper}_EXPORTER`;
  const named = setTo(variables, variable);
  const ownEndpoint = setTo(variables, `OTEL_EXPORTER_OTLP_${upper}_ENDPOINT`);
  const anyEndpoint = otlp ?? ownEndpoint ?? setTo(variables, 'OTEL_EXPORTER_OTLP_ENDPOINT');
  const isDefault = signal === 'logs' ? ownEndpoint !== undefined : anyEndpoint !== undefined;
  const names = named === undefined ? (isDefault ? ['otlp'] : []) : named.split(',');
  const protocol = protocolOf(variables, upper);
  const target: OtlpTarget = {
    protocol: protocol.known,
    endpoint: otlp,
    // An endpoint is first of all one for traces: a collector that takes nothing else is none the worse for it.
    isAsked: signal === 'traces' || named !== undefined || ownEndpoint !== undefined,
  };
  const exporters: ExporterSetting[] = [];
  const unknown: TelemetrySettings['unknown'][number][] = [];
  for (const name of names.map((text) => text.trim().toLowerCase())) {
    if (name === 'otlp') exporters.push({ _tag: 'Otlp', target });
    else if (name === 'console') exporters.push({ _tag: 'Console' });
    else if (name === 'prometheus' && signal === 'metrics') exporters.push({ _tag: 'Prometheus' });
    else if (name !== 'none' && name !== '') unknown.push({ variable, value: name });
  }
  const speaksOtlp = exporters.some(({ _tag }) => _tag === 'Otlp');
  if (!speaksOtlp) return { exporters, unknown };
  const address = otlp === null ? endpointProblem(variables, upper) : null;
  return address === null
    ? { exporters, unknown: [...unknown, ...protocol.unknown] }
    : // What is not an address would silently become the exporter's default, a collector on this machine.
      {
        exporters: exporters.filter(({ _tag }) => _tag !== 'Otlp'),
        unknown: [...unknown, ...protocol.unknown, address],
      };
};

/** The variable that names the collector's address and does not hold one; null: it does, or none is set. */
const endpointProblem = (
  variables: Variables,
  upper: string,
): TelemetrySettings['unknown'][number] | null => {
  const own = `OTEL_EXPORTER_OTLP_${upper}_ENDPOINT`;
  const variable = setTo(variables, own) === undefined ? 'OTEL_EXPORTER_OTLP_ENDPOINT' : own;
  const value = setTo(variables, variable);
  const isAddress = value === undefined || (URL.canParse(value) && /^https?:$/.test(new URL(value).protocol));
  return isAddress ? null : { variable, value, expected: 'an address such as http://localhost:4318' };
};

const protocolOf = (
  variables: Variables,
  upper: string,
): { readonly known: Protocol; readonly unknown: TelemetrySettings['unknown'] } => {
  const own = `OTEL_EXPORTER_OTLP_${upper}_PROTOCOL`;
  const variable = setTo(variables, own) === undefined ? 'OTEL_EXPORTER_OTLP_PROTOCOL' : own;
  const value = setTo(variables, variable) ?? DEFAULT_PROTOCOL;
  const known = PROTOCOLS.find((protocol) => protocol === value);
  return known === undefined
    ? { known: DEFAULT_PROTOCOL, unknown: [{ variable, value }] }
    : { known, unknown: [] };
};

/** A variable that is set to nothing is one that is not set. */
const setTo = (variables: Variables, name: string): string | undefined => {
  const value = variables[name]?.trim();
  return value === '' ? undefined : value;
};
