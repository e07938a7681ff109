import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.js';
import { type Ended, run } from './machinery/built-ponds.js';
import { ask } from './scenarios/asking.js';
import { plainPond, prepare } from './scenarios/base-ponds.js';
import { type WaitingTasks, waitingTasks } from './scenarios/waiting-tasks.js';

/** Milliseconds; a tenth of it is enough where there is nothing else to do. */
const LONG = 120_000;

describe('a pond with work that a crash left unfinished', { timeout: LONG }, () => {
  let waiting: WaitingTasks;
  beforeEach(async () => {
    waiting = await waitingTasks();
    await waiting.leaveUnfinished('/in/a', 1);
  }, LONG);
  afterEach(() => waiting.end());

  const pond = (args: readonly string[], input = ''): Promise<Ended> =>
    run(waiting.executable, waiting.pond, args, { input });
  const linesOf = ({ stderr }: Ended): readonly string[] => stderr.split('\n').filter((line) => line !== '');
  const warnings = (ended: Ended) => linesOf(ended).filter((line) => line.includes('unfinished_work'));

  it('says so when it is read, in one line that names the command, and nothing else changes', async () => {
    for (const args of [
      ['list', '--json'],
      ['cat', '/in/a', '--json'],
    ]) {
      const ended = await pond(args);
      expect(ended.code).toBe(0);
      expect(linesOf(ended)).toHaveLength(1);
      expect(JSON.parse(linesOf(ended)[0] ?? '')).toMatchObject({
        event: 'unfinished_work',
        level: 'warn',
        transactions: 1,
        tasks: 1,
        host_plans: 0,
        remedy: 'pond recover',
      });
      expect(JSON.parse(ended.stdout)).toBeInstanceOf(Object);
    }
    expect(await waiting.tasks(3)).toMatchObject([{ state: 'started', attempts: 1 }]);
  });

  it('says so when it is written, and commits', async () => {
    await waiting.letGo();
    const ended = await pond(['copy', '-', '/in/b', '--json'], 'b');
    expect([ended.code, JSON.parse(ended.stdout).txn_seq]).toEqual([0, 4]);
    expect(warnings(ended)).toHaveLength(1);
    expect(await waiting.tasks(3)).toMatchObject([{ state: 'started', attempts: 1 }]);
    expect(await waiting.tasks(4)).toMatchObject([{ state: 'completed', attempts: 1 }]);
  });

  it('says nothing with recover.on_open off', async () => {
    await prepare(waiting.pond, ['config', 'set', 'recover.on_open', 'off']);
    const ended = await pond(['list', '--json']);
    expect([ended.code, ended.stderr]).toEqual([0, '']);
    expect(await waiting.tasks(3)).toMatchObject([{ state: 'started' }]);
  });

  it('is recovered by the next command with recover.on_open auto, whose output stays its own', async () => {
    await prepare(waiting.pond, ['config', 'set', 'recover.on_open', 'auto']);
    await waiting.letGo();
    const ended = await pond(['list', '/in/*', '--json']);
    expect(ended.code).toBe(0);
    expect(JSON.parse(ended.stdout)).toMatchObject([{ path: '/in/a' }]);
    expect(warnings(ended)).toEqual([]);
    expect(await waiting.tasks(3)).toMatchObject([{ state: 'completed', attempts: 2 }]);
    expect((await pond(['list', '--json'])).stderr).toBe('');
  });

  it('does not concern a command inside a task', async () => {
    const script = `"${process.execPath}" "${waiting.executable}" list > "$POND/../listed" 2> "$POND/../said"`;
    await prepare(waiting.pond, ['rm', '/etc/system.d/10-waits']);
    const config = JSON.stringify({ run: [script], shell: true });
    await prepare(waiting.pond, ['mknod', 'command', '/etc/system.d/20-lists', '--config', config]);
    const ended = await pond(['copy', '-', '/in/b'], 'b');
    expect(ended.code).toBe(0);
    expect(warnings(ended)).toHaveLength(1);
    expect(readFileSync(join(waiting.pond, '../said'), 'utf8')).toBe('');
    expect(readFileSync(join(waiting.pond, '../listed'), 'utf8')).toContain('/in/b');
  });
});

describe('a pond with work that a live process is at', { timeout: LONG }, () => {
  it('says nothing of it', async () => {
    const waiting = await waitingTasks();
    const runner = await waiting.startUntilRunning('/in/a', 1);
    const ended = await run(waiting.executable, waiting.pond, ['list', '--json']);
    expect([ended.code, ended.stderr]).toEqual([0, '']);
    expect((await ask(waiting.pond, 'status')).err).toBe('');
    await waiting.letGo();
    expect((await runner.ended).code).toBe(0);
    await waiting.end();
  });
});

describe('a pond with a checkpoint of a host plan that cannot be read', { timeout: LONG }, () => {
  it('does not repeat it with each command; recovery says that it is still there', async () => {
    const pond = await plainPond(temporaryFolder('unreadable'));
    mkdirSync(join(pond, 'control/host-plans'));
    writeFileSync(join(pond, 'control/host-plans/0190.journal'), 'no journal\nat all\n');
    expect(await ask(pond, 'list')).toMatchObject({ code: 0, err: '' });
    const { code, out } = await ask(pond, 'recover');
    expect(code).toBe(6);
    expect(out.toString()).toMatch(/^1 host plan had not ended:\n {2}0190 {2}unreadable\n/);
    expect(out.toString()).toContain('still there: 1 host plan (pond host checkpoints)');
    expect(await ask(pond, 'list')).toMatchObject({ code: 0, err: '' });
  });
});
