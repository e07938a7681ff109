import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { groupMembers } from '../../src/adapters/node/processes/group-members.js';
import { eventually } from '../support/condition.js';
import {
  type BuiltPonds,
  buildPonds,
  type Running,
  removeFolder,
  run,
  start,
} from './machinery/built-ponds.js';
import { ask, askJson, recordsOf } from './scenarios/asking.js';
import { plainPond, prepare } from './scenarios/base-ponds.js';

interface Task {
  readonly state: string;
  readonly attempts: number;
  readonly error_message: string | null;
}

describe('a runner that is stopped while its task runs', () => {
  let folder = '';
  let ponds: BuiltPonds;
  let pond = '';
  let count = 0;
  let started: Running[] = [];
  beforeEach(async () => {
    if (folder === '') {
      folder = await mkdtemp(join(tmpdir(), 'pond-crash-interrupt-'));
      ponds = await buildPonds();
    }
    count += 1;
    pond = await plainPond(join(folder, String(count)));
    // Says which group it is, and waits: for a file, or for its end.
    const script = 'echo $$ >> "$POND/../groups"; if test -e "$POND/../go"; then exit 0; fi; exec sleep 1000';
    const config = JSON.stringify({ run: [script], shell: true });
    await prepare(pond, ['mknod', 'command', '/etc/system.d/10-waits', '--config', config]);
  });
  afterEach(() => {
    for (const { child } of started) child.kill('SIGKILL');
    for (const group of groups()) if (lives(group)) process.kill(-group, 'SIGKILL');
    started = [];
  });
  afterAll(() => removeFolder(folder));

  /** Whole lines only: the file is there before its first line is. */
  const groups = (): readonly number[] => {
    const path = join(pond, '../groups');
    return existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1).map(Number) : [];
  };
  const lives = (group: number): boolean => groupMembers(group, '').length > 0;
  /** Lets attempts succeed at once from now on. */
  const letGo = () => writeFile(join(pond, '../go'), '');
  const taskOf = async (): Promise<Task> => {
    const { tasks } = (await askJson(pond, 'show-post-commit', '3')) as { tasks: Task[] };
    const [task] = tasks;
    if (task === undefined) throw new Error('there is no task');
    return task;
  };

  /** Starts a command of `pond` and waits until it runs attempt `attempt` of the task. */
  const startUntilRunning = async (attempt: number, args: readonly string[]) => {
    const runner = start(ponds.pond, pond, args, { input: 'content' });
    started.push(runner);
    await eventually(`attempt ${attempt} runs: ${runner.said()}`, () => groups().length === attempt);
    const group = groups()[attempt - 1];
    if (group === undefined) throw new Error('no group');
    return { runner, group };
  };
  const COPY = ['copy', '-', '/in/a'];

  for (const signals of [
    ['SIGINT'],
    ['SIGTERM'],
    ['SIGHUP'],
    ['SIGINT', 'SIGINT'],
    ['SIGHUP', 'SIGTERM'],
  ] as const) {
    it(`by ${signals.join(' and at once ')} says that the commit landed, ends the task's processes, and leaves it to recover`, async () => {
      const { runner, group } = await startUntilRunning(1, COPY);
      for (const signal of signals) runner.child.kill(signal);
      const { code, stderr } = await runner.ended;
      expect(code).toBe(130);
      expect(stderr).toContain('transaction 3 is committed');
      expect(stderr).toContain('pond recover');
      expect(lives(group)).toBe(false);
      expect((await ask(pond, 'cat', '/in/a')).out.toString()).toBe('content');
      expect(await askJson(pond, 'status')).toMatchObject({ incomplete: { transactions: 1, tasks: 1 } });

      await letGo();
      expect((await run(ponds.pond, pond, ['recover'])).code).toBe(0);
      expect(await taskOf()).toMatchObject({ state: 'completed', attempts: 2 });
    });
  }

  it('before the commit says that nothing was committed', async () => {
    const writer = start(ponds.pond, pond, COPY, { input: null });
    started.push(writer);
    // What it reads is kept in a file without a name until it is all there.
    const files = `/proc/${writer.pid}/fd`;
    const nameless = (file: string): boolean => {
      try {
        return readlinkSync(`${files}/${file}`).endsWith(' (deleted)');
      } catch {
        return false; // It was closed after the list had been made.
      }
    };
    await eventually('the write waits for its input', () => readdirSync(files).some(nameless));
    writer.child.kill('SIGINT');
    const { code, stderr } = await writer.ended;
    expect([code, stderr]).toEqual([130, expect.stringContaining('nothing was committed')]);
    expect(groups()).toEqual([]);
    expect(await askJson(pond, 'status')).toMatchObject({
      last_txn_seq: 2,
      incomplete: { transactions: 0, tasks: 0 },
    });
  });

  it('by SIGKILL leaves a group that recover ends before the next attempt', async () => {
    const { runner, group } = await startUntilRunning(1, COPY);
    runner.child.kill('SIGKILL');
    await runner.ended;
    expect(lives(group)).toBe(true);
    expect(await taskOf()).toMatchObject({ state: 'started', attempts: 1 });

    await letGo();
    expect((await run(ponds.pond, pond, ['recover'])).code).toBe(0);
    expect(lives(group)).toBe(false);
    expect(await taskOf()).toMatchObject({ state: 'completed', attempts: 2 });
    const ends = (await recordsOf(pond)).filter(({ recordType }) => recordType === 'post_commit_failed');
    expect(ends).toMatchObject([{ attempt: 1, errorMessage: 'interrupted' }]);
  });

  it('three times by SIGKILL has failed', async () => {
    const commands = [COPY, ['recover'], ['recover']];
    for (const [index, args] of commands.entries()) {
      const { runner } = await startUntilRunning(index + 1, args);
      runner.child.kill('SIGKILL');
      await runner.ended;
    }
    const { code, stderr } = await run(ponds.pond, pond, ['recover']);
    expect([code, stderr]).toEqual([3, expect.stringContaining('interrupted 3 times')]);
    expect(groups()).toHaveLength(3);
    expect(groups().filter(lives)).toEqual([]);
    expect(await taskOf()).toMatchObject({
      state: 'failed',
      attempts: 3,
      error_message: 'interrupted 3 times',
    });
    expect(await askJson(pond, 'status')).toMatchObject({
      incomplete: { transactions: 0, tasks: 0 },
      failed_tasks: 1,
    });
  });

  it('by SIGSTOP is not taken for dead', async () => {
    const { runner, group } = await startUntilRunning(1, COPY);
    runner.child.kill('SIGSTOP');
    const recovery = await run(ponds.pond, pond, ['recover', '--json']);
    expect(recovery.code).toBe(6);
    const { tasks, remaining } = JSON.parse(recovery.stdout);
    expect(tasks).toEqual([]);
    expect(remaining.tasks).toMatchObject([{ state: 'started', runner: { pid: runner.pid } }]);
    expect(groups()).toEqual([group]);
    expect(lives(group)).toBe(true);

    runner.child.kill('SIGCONT');
    runner.child.kill('SIGINT');
    expect((await runner.ended).code).toBe(130);
    expect(await taskOf()).toMatchObject({ state: 'started', attempts: 1 });
  });
});
