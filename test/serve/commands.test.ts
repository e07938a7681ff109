import { describe, expect, test } from 'vitest';
import { systemdUnit } from '../../src/cli/serve/systemd-unit.js';
import { ok } from '../steward/memory-steward.js';
import { callPond } from '../support/pond-in-process.js';
import { addEntry, diskPond, servedBy } from './serving.js';

describe('a unit for systemd', () => {
  test('starts what the command line says, and quotes what systemd would read as something else', () => {
    const unit = systemdUnit({
      program: ['/usr/bin/node', '/opt/pond steward/pond.cjs'],
      directories: ['/srv/a', '/srv/50% "rain"'],
      options: [],
    });
    expect(unit).toContain(
      'ExecStart=/usr/bin/node "/opt/pond steward/pond.cjs" serve /srv/a "/srv/50%% \\"rain\\""\n',
    );
    expect(unit).toContain('KillMode=mixed\n');
  });

  test('is printed for the pond that every command takes, and nothing is served', async () => {
    const printed = await callPond(['serve', '--print-unit'], { pond: '/srv/weather' });
    expect([printed.code, printed.stdout]).toEqual([0, expect.stringContaining(' serve /srv/weather\n')]);
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
    ...{ pond: pond.directory, env },
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
  const written = await callPond(args, { ...{ pond: pond.directory, env }, input: 'a' });
  expect([written.code, JSON.parse(written.stdout)]).toMatchObject([3, { in_background: true }]);
  expect(written.stderr).toContain('/etc/system.d/20-wrong (test-executor) was rejected');
  ok(await steward.wait(4)());
  await steward.close()();
  await server.stop();
});
