import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { runOn, type TempPond, tempPond } from '../../support/pond-cli.js';
import { callPond } from '../../support/pond-in-process.js';
import { type Behaviour, type OtlpReceiver, otlpReceiver } from '../../support/receivers/otlp-receiver.js';

// A collector that does not do its part must not be noticed by the work, only by whoever reads the one warning.

let pond: TempPond;
/** Commands that send nothing. */
let quietly: TempPond['run'];
let collector: OtlpReceiver | null = null;

// One pond for all: no test looks at what another one has written.
beforeAll(async () => {
  pond = await tempPond();
  quietly = runOn(pond.pond, callPond);
  await quietly(['mknod', 'test-executor', '/etc/system.d/10-good', '--config', 'message: hello']);
});
afterEach(async () => {
  await collector?.close();
  collector = null;
});
afterAll(() => pond.remove());

let directories = 0;
/** The name of a directory that is not there yet. */
const newDirectory = (): string => {
  directories += 1;
  return `/d${directories}`;
};

const commit = (env: Readonly<Record<string, string>>, expected = 0) =>
  pond.run(['mkdir', newDirectory(), '--json'], { expect: expected, env });

const warnings = (stderr: string): readonly string[] =>
  stderr.split('\n').filter((line) => line.includes('telemetry_not_exported'));

/** Standard error without what is logged about the work itself. */
const rest = (stderr: string): readonly string[] =>
  stderr
    .split('\n')
    .filter(
      (line) =>
        line !== '' &&
        !/"event":"(test_executor|task_completed|commit_complete|executing_plan|execution_complete)"/.test(
          line,
        ),
    );

/** Milliseconds: longer than a command waits for its telemetry, shorter than any exporter's own patience. */
const BOUND_MS = 8_000;

/** The environment of a command that sends everything to a collector. */
const sendingTo = (url: string, protocol: string) => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: url,
  OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
  OTEL_LOGS_EXPORTER: 'otlp',
});

/** Milliseconds that such a command takes where the collector does its part: on a machine that is busy, many. */
const usual = async (protocol: string): Promise<number> => {
  const willing = await otlpReceiver();
  const begun = performance.now();
  await commit(sendingTo(willing.url, protocol));
  await willing.close();
  return performance.now() - begun;
};

const kinds: readonly (readonly [string, Behaviour | 'refuse', string])[] = [
  ['that hangs', 'hang', 'http/json'],
  ['that hangs', 'hang', 'http/protobuf'],
  ['that refuses', 'refuse', 'http/json'],
  ['that answers 500', 500, 'http/protobuf'],
  ['that answers 503', 503, 'http/json'],
];

let usualTime: number | null = null;

describe.each(kinds)('a collector %s', (_title, behaviour, protocol) => {
  test(`costs one warning and a bounded time (${protocol})`, async () => {
    collector = await otlpReceiver(() => (behaviour === 'refuse' ? 500 : behaviour));
    const { url } = collector;
    if (behaviour === 'refuse') await collector.close();
    usualTime ??= await usual('http/json');
    const begun = performance.now();
    const { stdout, stderr } = await commit(sendingTo(url, protocol));
    expect(performance.now() - begun).toBeLessThan(BOUND_MS + usualTime);
    expect(JSON.parse(stdout)).toMatchObject({ status: 'committed', tasks: [{ state: 'completed' }] });
    expect(warnings(stderr)).toHaveLength(1);
    expect(rest(stderr)).toEqual(warnings(stderr));
  });
});

test('a gRPC collector that refuses costs one warning', async () => {
  const { stdout, stderr } = await commit({
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
    OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
  });
  expect(JSON.parse(stdout).status).toBe('committed');
  expect(rest(stderr)).toHaveLength(1);
  expect(warnings(stderr)).toHaveLength(1);
});

test('a collector that takes traces only, as Jaeger does, is not a failure', async () => {
  collector = await otlpReceiver((path) => (path === '/v1/traces' ? 'take' : 404));
  const { stderr } = await commit({
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
  });
  expect(rest(stderr)).toEqual([]);
  expect(collector.spans().length).toBeGreaterThan(0);
});

test('but one that does not take the metrics that it was named for is', async () => {
  collector = await otlpReceiver((path) => (path === '/v1/traces' ? 'take' : 404));
  const { stderr } = await commit({
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_METRICS_EXPORTER: 'otlp',
  });
  expect(warnings(stderr)).toHaveLength(1);
});

test('the exit code of failed tasks and of errors is the same when the collector is away', async () => {
  await quietly(['mknod', 'test-executor', '/etc/system.d/20-bad', '--config', '{ message: x, fail: true }']);
  const away = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' };
  await commit(away, 3);
  await quietly(['rm', '/etc/system.d/20-bad']);
  await pond.run(['cat', '/missing'], { expect: 1, env: away });
});

test('--otlp names the collector, and nothing is sent when the SDK is disabled', async () => {
  collector = await otlpReceiver();
  const protocol = { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' };
  await pond.run(['mkdir', newDirectory(), '--otlp', collector.url], {
    env: { ...protocol, OTEL_SDK_DISABLED: 'true' },
  });
  expect(collector.bodies()).toEqual([]);
  await pond.run(['mkdir', newDirectory(), '--otlp', `${collector.url}/`], { env: protocol });
  expect(new Set(collector.spans().map(({ name }) => name))).toContain('steward.Commit');
  expect(collector.points().length).toBeGreaterThan(0);
  await quietly(['mkdir', newDirectory(), '--otlp', 'localhost'], { expect: 2 });
});

test('the service, its resource and its name are those of the standard variables', async () => {
  collector = await otlpReceiver();
  const exporting = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' };
  await pond.run(['mkdir', newDirectory()], { env: exporting });
  await pond.run(['mkdir', newDirectory()], {
    env: {
      ...exporting,
      OTEL_SERVICE_NAME: 'weather',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
    },
  });
  expect(collector.resources()).toMatchObject([
    { 'service.name': 'pond-steward' },
    { 'service.name': 'weather', 'deployment.environment.name': 'test' },
  ]);
});

test('what goes to the console goes to standard error, never between the data', async () => {
  const { stdout, stderr } = await pond.run(['mkdir', newDirectory(), '--json'], {
    env: { OTEL_TRACES_EXPORTER: 'console', OTEL_METRICS_EXPORTER: 'console', OTEL_LOGS_EXPORTER: 'console' },
  });
  expect(JSON.parse(stdout).status).toBe('committed');
  expect(stderr).toContain('"span":"steward.Commit"');
  expect(stderr).toContain('"metric":"executor.executions.total"');
  expect(stderr).toContain('"log":"commit_complete"');
});

test('what the SDK says of itself is never between the data, whatever OTEL_LOG_LEVEL says', async () => {
  const { stdout, stderr } = await commit({ OTEL_TRACES_EXPORTER: 'console', OTEL_LOG_LEVEL: 'all' });
  expect(JSON.parse(stdout).status).toBe('committed');
  expect(stderr).not.toContain('@opentelemetry/api');
  expect(stderr).toContain('"span":"steward.Commit"');
});

test('an exporter that is not known is one warning, and the others work', async () => {
  collector = await otlpReceiver();
  const { stderr } = await pond.run(['mkdir', newDirectory()], {
    env: {
      OTEL_TRACES_EXPORTER: 'otlp,carrier-pigeon',
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    },
  });
  expect(warnings(stderr)).toHaveLength(1);
  expect(stderr).toContain('carrier-pigeon');
  expect(collector.spans().length).toBeGreaterThan(0);
});

test('logs carry the ids of their span, on standard error and over OTLP', async () => {
  collector = await otlpReceiver();
  const { stderr } = await pond.run(['mkdir', newDirectory(), '--log-level', 'debug'], {
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_LOGS_EXPORTER: 'otlp',
    },
  });
  const spanOf = (name: string) => collector?.spans().find((span) => span.name === name);
  const lines = stderr
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));
  const expected: readonly (readonly [string, string])[] = [
    ['factories_discovered', 'steward.Discover'],
    ['preparing_plan', 'executor.Prepare'],
    ['prepare_complete', 'executor.Prepare'],
    ['executing_plan', 'executor.Execute'],
    ['executing_operation', 'operation.Execute'],
    ['task_completed', 'operation.Execute'],
    ['execution_complete', 'executor.Execute'],
    ['commit_complete', 'steward.Commit'],
  ];
  for (const [event, name] of expected) {
    const span = spanOf(name);
    expect(lines.find((line) => line.event === event)).toMatchObject({
      trace_id: span?.traceId,
      span_id: span?.spanId,
    });
    expect(collector.logs().find((log) => log.event === event)).toMatchObject({
      traceId: span?.traceId,
      spanId: span?.spanId,
    });
  }
});

test('a command that nobody asks to trace loads nothing of OpenTelemetry from its packages', async () => {
  const spy = join(pond.host, 'spy.cjs');
  writeFileSync(
    spy,
    `process.on('exit', () => {
      const loaded = Object.keys(require.cache).filter((path) => path.includes('@opentelemetry'));
      process.stderr.write('loaded ' + loaded.length + '\\n');
    });`,
  );
  const spied = { NODE_OPTIONS: `--require=${spy}` };
  expect((await pond.run(['mkdir', newDirectory()], { env: spied })).stderr).toContain('loaded 0');
  const disabled = {
    ...spied,
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
    OTEL_SDK_DISABLED: 'true',
  };
  expect((await pond.run(['mkdir', newDirectory()], { env: disabled })).stderr).toContain('loaded 0');
  const traced = await pond.run(['mkdir', newDirectory()], {
    env: { ...spied, OTEL_TRACES_EXPORTER: 'console' },
  });
  expect(traced.stderr).toMatch(/loaded [1-9]/);
});
