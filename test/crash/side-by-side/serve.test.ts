import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../support/condition.js';
import { type BuiltPonds, buildPonds, removeFolder, run } from '../machinery/built-ponds.js';
import { crashMatrix } from '../machinery/crash-matrix.js';
import { faultsOfEnd, journalOf } from '../machinery/invariants.js';
import { askJson } from '../scenarios/asking.js';
import { commitScenarios } from '../scenarios/commit-scenarios.js';
import { waitingTasks } from '../scenarios/waiting-tasks.js';
import { workScenario } from '../scenarios/work-scenario.js';

/** Milliseconds; on two cores with nothing else to do a tenth of it is enough. */
const LONG = 600_000;

let folder = '';
let ponds: BuiltPonds;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pond-crash-serve-'));
  ponds = await buildPonds();
}, LONG);
afterAll(() => removeFolder(folder));

describe('work in the background that is killed at any of its steps', () => {
  it('is completed by the next one, which also repairs what is to be repaired', {
    timeout: LONG,
  }, async () => {
    const { withTasks } = await commitScenarios(ponds, folder);
    const { steps, faults } = await crashMatrix(await workScenario(withTasks, folder));
    expect(faults).toEqual([]);
    expect(steps.length).toBeGreaterThan(25);
  });
});

describe('a process that serves a pond', { timeout: LONG }, () => {
  it('takes up what another one was killed at, without recovery by hand, and ends well when it is told to stop', async () => {
    const waiting = await waitingTasks();
    try {
      const faults = () =>
        faultsOfEnd(join(waiting.pond, '..'), { files: {}, writes: {}, txnSeq: 0, tasks: {} }, false);
      const serves = (said: string) => said.includes('serving');
      const first = waiting.start(['serve', '--no-web']);
      await eventually(`it serves: ${first.said()}`, () => serves(first.said()), 60_000);
      const write = ['copy', '-', '/in/a', '--no-wait', '--json'];
      const written = await run(waiting.executable, waiting.pond, write, { input: 'a' });
      expect([written.code, JSON.parse(written.stdout)]).toMatchObject([0, { in_background: true }]);
      await eventually('the task runs', async () => (await waiting.tasks(3))[0]?.state === 'started', 60_000);
      first.child.kill('SIGKILL');
      await first.ended;

      const second = waiting.start(['serve', '--no-web', '--json']);
      await eventually(
        'the next one is at the task',
        async () => (await waiting.tasks(3))[0]?.attempts === 2,
        60_000,
      );
      await waiting.letGo();
      const ended = await run(waiting.executable, waiting.pond, ['wait', '3', '--json']);
      expect([ended.code, JSON.parse(ended.stdout)]).toMatchObject([
        0,
        { has_ended: true, tasks: [{ state: 'completed', attempts: 2 }] },
      ]);
      second.child.kill('SIGTERM');
      const { code, stdout } = await second.ended;
      expect([code, JSON.parse(stdout)]).toMatchObject([0, { done: 1, failed: 0 }]);
      expect(journalOf(join(waiting.pond, '..'))).toEqual(['3.1 2']);
      expect(await askJson(waiting.pond, 'status')).toMatchObject({
        incomplete: { transactions: 0, tasks: 0 },
      });
      expect(await faults()).toEqual([]);
    } finally {
      await waiting.end();
    }
  });

  it('gives a task that runs when it is told to stop its grace, and leaves it pending', async () => {
    const waiting = await waitingTasks();
    try {
      const server = waiting.start(['serve', '--no-web']);
      await eventually('it serves', () => server.said().includes('serving'), 60_000);
      const write = ['copy', '-', '/in/a', '--no-wait'];
      expect((await run(waiting.executable, waiting.pond, write, { input: 'a' })).code).toBe(0);
      await eventually('the task runs', async () => (await waiting.tasks(3))[0]?.state === 'started', 60_000);
      server.child.kill('SIGTERM');
      expect((await server.ended).code).toBe(0);
      expect(await waiting.tasks(3)).toMatchObject([{ state: 'pending', attempts: 1 }]);
      await waiting.letGo();
      expect((await run(waiting.executable, waiting.pond, ['work', '--once'])).code).toBe(0);
      expect(await waiting.tasks(3)).toMatchObject([{ state: 'completed', attempts: 2 }]);
    } finally {
      await waiting.end();
    }
  });
});
