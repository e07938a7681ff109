import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../../support/condition.js';
import { type Ended, run } from '../machinery/built-ponds.js';
import { faultsOfEnd, journalOf } from '../machinery/invariants.js';
import { askJson } from '../scenarios/asking.js';
import { type WaitingTasks, waitingTasks } from '../scenarios/waiting-tasks.js';

/** Milliseconds; a tenth of it is enough where there is nothing else to do. */
const LONG = 120_000;

describe('several processes at the tasks of one pond', { timeout: LONG }, () => {
  let waiting: WaitingTasks;
  beforeEach(async () => {
    waiting = await waitingTasks();
  }, LONG);
  afterEach(() => waiting.end());

  const place = () => join(waiting.pond, '..');
  const faults = () => faultsOfEnd(place(), { files: {}, writes: {}, txnSeq: 0, tasks: {} }, false);
  const tasksIn = ({ stdout }: Ended) => JSON.parse(stdout).tasks as { state: string; attempts: number }[];

  it('a runner that is suspended loses nothing: its task goes on where it was, and is done once', async () => {
    const runner = await waiting.startUntilRunning('/in/a', 1);
    runner.child.kill('SIGSTOP');
    const recovery = await run(waiting.executable, waiting.pond, ['recover', '--json']);
    expect([recovery.code, tasksIn(recovery)]).toEqual([6, []]);
    await waiting.letGo();
    runner.child.kill('SIGCONT');
    const ended = await runner.ended;
    expect([ended.code, tasksIn(ended)]).toMatchObject([0, [{ state: 'completed', attempts: 1 }]]);
    expect(journalOf(place())).toEqual(['3.1 1']);
    expect(await faults()).toEqual([]);
  });

  it('a task waits no longer than it is told to, and the runner that it waited for takes it over', async () => {
    const runner = await waiting.startUntilRunning('/in/a', 1);
    const args = ['copy', '-', '/in/b', '--json', '--task-wait', '100ms'];
    const second = await run(waiting.executable, waiting.pond, args, { input: 'b' });
    expect([second.code, tasksIn(second)]).toMatchObject([6, [{ state: 'pending', attempts: 0 }]]);
    expect(second.stderr).toContain('pond recover');
    expect(await waiting.tasks(4)).toMatchObject([{ state: 'pending' }]);
    await waiting.letGo();
    expect((await runner.ended).code).toBe(0);
    expect(await waiting.tasks(3)).toMatchObject([{ state: 'completed', attempts: 1 }]);
    expect(await waiting.tasks(4)).toMatchObject([{ state: 'completed', attempts: 1 }]);
    expect(journalOf(place())).toEqual(['3.1 1', '4.1 1']);
    expect(await faults()).toEqual([]);
  });

  it('two recoveries at once share the work and do nothing twice', async () => {
    for (const count of [1, 2, 3]) await waiting.leaveUnfinished(`/in/${count}`, count);
    await waiting.letGo();
    const both = await Promise.all([1, 2].map(() => waiting.start(['recover', '--json']).ended));
    // Who came second may have found work that the first was at.
    expect(both.filter(({ code }) => code !== 0 && code !== 6).map(({ stderr }) => stderr)).toEqual([]);
    for (const txnSeq of [3, 4, 5]) {
      expect(await waiting.tasks(txnSeq)).toMatchObject([{ state: 'completed', attempts: 2 }]);
    }
    expect(journalOf(place()).toSorted()).toEqual(['3.1 2', '4.1 2', '5.1 2']);
    expect(await faults()).toEqual([]);
  });

  it('who has lost a task to another cannot record how it ended, and says so', async () => {
    const runner = await waiting.startUntilRunning('/in/a', 1);
    runner.child.kill('SIGSTOP');
    // By this, and by nothing else, can a live runner be taken for dead.
    const locks = join(waiting.pond, 'control/runners');
    for (const name of readdirSync(locks)) rmSync(join(locks, name));
    const recovery = waiting.start(['recover', '--json']);
    await eventually('the task was taken over', async () => {
      const [task] = await waiting.tasks(3);
      return task?.attempts === 2;
    });
    runner.child.kill('SIGCONT');
    const { code, stdout, stderr } = await runner.ended;
    // What it says about the task is what the table says: another runner is at it.
    expect([code, JSON.parse(stdout).tasks[0]]).toMatchObject([6, { state: 'started', attempts: 2 }]);
    expect(stderr).toContain('task_not_recorded');
    expect(stderr).toMatch(/task 3\.1 .*another/i);

    await waiting.letGo();
    expect((await recovery.ended).code).toBe(0);
    expect(await waiting.tasks(3)).toMatchObject([{ state: 'completed', attempts: 2 }]);
    expect(journalOf(place())).toEqual(['3.1 2']);
    expect(await askJson(waiting.pond, 'status')).toMatchObject({
      incomplete: { transactions: 0, tasks: 0 },
    });
  });
});
