import { describe, expect, test } from 'vitest';
import { telemetrySettings } from '../../src/telemetry/configuration.js';

const settings = (variables: Readonly<Record<string, string>>, otlp: string | null = null) =>
  telemetrySettings(variables, otlp);

const tags = (variables: Readonly<Record<string, string>>, otlp: string | null = null) => {
  const found = settings(variables, otlp);
  if (found === null) return null;
  const { traces, metrics, logs } = found.exporters;
  return [traces, metrics, logs].map((exporters) => exporters.map(({ _tag }) => _tag).join(' '));
};

const ENDPOINT = 'OTEL_EXPORTER_OTLP_ENDPOINT';

describe('the standard variables', () => {
  test('ask for nothing where there are none, where they are empty, and where the SDK is disabled', () => {
    expect(settings({})).toBeNull();
    expect(settings({ [ENDPOINT]: '', OTEL_TRACES_EXPORTER: ' ' })).toBeNull();
    expect(settings({ OTEL_TRACES_EXPORTER: 'none', OTEL_SERVICE_NAME: 'x' })).toBeNull();
    expect(settings({ [ENDPOINT]: 'http://x', OTEL_SDK_DISABLED: 'TRUE' }, 'http://y')).toBeNull();
  });

  test('with an endpoint ask for traces and metrics, and for logs by name only', () => {
    expect(tags({ [ENDPOINT]: 'http://x' })).toEqual(['Otlp', 'Otlp', '']);
    expect(tags({}, 'http://x')).toEqual(['Otlp', 'Otlp', '']);
    expect(tags({ [ENDPOINT]: 'http://x', OTEL_LOGS_EXPORTER: 'otlp' })).toEqual(['Otlp', 'Otlp', 'Otlp']);
    expect(tags({ [ENDPOINT]: 'http://x', OTEL_METRICS_EXPORTER: 'none' })).toEqual(['Otlp', '', '']);
  });

  test('with the endpoint of one signal ask for that one', () => {
    expect(tags({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://x' })).toEqual(['Otlp', '', '']);
    expect(tags({ OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://x' })).toEqual(['', 'Otlp', '']);
    expect(tags({ OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'http://x' })).toEqual(['', '', 'Otlp']);
  });

  test('name a sampler; one that is not known, or a ratio that is none, is said where traces are sent', () => {
    const unknown = (sampler: string, ratio: string, endpoint = 'http://x') =>
      settings({ [ENDPOINT]: endpoint, OTEL_TRACES_SAMPLER: sampler, OTEL_TRACES_SAMPLER_ARG: ratio })
        ?.unknown;
    for (const sampler of ['always_on', 'always_off', 'parentbased_always_on', 'parentbased_always_off', ''])
      expect(unknown(sampler, 'x')).toEqual([]);
    for (const sampler of ['traceidratio', 'parentbased_traceidratio']) {
      for (const ratio of ['', '0', '0.25', '1', ' 1e-3 ']) expect(unknown(sampler, ratio)).toEqual([]);
      for (const ratio of ['x', '-1', '2', '25%', 'NaN'])
        expect(unknown(sampler, ratio)).toMatchObject([
          { variable: 'OTEL_TRACES_SAMPLER_ARG', value: ratio },
        ]);
    }
    for (const sampler of ['nope', 'ALWAYS_ON', 'constructor'])
      expect(unknown(sampler, '')).toEqual([{ variable: 'OTEL_TRACES_SAMPLER', value: sampler }]);
    expect(settings({ OTEL_TRACES_SAMPLER: 'nope' })).toBeNull();
  });

  test('name exporters, several of them too; prometheus is one of metrics', () => {
    expect(tags({ OTEL_METRICS_EXPORTER: 'prometheus' })).toEqual(['', 'Prometheus', '']);
    expect(tags({ OTEL_TRACES_EXPORTER: 'otlp, console' })).toEqual(['Otlp Console', '', '']);
    expect(settings({ OTEL_TRACES_EXPORTER: 'prometheus' })?.unknown).toEqual([
      { variable: 'OTEL_TRACES_EXPORTER', value: 'prometheus' },
    ]);
  });

  test('say how OTLP is spoken, for one signal before all of them', () => {
    const protocols = (variables: Readonly<Record<string, string>>) => {
      const found = settings({ [ENDPOINT]: 'http://x', ...variables });
      return [found?.exporters.traces, found?.exporters.metrics].map((exporters) =>
        exporters?.map((one) => (one._tag === 'Otlp' ? one.target.protocol : '')).join(),
      );
    };
    expect(protocols({})).toEqual(['http/protobuf', 'http/protobuf']);
    expect(protocols({ OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' })).toEqual(['grpc', 'grpc']);
    expect(
      protocols({ OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: 'http/json' }),
    ).toEqual(['grpc', 'http/json']);
    expect(settings({ [ENDPOINT]: 'http://x', OTEL_EXPORTER_OTLP_PROTOCOL: 'smoke' })?.unknown[0]).toEqual({
      variable: 'OTEL_EXPORTER_OTLP_PROTOCOL',
      value: 'smoke',
    });
  });
});

test('an endpoint that is not an address is told once, and nothing is sent to the collector that nobody named', () => {
  const settings = telemetrySettings(
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'not-a-url', OTEL_METRICS_EXPORTER: 'otlp,console' },
    null,
  );
  expect(settings).toEqual({
    exporters: { traces: [], metrics: [{ _tag: 'Console' }], logs: [] },
    unknown: [
      {
        variable: 'OTEL_EXPORTER_OTLP_ENDPOINT',
        value: 'not-a-url',
        expected: 'an address such as http://localhost:4318',
      },
    ],
  });
  const own = telemetrySettings({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'localhost:4318' }, null);
  expect(own?.unknown).toMatchObject([{ variable: 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT' }]);
  // What is given by hand comes before it.
  expect(
    telemetrySettings({ OTEL_EXPORTER_OTLP_ENDPOINT: 'not-a-url' }, 'http://localhost:1')?.unknown,
  ).toEqual([]);
});
