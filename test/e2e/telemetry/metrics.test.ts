import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eventually } from '../../support/condition.js';
import { runOn, type TempPond, tempPond } from '../../support/pond-cli.js';
import { callPond } from '../../support/pond-in-process.js';
import { type OtlpReceiver, otlpReceiver } from '../../support/receivers/otlp-receiver.js';

let collector: OtlpReceiver;
/** What is run in it is not measured, but by `executable`. */
let pond: TempPond;
let executable: TempPond['run'];

beforeEach(async () => {
  collector = await otlpReceiver();
  pond = await tempPond(callPond);
  executable = runOn(pond.pond);
});
afterEach(async () => {
  await pond.remove();
  await collector.close();
});

const run = (args: readonly string[], expected = 0) =>
  executable([...args, '--log-level', 'error'], {
    expect: expected,
    input: 'x',
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' },
  });

const configure = (name: string, config: string) =>
  pond.run(['mknod', 'test-executor', `/etc/system.d/${name}`, '--config', config]);

/** The sum over all processes, by name. */
const sums = (): Readonly<Record<string, number>> => {
  const found: Record<string, number> = {};
  for (const { name, value } of collector.points()) found[name] = (found[name] ?? 0) + value;
  return found;
};

/** Labels of all points: what a metric's cost grows with. */
const labels = () =>
  new Set(
    collector.points().flatMap((point) => Object.entries(point.labels).map((label) => label.join('='))),
  );

describe('metrics, received over OTLP', () => {
  test('count successes, failures and rollbacks exactly, without an identifier among the labels', async () => {
    await configure('10-good', 'message: hello');
    await run(['copy', '-', '/a.txt']);
    expect(sums()).toMatchObject(
      counts({ total: 1, success: 1, failed: 0, executed: 1, failedOperations: 0, rolledBack: 0 }),
    );

    await configure('20-bad', '{ message: hello, fail: true }');
    await configure('30-good', 'message: hello');
    await run(['copy', '-', '/b.txt'], 3);
    expect(sums()).toMatchObject(
      counts({ total: 2, success: 1, failed: 1, executed: 3, failedOperations: 1, rolledBack: 0 }),
    );

    const plan = planFile([write('a'), write('b')]);
    await run(['host', 'apply', plan]);
    expect(sums()).toMatchObject(
      counts({ total: 3, success: 2, failed: 1, executed: 5, failedOperations: 1, rolledBack: 0 }),
    );

    // Both files are there now: the failing operations of a failed prepare count, and the execution.
    await run(['host', 'apply', plan], 1);
    expect(sums()).toMatchObject(
      counts({ total: 4, success: 2, failed: 2, executed: 5, failedOperations: 3, rolledBack: 0 }),
    );

    await applyBeyondLimit(
      planFile([write('c'), write('d'), { ...write('e'), content: 'x'.repeat(200_000) }]),
    );
    expect(sums()).toMatchObject({
      ...counts({ total: 5, success: 2, failed: 3, executed: 7, failedOperations: 4, rolledBack: 2 }),
      'executor.operations.queued': 0,
      'executor.duration.seconds': 5,
      'pond.task.duration': 4,
    });
    expect(labels()).toEqual(new Set(['factory=test-executor', 'outcome=completed', 'outcome=failed']));
  });

  test('count a task that is retried until it succeeds once, as executed', async () => {
    const config =
      'factory: test-executor\nretry: { max_attempts: 3, initial_interval: 1ms }\nconfig: { message: x, fail_times: 2 }';
    await configure('10-again', config);
    await run(['copy', '-', '/a.txt']);
    expect(sums()).toMatchObject({
      ...counts({ total: 1, success: 1, failed: 0, executed: 1, failedOperations: 0, rolledBack: 0 }),
      'pond.task.duration': 1,
    });
  });
});

describe('metrics, asked of the Prometheus endpoint while a command runs', () => {
  let running: ChildProcess | null = null;
  afterEach(() => running?.kill('SIGKILL'));

  test('are those of the process, and what waits its turn is in the gauge', async () => {
    const ready = join(pond.host, 'ready');
    await configure('10-good', 'message: hello');
    await pond.run([
      'mknod',
      'command',
      '/etc/system.d/20-waits',
      '--config',
      `run: [/bin/sh, -c, 'touch ${ready}; cat; exec sleep 60']`,
    ]);
    await configure('30-later', 'message: hello');
    const port = await freePort();
    running = spawn(
      process.execPath,
      [resolve(import.meta.dirname, '../../../dist/pond.cjs'), 'mkdir', '/made', '--log-level', 'warn'],
      {
        env: {
          ...process.env,
          POND: pond.pond,
          OTEL_METRICS_EXPORTER: 'prometheus',
          OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.1',
          OTEL_EXPORTER_PROMETHEUS_PORT: String(port),
        },
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    );
    const stderr: string[] = [];
    running.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk.toString()));
    await eventually('the second task runs', () => existsSync(ready));
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    expect(valueIn(text, 'executor_operations_queued')).toBe(1);
    expect(valueIn(text, 'pond_task_duration_count')).toBe(1);
    expect(valueIn(text, 'executor_executions_total')).toBe(0);

    // Whoever still has a connection does not hold up the end.
    const held = connect(port, '127.0.0.1');
    held.on('error', () => held.destroy());
    await once(held, 'connect');
    const ended = new Promise((done) => running?.on('close', done));
    running.kill('SIGINT');
    expect(await ended).toBe(130);
    expect(stderr.join('')).not.toContain('telemetry_not_exported');
    held.destroy();
  });
});

test('a command that ends before anybody has asked its Prometheus endpoint says that its metrics are lost, and what to do', async () => {
  const { stderr, code } = await executable(['status'], {
    env: { OTEL_METRICS_EXPORTER: 'prometheus', OTEL_EXPORTER_PROMETHEUS_PORT: String(await freePort()) },
  });
  expect(code).toBe(0);
  expect(stderr).toMatch(/telemetry_not_exported.*Prometheus.*OTEL_METRICS_EXPORTER=otlp.*metrics/s);
});

const counts = (expected: {
  readonly total: number;
  readonly success: number;
  readonly failed: number;
  readonly executed: number;
  readonly failedOperations: number;
  readonly rolledBack: number;
}) => ({
  'executor.executions.total': expected.total,
  'executor.executions.success': expected.success,
  'executor.executions.failed': expected.failed,
  'executor.operations.executed': expected.executed,
  'executor.operations.failed': expected.failedOperations,
  'executor.operations.rolled_back': expected.rolledBack,
});

const write = (id: string) => ({
  id,
  kind: 'FileWrite',
  path: join(pond.host, id),
  content: 'x',
  mode: '0644',
});

const planFile = (operations: readonly object[]): string => {
  const path = join(pond.host, 'plan.json');
  writeFileSync(path, JSON.stringify({ operations }));
  return path;
};

/** Applies a plan in a process that may not write files of its operations' size. */
const applyBeyondLimit = (plan: string) =>
  new Promise((done) => {
    const executable = resolve(import.meta.dirname, '../../../dist/pond.cjs');
    const args = ['host', 'apply', plan, '--concurrency', '1', '--log-level', 'error'];
    spawn('/bin/sh', ['-c', 'ulimit -f 64; exec "$0" "$@"', process.execPath, executable, ...args], {
      env: {
        ...process.env,
        POND: pond.pond,
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
        OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      },
      stdio: 'ignore',
    }).on('exit', done);
  });

const freePort = (): Promise<number> =>
  new Promise((found, failed) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address !== null ? found(address.port) : failed(new Error('no port')),
      );
    });
  });

const valueIn = (text: string, name: string): number => {
  const line = text.split('\n').find((candidate) => new RegExp(`^${name}[{ ]`).test(candidate)) ?? '';
  return Number(line.split(' ').at(-1));
};
