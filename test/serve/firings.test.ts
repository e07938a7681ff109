import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { right } from 'fp-ts/lib/Either.js';
import { afterEach, describe, expect, test } from 'vitest';
import { ok } from '../steward/memory-steward.js';
import { scheduledPond, statesOf } from './scheduling.js';

const QUARTERS = { factory: 'watch', schedule: '*/15 * * * *' };
const WATCH = '/etc/schedule.d/10-watch';

const opened: { readonly steward: { readonly close: () => () => Promise<unknown> } }[] = [];
const pondAt = async (...given: Parameters<typeof scheduledPond>) => {
  const pond = await scheduledPond(...given);
  opened.push(pond);
  return pond;
};
afterEach(async () => {
  for (const { steward } of opened.splice(0)) await steward.close()();
});

describe('what is scheduled', () => {
  test('runs when it is due, once, and its firing says when it was due and when it ran', async () => {
    const pond = await pondAt('2026-11-28T10:01:00Z');
    await pond.entry(WATCH, QUARTERS);
    expect(await pond.work()).toEqual({ done: 0, failed: 0 });
    pond.at('2026-11-28T10:15:02Z');
    expect(await pond.work()).toEqual({ done: 1, failed: 0 });
    expect(await pond.work()).toEqual({ done: 0, failed: 0 });
    expect(pond.ran).toMatchObject([{ path: WATCH, txnSeq: 2, attempt: 1 }]);
    const [firing] = await pond.firings();
    expect(firing).toMatchObject({
      name: `${WATCH}@2026-11-28T10:15Z`,
      dueAt: Date.parse('2026-11-28T10:15Z') * 1000,
      tasks: [{ state: 'completed', startedAt: Date.parse('2026-11-28T10:15:02Z') * 1000 }],
    });
    expect(pond.ran[0]?.idempotencyKey).toBe(`${pond.steward.pondId}/${firing?.name}`);
  });

  test('does not run for what an editor has left beside it', async () => {
    const pond = await pondAt('2026-11-28T10:01:00Z');
    for (const name of ['10-watch', '10-watch~', '.10-watch.swp', '10-watch.bak'])
      await pond.entry(`/etc/schedule.d/${name}`, QUARTERS);
    pond.at('2026-11-28T10:15:00Z');
    expect(await pond.work()).toEqual({ done: 1, failed: 0 });
    expect(statesOf(await pond.firings())).toEqual(['10-watch@2026-11-28T10:15Z completed']);
  });

  test('is run once for all that was missed, or each, or not at all, as it says', async () => {
    const pond = await pondAt('2026-11-28T10:01:00Z');
    await pond.entry('/etc/schedule.d/a-once', QUARTERS);
    await pond.entry('/etc/schedule.d/b-all', { ...QUARTERS, missed: 'all' });
    await pond.entry('/etc/schedule.d/c-skip', { ...QUARTERS, missed: 'skip' });
    pond.at('2026-11-28T10:50:00Z');
    await pond.work();
    expect(statesOf(await pond.firings())).toEqual([
      'a-once@2026-11-28T10:45Z completed',
      'b-all@2026-11-28T10:15Z completed',
      'c-skip@2026-11-28T10:45Z skipped',
      'b-all@2026-11-28T10:30Z completed',
      'b-all@2026-11-28T10:45Z completed',
    ]);
  });

  test('fires once, however many serve the pond at once', async () => {
    const pond = await pondAt('2026-11-28T10:01:00Z');
    await pond.entry(WATCH, { ...QUARTERS, factory: 'collect' });
    pond.at('2026-11-28T10:15:00Z');
    await Promise.all([pond.work(), pond.work(), pond.work()]);
    expect(statesOf(await pond.firings())).toEqual(['10-watch@2026-11-28T10:15Z completed']);
    expect(pond.ran).toHaveLength(1);
  });

  test('does not fire again when the clock is put back, and goes on when it was wrong for a while', async () => {
    const pond = await pondAt('2026-11-28T10:01:00Z');
    await pond.entry(WATCH, QUARTERS);
    for (const time of ['10:15', '10:30', '10:16', '10:31', '10:45']) {
      pond.at(`2026-11-28T${time}:00Z`);
      await pond.work();
    }
    pond.at('2031-01-01T00:00:00Z');
    await pond.work();
    pond.at('2026-11-28T11:00:00Z');
    await pond.work();
    expect(statesOf(await pond.firings())).toEqual([
      '10-watch@2026-11-28T10:15Z completed',
      '10-watch@2026-11-28T10:30Z completed',
      '10-watch@2026-11-28T10:45Z completed',
      '10-watch@2031-01-01T00:00Z completed',
      '10-watch@2026-11-28T11:00Z completed',
    ]);
  });

  test('that writes makes a commit that says which firing made it, and which sets off what follows commits', async () => {
    const pond = await pondAt('2026-11-28T10:01:00Z');
    await pond.entry('/etc/system.d/10-tell', { factory: 'tell', condition: { path_pattern: '/in*' } });
    await pond.entry(WATCH, { factory: 'collect', schedule: '0 * * * *' });
    pond.at('2026-11-28T11:00:00Z');
    await pond.work();
    const [write] = ok(await pond.steward.transactions({ transactionTypes: ['write'], limit: 1 })());
    expect(write).toMatchObject({
      status: 'committed',
      causedBy: [{ task: null, config_path: WATCH, firing: `${WATCH}@2026-11-28T11:00Z` }],
      tasks: [{ configPath: '/etc/system.d/10-tell', state: 'completed' }],
    });
    // What it says is kept as what others say.
    expect((await pond.cli('logs', `${WATCH}@2026-11-28T11:00Z`)).stdout).toContain('collected');
  });

  test('and is not approved does not fire, and says what to do', async () => {
    const pond = await pondAt('2026-11-28T10:01:00Z');
    await pond.entry(WATCH, QUARTERS);
    pond.at('2026-11-28T10:15:00Z');
    const stranger = pond.program((ports) => ({
      userState: { ...ports.userState, read: () => () => right(null) },
    }));
    const { signal } = new AbortController();
    const refused = await stranger.work(
      [pond.directory],
      { ...pond.opening, trust: 'approved' },
      { signal },
    )();
    expect(refused).toMatchObject({ _tag: 'Left', left: { _tag: 'NotTrusted' } });
    expect(await pond.firings()).toEqual([]);
  });
});

describe('entries that look at a schedule', () => {
  test('run for its firings, are told of them, once when it begins to fail and once when that is over', async () => {
    const pond = await pondAt('2026-11-28T10:01:00Z');
    await pond.entry(WATCH, QUARTERS);
    await pond.entry('/etc/system.d/20-tell', { factory: 'tell', run_when: 'change', depends_on: WATCH });
    await pond.entry('/etc/system.d/30-all', { factory: 'tell', run_when: 'failure' });
    await pond.entry('/etc/system.d/40-data', { factory: 'tell' });
    for (const [time, isBroken] of [
      ['10:15', false],
      ['10:30', true],
      ['10:45', true],
      ['11:00', false],
    ] as const) {
      pond.breakIt(isBroken);
      pond.at(`2026-11-28T${time}:00Z`);
      await pond.work();
    }
    const at = (time: string) => `${WATCH}@2026-11-28T${time}Z`;
    expect(
      pond.ran.filter(({ path }) => path !== WATCH).map(({ path, outcomes }) => [path, ...outcomes]),
    ).toEqual([
      ['/etc/system.d/20-tell', `${at('10:30')} failed begins`],
      ['/etc/system.d/30-all', `${at('10:30')} failed`],
      ['/etc/system.d/30-all', `${at('10:45')} failed`],
      ['/etc/system.d/20-tell', `${at('11:00')} completed ends`],
    ]);
    // Only the newest firing of an entry counts as failed.
    expect(ok(await pond.steward.incomplete()()).failedTasks).toEqual([]);
  });

  test('and at nothing else are not run for commits', async () => {
    const pond = await pondAt('2026-11-28T10:01:00Z');
    await pond.entry('/etc/system.d/20-tell', { factory: 'tell', run_when: 'always', depends_on: [WATCH] });
    ok(await pond.steward.write(({ fs }) => fs.write('/in', Buffer.from('x')))());
    const { plan } = ok(await pond.steward.plan()());
    expect(plan.skipped).toEqual([{ path: '/etc/system.d/20-tell', reason: { _tag: 'OnlyFirings' } }]);
  });
});

describe('on the command line', () => {
  test('control shows firings, and retry, also after a dismissal, dismiss, logs and trace take their names', async () => {
    const pond = await pondAt('2026-11-28T10:01:00Z');
    await pond.entry(WATCH, QUARTERS);
    pond.breakIt(true);
    pond.at('2026-11-28T10:15:00Z');
    await pond.work();
    const name = `${WATCH}@2026-11-28T10:15Z`;
    const failed = await pond.cli('control', '--json');
    expect(JSON.parse(failed.stdout).firings).toMatchObject([
      { firing: name, due_at: '2026-11-28T10:15:00.000Z', tasks: [{ task: name, state: 'failed' }] },
    ]);
    expect((await pond.cli('control')).stdout).toContain('Recent firings');
    expect((await pond.cli('trace', name)).stdout).toContain(name);
    const said = await pond.cli('logs', name, '--json');
    expect(JSON.parse(said.stdout)).toMatchObject({
      task: name,
      attempt: 1,
      state: 'failed',
      lines: expect.arrayContaining([expect.objectContaining({ event: 'looked', fields: { broken: true } })]),
    });
    expect((await pond.cli('logs', name)).stdout).toContain('looked');
    expect(await pond.cli('control', 'dismiss', `${name}.7`)).toMatchObject({ code: 1 });
    expect(await pond.cli('control', 'dismiss', name)).toMatchObject({ code: 0 });
    expect(statesOf(await pond.firings())).toEqual(['10-watch@2026-11-28T10:15Z dismissed']);
    pond.breakIt(false);
    expect(await pond.cli('control', 'retry', name)).toMatchObject({ code: 0 });
    expect(statesOf(await pond.firings())).toEqual(['10-watch@2026-11-28T10:15Z completed']);
  });

  test('status says when a schedule is due next, what its last firing came to, and since when it fails', async () => {
    const pond = await pondAt('2026-11-28T10:01:00Z');
    await pond.entry(WATCH, QUARTERS);
    await pond.entry('/etc/schedule.d/20-wrong', { ...QUARTERS, schedule: 'never' });
    for (const [time, isBroken] of [
      ['10:15', false],
      ['10:30', true],
      ['10:45', true],
    ] as const) {
      pond.breakIt(isBroken);
      pond.at(`2026-11-28T${time}:00Z`);
      await pond.work();
    }
    const { schedules, failed_tasks } = JSON.parse((await pond.cli('status', '--json')).stdout);
    expect(schedules).toMatchObject([
      {
        path: WATCH,
        schedule: '*/15 * * * *',
        timezone: 'UTC',
        missed: 'once',
        problem: null,
        next_due: '2026-11-28T11:00:00.000Z',
        failures: 2,
        failing_since: '2026-11-28T10:30:00.000Z',
        last: { firing: `${WATCH}@2026-11-28T10:45Z`, state: 'failed' },
        firings: [{ state: 'failed' }, { state: 'failed' }, { state: 'completed' }],
      },
      { path: '/etc/schedule.d/20-wrong', problem: expect.stringContaining('schedule'), last: null },
    ]);
    expect(failed_tasks).toBe(1);
    expect((await pond.cli('status')).stdout).toMatch(/schedule .*10-watch .*failing since .*\(2 firings\)/);
  });

  test('since when a schedule fails is told however often it has fired since', async () => {
    const pond = await pondAt('2026-11-28T10:01:00Z');
    await pond.entry(WATCH, QUARTERS);
    const begun = Date.parse('2026-11-28T10:15:00Z');
    for (let quarter = 0; quarter < 26; quarter += 1) {
      pond.breakIt(quarter > 0);
      pond.at(new Date(begun + quarter * 900_000).toISOString());
      await pond.work();
    }
    const { schedules } = JSON.parse((await pond.cli('status', '--json')).stdout);
    expect(schedules).toMatchObject([{ failures: 25, failing_since: '2026-11-28T10:30:00.000Z' }]);
    pond.breakIt(false);
    pond.at(new Date(begun + 26 * 900_000).toISOString());
    await pond.work();
    expect(JSON.parse((await pond.cli('status', '--json')).stdout).schedules).toMatchObject([
      { failures: 0, failing_since: null },
    ]);
  });

  test('after the control table was made again nothing that was due before fires', async () => {
    const pond = await pondAt('2026-11-28T10:01:00Z');
    await pond.entry(WATCH, { ...QUARTERS, factory: 'collect', missed: 'all' });
    pond.at('2026-11-28T10:15:00Z');
    await pond.work();
    pond.at('2026-11-28T10:50:00Z');
    await pond.steward.close()();
    for (const name of readdirSync(join(pond.directory, 'control')))
      if (name.startsWith('control.db')) rmSync(join(pond.directory, 'control', name));
    ok(await pond.program().rebuildControl(pond.directory, pond.opening)());
    await pond.work();
    expect(pond.ran).toHaveLength(1);
    pond.at('2026-11-28T11:00:00Z');
    await pond.work();
    expect(pond.ran).toHaveLength(2);
  });

  test('an entry that is never due as it is written is refused before it is there', async () => {
    const pond = await pondAt('2026-11-28T10:01:00Z');
    const config = JSON.stringify({ ...QUARTERS, schedule: '61 * * * *', timezone: 'Nowhere/Else' });
    const refused = await pond.cli('mknod', 'watch', WATCH, '--config', config);
    expect(refused.code).toBe(4);
    expect(refused.stderr).toContain('schedule: expected a cron expression');
    expect(refused.stderr).toContain('timezone: expected the name of a time zone');
    // No leap year has such a day; where a day of the week is an alternative, it comes.
    for (const [schedule, code] of [
      ['0 0 31 2 *', 4],
      ['0 0 30-31 FEB *', 4],
      ['0 0 31 4,6-7/5,9 *', 4],
      ['0 0 29 2 *', 0],
      ['0 0 31 */4 *', 0],
      ['0 0 31 2 5', 0],
      ['0 0 L 2 *', 0],
    ] as const) {
      const one = JSON.stringify({ ...QUARTERS, schedule });
      const { code: found, stderr } = await pond.cli(
        'mknod',
        'watch',
        `${WATCH}-${schedule.length}`,
        '--config',
        one,
        '--overwrite',
      );
      expect([schedule, found], stderr).toEqual([schedule, code]);
    }
    const without = await pond.cli('mknod', 'test-executor', WATCH, '--config', '{ message: hello }');
    expect(without.code).toBe(4);
    expect(without.stderr).toContain('schedule');
  });
});
