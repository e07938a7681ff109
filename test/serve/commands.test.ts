import * as TE from 'fp-ts/lib/TaskEither.js';
import { describe, expect, test } from 'vitest';
import { memoryUserState } from '../../src/adapters/memory/memory-user-state.js';
import { nodeHttpServer } from '../../src/adapters/node/network/node-http-server.js';
import { systemdUnit } from '../../src/cli/serve/systemd-unit.js';
import { livePorts } from '../../src/live-ports.js';
import { showing } from '../../src/serve/http/showing.js';
import { runMain } from '../cli/fakes.js';
import { ok } from '../steward/memory-steward.js';
import { memoryLogger } from '../support/memory-logger.js';
import { callPond } from '../support/pond-in-process.js';
import { addEntry, diskPond, servedBy } from './serving.js';

describe('a unit for systemd', () => {
  test('starts what the command line says, and quotes what systemd would read as something else', () => {
    const unit = systemdUnit({
      program: ['/usr/bin/node', '/opt/pond steward/pond.cjs'],
      directories: ['/srv/a', '/srv/50% "rain"', '/srv/two\nlines'],
      options: [],
    });
    expect(unit).toContain(
      'ExecStart=/usr/bin/node "/opt/pond steward/pond.cjs" serve /srv/a "/srv/50%% \\"rain\\"" "/srv/two\\x0alines"\n',
    );
    expect(unit).toContain('KillMode=mixed\n');
    expect(unit).toContain('Restart=on-failure\nRestartSec=5\nRestartPreventExitStatus=2\n');
  });

  test('is printed for the pond that every command takes, and nothing is served', async () => {
    const printed = await callPond(['serve', '--print-unit'], { pond: '/srv/weather' });
    expect([printed.code, printed.stdout]).toEqual([0, expect.stringContaining(' serve /srv/weather\n')]);
  });
});

describe('the link to the page', () => {
  const noServer = { pond: '/none', env: { POND_TRUST: '*' } };

  test('is printed for a server that runs elsewhere, the same each time, by the name that browsers know', async () => {
    const first = await callPond(['serve', '--print-link'], noServer);
    expect([first.code, first.stdout]).toEqual([
      0,
      expect.stringMatching(/^http:\/\/127\.0\.0\.1:7117\/#token=[\w-]{43}\n$/),
    ]);
    const proxied = await callPond(
      ['serve', '--print-link', '--json', '--origin', 'https://pond.example.org'],
      noServer,
    );
    expect(JSON.parse(proxied.stdout).link).toBe(
      first.stdout.trim().replace('http://127.0.0.1:7117', 'https://pond.example.org'),
    );
    expect((await callPond(['serve', '--print-link', '--listen', '127.0.0.1:0'], noServer)).code).not.toBe(0);
    expect((await callPond(['serve', '--print-link', '--no-web'], noServer)).code).toBe(2);
  });

  test.each([
    ['on a terminal', true, {}, true],
    ['into a file', false, {}, true],
    ['on a terminal of a service', true, { JOURNAL_STREAM: '8:12345' }, true],
    ["into systemd's journal, which keeps it", false, { JOURNAL_STREAM: '8:12345' }, false],
  ])(
    'is said with the token in it, unless it is kept: %s',
    async (_, errIsTerminal, environment, hasToken) => {
      const served: boolean[] = [];
      const { code } = await runMain(
        ['serve', '/pond'],
        {
          serve: (_directories, _options, { http }) => {
            served.push(http?.saysToken ?? false);
            return TE.right({ done: 0, failed: 0 });
          },
        },
        { errIsTerminal, environment },
      );
      expect([code, served]).toEqual([0, [hasToken]]);
    },
  );

  test('is not among what a server says whose words are kept', async () => {
    const { logger } = memoryLogger();
    const ports = { ...livePorts(logger), userState: memoryUserState(), server: nodeHttpServer };
    const options = { listen: '127.0.0.1:0', tls: null, origin: null, readOnly: true, page: null };
    for (const saysToken of [true, false]) {
      const running = ok(await showing(ports, { ...options, renewToken: false, saysToken }).begin([])());
      await running.end();
      expect(running.says.join('\n')).toMatch(
        saysToken
          ? /^open http:\/\/127\.0\.0\.1:\d+\/#token=[\w-]{43}$/
          : /^the page is at http:\/\/127\.0\.0\.1:\d+\/, [^=]* pond serve --print-link$/,
      );
    }
  });
});

test('a write that does not wait ends with 0 whatever becomes of its tasks, and whoever waits for it with what it would have ended with', async () => {
  const pond = await diskPond();
  const steward = await pond.open();
  const env = { POND_TRUST: '*' };
  await addEntry(steward, '10-report', 'test-executor', { message: 'hello' });
  await addEntry(steward, '20-fail', 'test-executor', { message: 'no', fail: true });
  const server = await servedBy(pond.program().program, pond.directory);
  const written = await callPond(['copy', '-', '/a', '--no-wait', '--json'], {
    pond: pond.directory,
    env,
    input: 'a',
  });
  expect([written.code, JSON.parse(written.stdout)]).toMatchObject([0, { in_background: true }]);
  await steward.wait(4)();
  await server.stop();
  await steward.close()();
  const waited = await callPond(['wait', '--json'], { pond: pond.directory, env });
  expect([waited.code, JSON.parse(waited.stdout)]).toMatchObject([3, { txn_seq: 4, has_ended: true }]);
  const worked = await callPond(['work', '--once', '--json'], { pond: pond.directory, env });
  expect([worked.code, JSON.parse(worked.stdout)]).toMatchObject([0, { done: 0, failed: 0 }]);
  const refused = await callPond(['wait', '99'], { pond: pond.directory, env });
  expect(refused.code).toBe(1);
});

test('an entry that was rejected is told at once, also by a write that does not wait', async () => {
  const pond = await diskPond();
  const steward = await pond.open();
  await addEntry(steward, '10-report', 'test-executor', { message: 'hello' });
  await addEntry(steward, '20-wrong', 'test-executor', {});
  const server = await servedBy(pond.program().program, pond.directory);
  const env = { POND_TRUST: '*' };
  const args = ['copy', '-', '/a', '--no-wait', '--json'];
  const written = await callPond(args, { pond: pond.directory, env, input: 'a' });
  expect([written.code, JSON.parse(written.stdout)]).toMatchObject([3, { in_background: true }]);
  expect(written.stderr).toContain('/etc/system.d/20-wrong (test-executor) was rejected');
  ok(await steward.wait(4)());
  await steward.close()();
  await server.stop();
});
