import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { expect, onTestFinished, test } from 'vitest';
import { runPond, tempPond } from '../../support/pond-cli.js';
import { callPond } from '../../support/pond-in-process.js';
import { type Answering, answer, httpReceiver } from '../../support/receivers/http-receiver.js';
import { otlpReceiver } from '../../support/receivers/otlp-receiver.js';
import { CERTIFICATE, smtpReceiver } from '../../support/receivers/smtp-receiver.js';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=';
const variable = (name: string) => `\${env:${name}}`;

const pondAndServer = async (answering?: Answering, by: typeof runPond = callPond) => {
  const pond = await tempPond(by);
  onTestFinished(pond.remove);
  const server = await httpReceiver(answering);
  onTestFinished(server.close);
  const env = { HOOK_SECRET: SECRET };
  const entry = (path: string, factory: string, config: object, envelope: object = {}) =>
    pond.run(['mknod', factory, path, '--config', JSON.stringify({ factory, ...envelope, config })]);
  return { ...pond, server, env, entry };
};

/** A check that fails while there is a file `/in/bad`. */
const CHECK = {
  run: ['/bin/sh', '-c', 'if pond cat /in/state | grep -q bad; then echo "bad weather" >&2; exit 1; fi'],
};

const withCheck = async (given: Awaited<ReturnType<typeof pondAndServer>>) => {
  const program = join(process.cwd(), 'dist/bin');
  const env = { ...given.env, PATH: `${program}:${process.env.PATH}` };
  await given.entry('/etc/system.d/10-check', 'command', CHECK);
  const write = (state: string, expected: number) =>
    given.run(['copy', '-', '/in/state'], { input: `${state} ${Math.random()}\n`, expect: expected, env });
  return { ...given, env, write };
};

test('one notice is sent when a check begins to fail, and one when it has recovered, whatever lies between', async () => {
  const { entry, write, server } = await withCheck(await pondAndServer());
  const config = { url: server.url, secret: variable('HOOK_SECRET') };
  await entry('/etc/system.d/20-tell', 'webhook', config, { depends_on: '10-check' });
  for (const [state, code] of [
    ['good', 0],
    ['bad', 3],
    ['bad', 3],
    ['good', 0],
    ['good', 0],
  ] as const)
    await write(state, code);

  const notices = server.requests().map(({ body, headers }) => new Webhook(SECRET).verify(body, headers));
  expect(notices).toMatchObject([
    {
      type: 'pond.task.failed',
      data: {
        outcome: { config_path: '/etc/system.d/10-check', error: expect.stringContaining('bad weather') },
        commands: [expect.stringMatching(/^pond control retry \d+\.1$/), expect.anything()],
      },
    },
    { type: 'pond.task.recovered', data: { outcome: { config_path: '/etc/system.d/10-check' } } },
  ]);
});

test('a notice that was refused for good is not tried again, one that may pass is', async () => {
  const first = await pondAndServer(answer(410));
  await first.entry(
    '/etc/system.d/20-tell',
    'webhook',
    { url: first.server.url, format: 'raw' },
    {
      retry: { max_attempts: 3, initial_interval: '1ms' },
    },
  );
  const refused = await first.run(['mkdir', '/a'], { expect: 3 });
  expect(first.server.requests()).toHaveLength(1);
  expect(refused.stderr).toContain('answered 410, gone');

  const second = await pondAndServer(
    (response, _request, number) =>
      void response.writeHead(number < 3 ? 503 : 200, { 'retry-after': '0' }).end(),
  );
  await second.entry(
    '/etc/system.d/20-tell',
    'webhook',
    { url: second.server.url, format: 'raw' },
    {
      retry: { max_attempts: 3, initial_interval: '1ms' },
    },
  );
  await second.run(['mkdir', '/a']);
  const ids = second.server.requests().map(({ headers }) => headers['webhook-id']);
  expect(ids).toHaveLength(3);
  expect(new Set(ids).size).toBe(1);
});

test('a test message is sent as an entry would, and what was answered is shown', async () => {
  const { entry, run, server, env } = await pondAndServer(answer(200, {}, 'thanks'));
  const config = { url: server.url, secret: variable('HOOK_SECRET') };
  await entry('/etc/system.d/20-tell', 'webhook', config, { depends_on: '10-check' });
  const { stdout } = await run(['notify', 'test', '/etc/system.d/20-tell'], { env });
  expect(stdout).toMatch(/^sent msg_[0-9a-f]{32} to http:\/\/127\.0\.0\.1:\d+: answered 200 thanks\n$/);
  expect(JSON.parse(server.requests()[0]?.body ?? '')).toMatchObject({ type: 'pond.test' });
  await entry('/etc/system.d/30-other', 'command', { run: ['true'] });
  const refused = await run(['notify', 'test', '/etc/system.d/30-other'], { expect: 2 });
  expect(refused.stderr).toContain('which sends no notices');
  const unset = await run(['notify', 'test', '/etc/system.d/20-tell'], { expect: 4 });
  expect(unset.stderr).toContain('HOOK_SECRET');
});

test('a test mail is sent over TLS with a password from the environment', async () => {
  const { entry, run } = await pondAndServer(undefined, runPond);
  const smtp = await smtpReceiver({
    authOptional: false,
    onAuth: ({ username, password }, _session, done) =>
      password === 'p@ss/w' ? done(null, { user: username }) : done(new Error('no')),
  });
  onTestFinished(smtp.close);
  const { host } = await pondAndServer();
  const authorities = join(host, 'ca.pem');
  const { writeFileSync } = await import('node:fs');
  writeFileSync(authorities, CERTIFICATE);
  await entry('/etc/system.d/20-mail', 'email', {
    smtp: `smtp://me@example.org:${variable('SMTP_PASSWORD')}@localhost:${smtp.port}`,
    from: 'Pond <pond@example.org>',
    to: 'data@example.org',
  });
  const env = { SMTP_PASSWORD: 'p@ss/w', NODE_EXTRA_CA_CERTS: authorities };
  const { stdout } = await run(['notify', 'test', '/etc/system.d/20-mail'], { env });
  expect(stdout).toMatch(/^sent <msg_\w+@example\.org> to localhost:\d+ for data@example\.org: answered 250/);
  expect(smtp.mails()).toMatchObject([{ user: 'me@example.org', secure: true }]);
});

test('neither a secret nor the path of an address reaches a record, a log, a span or a report', async () => {
  const collector = await otlpReceiver();
  onTestFinished(collector.close);
  const { entry, run, server, pond, env } = await pondAndServer(answer(500, {}, `no ${SECRET}`), runPond);
  const config = { url: variable('HOOK_URL'), secret: variable('HOOK_SECRET') };
  await entry('/etc/system.d/20-tell', 'webhook', config);
  const url = server.url.replace('http://', 'http://user:correct-horse@').replace('/hook', '/hidden-path');
  const said = await run(['mkdir', '/a', '--log-level', 'debug', '--json'], {
    expect: 3,
    env: {
      ...env,
      HOOK_URL: url,
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_LOGS_EXPORTER: 'otlp',
    },
  });
  const [request] = server.requests();
  expect(request?.headers.authorization).toBe(
    `Basic ${Buffer.from('user:correct-horse').toString('base64')}`,
  );
  expect(request?.headers.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  const control = join(pond, 'control');
  const files = readdirSync(control, { withFileTypes: true })
    .filter((file) => file.isFile())
    .map(({ name }) => readFileSync(join(control, name), 'latin1'));
  const all = [said.stdout, said.stderr, ...files, ...collector.bodies()];
  expect(all.some((text) => text.includes('answered 500: no ***'))).toBe(true);
  for (const text of all) {
    for (const hidden of [SECRET, 'correct-horse', 'hidden-path']) expect(text).not.toContain(hidden);
  }
});

test('gauges of paths reach the collector of OpenTelemetry', async () => {
  const collector = await otlpReceiver();
  onTestFinished(collector.close);
  const { entry, run } = await pondAndServer(undefined, runPond);
  await entry('/etc/system.d/20-measure', 'metrics', { paths: '/in/*' });
  await run(['copy', '-', '/in/a.csv'], {
    input: 'a\n1\n2\n',
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' },
  });
  const gauges = collector.points().filter(({ name }) => name.startsWith('pond.path.'));
  const values = gauges.map(({ name, kind, value, labels }) => [name, kind, value, labels.path]);
  expect(values).toContainEqual(['pond.path.rows', 'gauge', 2, '/in/a.csv']);
  expect(values).toContainEqual(['pond.path.bytes', 'gauge', 6, '/in/a.csv']);
  expect(gauges.map(({ name }) => name)).toContain('pond.path.newest_event.age');
});

test('the keys of a factory are shown with an example, which mknod writes, switched off', async () => {
  const { run } = await pondAndServer();
  const { stdout } = await run(['factories', 'webhook']);
  expect(stdout).toContain('run_when: change where it has depends_on');
  expect(stdout).toContain('  url (needed)\n');
  await run(['mknod', 'webhook', '/etc/system.d/20-tell', '--example']);
  const written = (await run(['cat', '/etc/system.d/20-tell'])).stdout;
  expect(written).toContain('enabled: false');
  expect(stdout).toContain(written.trim());
  await run(['mkdir', '/a']);
  expect((await run(['factories', 'nothing'], { expect: 2 })).stderr).toContain(
    'there is no factory "nothing"',
  );
});
