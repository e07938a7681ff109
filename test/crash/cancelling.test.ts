import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { groupMembers } from '../../src/adapters/node/processes/group-members.js';
import { eventually } from '../support/condition.js';
import { run } from './machinery/built-ponds.js';
import { faultsOfEnd, journalOf } from './machinery/invariants.js';
import { type WaitingTasks, waitingTasks } from './scenarios/waiting-tasks.js';

/** Milliseconds; a tenth of it is enough where there is nothing else to do. */
const LONG = 120_000;

describe('a task that one process runs and another one cancels', { timeout: LONG }, () => {
  let waiting: WaitingTasks;
  beforeEach(async () => {
    waiting = await waitingTasks();
  }, LONG);
  afterEach(() => waiting.end());

  const faults = () =>
    faultsOfEnd(join(waiting.pond, '..'), { files: {}, writes: {}, txnSeq: 0, tasks: {} }, false);
  const groupsLeft = () => waiting.groups().filter((group) => groupMembers(group, '').length > 0);
  const isAskedFor = () => {
    const database = new Database(join(waiting.pond, 'control/control.db'), { readonly: true });
    try {
      return database.prepare('SELECT * FROM cancellations').all().length > 0;
    } finally {
      database.close();
    }
  };

  it('ends with its processes, and the commit that had set it off says so', async () => {
    const runner = await waiting.startUntilRunning('/in/a', 1);
    const cancelled = await run(waiting.executable, waiting.pond, ['control', 'cancel', '3.1', '--json']);
    expect([cancelled.code, JSON.parse(cancelled.stdout)]).toMatchObject([
      0,
      { txn_seq: 3, tasks: [{ task: '3.1', state: 'cancelled', attempts: 1 }] },
    ]);
    const ended = await runner.ended;
    expect([ended.code, JSON.parse(ended.stdout).tasks]).toMatchObject([3, [{ state: 'cancelled' }]]);
    expect(ended.stderr).toContain('cancelled by ');
    expect([groupsLeft(), journalOf(join(waiting.pond, '..')), await faults()]).toEqual([[], [], []]);
  });

  it('ends although the one that cancels is killed as soon as it has said so', async () => {
    const runner = await waiting.startUntilRunning('/in/a', 1);
    // Suspended, it cannot be faster than the kill.
    runner.child.kill('SIGSTOP');
    const canceller = waiting.start(['control', 'cancel', '3.1']);
    await eventually('the request is in the table', isAskedFor, LONG);
    canceller.child.kill('SIGKILL');
    await canceller.ended;
    runner.child.kill('SIGCONT');
    expect((await runner.ended).code).toBe(3);
    expect(await waiting.tasks(3)).toMatchObject([{ state: 'cancelled', attempts: 1 }]);
    expect([groupsLeft(), await faults()]).toEqual([[], []]);
  });

  it('is not begun again after the one that was asked to end it has died', async () => {
    const runner = await waiting.startUntilRunning('/in/a', 1);
    runner.child.kill('SIGSTOP');
    const canceller = waiting.start(['control', 'cancel', '3.1']);
    await eventually('the request is in the table', isAskedFor, LONG);
    canceller.child.kill('SIGKILL');
    runner.child.kill('SIGKILL');
    await Promise.all([canceller.ended, runner.ended]);
    await waiting.letGo();
    const recovered = await run(waiting.executable, waiting.pond, ['recover']);
    expect([recovered.code, await waiting.tasks(3)]).toMatchObject([
      3,
      [{ state: 'cancelled', attempts: 1 }],
    ]);
    expect([groupsLeft(), await faults()]).toEqual([[], []]);
    const retried = await run(waiting.executable, waiting.pond, ['control', 'retry', '3.1']);
    expect([retried.code, await waiting.tasks(3)]).toMatchObject([0, [{ state: 'completed', attempts: 2 }]]);
  });

  it('whose process has died is cancelled at once, and what that has left running is ended', async () => {
    const runner = await waiting.startUntilRunning('/in/a', 1);
    runner.child.kill('SIGKILL');
    await runner.ended;
    const cancelled = await run(waiting.executable, waiting.pond, ['control', 'cancel', '3']);
    expect([cancelled.code, await waiting.tasks(3)]).toMatchObject([
      0,
      [{ state: 'cancelled', attempts: 1 }],
    ]);
    expect(groupsLeft()).toEqual([]);
    await run(waiting.executable, waiting.pond, ['recover']);
    expect(await faults()).toEqual([]);
  });
});
