// A Jaeger on loopback that keeps its traces in memory and ends with this process.
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { until } from './until.mjs';

const ATTEMPTS = 5;
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 10_000;
const PORTS = [
  'admin.http',
  'collector.grpc-server',
  'collector.http-server',
  'collector.otlp.grpc',
  'collector.otlp.http',
  'query.grpc-server',
  'query.http-server',
];

/**
 * Starts Jaeger and waits until it answers. It has to be told its ports, and somebody else may take one before it
 * does: then it ends, and other ports are tried.
 */
export const startJaeger = async (program, directory) => {
  for (let attempt = 1; ; attempt += 1) {
    const log = join(directory, `jaeger-${attempt}.log`);
    const jaeger = await tryToStart(program, log);
    if (jaeger !== null) return jaeger;
    if (attempt === ATTEMPTS)
      throw new Error(`Jaeger does not start:\n${readFileSync(log, 'utf8').slice(-4_000)}`);
  }
};

const tryToStart = async (program, log) => {
  const numbers = await freePorts(PORTS.length);
  const ports = Object.fromEntries(PORTS.map((name, index) => [name, numbers[index]]));
  const output = openSync(log, 'w');
  const child = spawn(
    program,
    PORTS.map((name) => `--${name}.host-port=127.0.0.1:${ports[name]}`),
    { env: plainEnvironment(), stdio: ['ignore', output, output] },
  );
  closeSync(output);
  const ended = new Promise((resolve) => {
    child.once('error', resolve);
    child.once('exit', resolve);
  });
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null || child.pid === undefined;
  const killAtExit = () => child.kill('SIGKILL');
  process.once('exit', killAtExit);
  const stop = async () => {
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await ended;
    clearTimeout(timer);
    process.off('exit', killAtExit);
  };

  const query = `http://127.0.0.1:${ports['query.http-server']}`;
  const answers = async () => hasEnded() || (await isAnswering(`${query}/api/services`));
  try {
    await until('Jaeger answers', answers, { timeoutMs: START_TIMEOUT_MS });
  } catch (error) {
    await stop();
    throw error;
  }
  if (hasEnded()) {
    process.off('exit', killAtExit);
    return null;
  }
  return {
    query,
    otlpHttp: `http://127.0.0.1:${ports['collector.otlp.http']}`,
    otlpGrpc: `http://127.0.0.1:${ports['collector.otlp.grpc']}`,
    stop,
  };
};

/** Environment without what would make it keep its traces elsewhere, or trace itself. */
const plainEnvironment = () =>
  Object.fromEntries(
    Object.entries(process.env).filter(([name]) => ['PATH', 'HOME', 'TMPDIR', 'LANG'].includes(name)),
  );

const isAnswering = async (url) => {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(5_000) })).ok;
  } catch (error) {
    // Refused until it listens; a slow machine may need longer for its first answer.
    if (error.name === 'TimeoutError' || error instanceof TypeError) return false;
    throw error;
  }
};

/** Different ones, free at this moment. */
const freePorts = async (count) => {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise((resolve, reject) => {
          const server = createServer();
          server.once('error', reject);
          server.listen(0, '127.0.0.1', () => resolve(server));
        }),
    ),
  );
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
};
