// A recorded process group makes whoever takes its task over end processes: only this user's own rows do, where they
// were made.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { groupMembers } from '../../../src/adapters/node/processes/group-members.js';
import { run } from '../../crash/machinery/built-ponds.js';
import { type WaitingTasks, waitingTasks } from '../../crash/scenarios/waiting-tasks.js';
import { eventually } from '../../support/condition.js';

const LONG = 60_000;

/** A program of nobody's task, in a group of its own; what it carries would do for a member of the group `forged`. */
const startBystander = async (): Promise<ChildProcess & { readonly pid: number }> => {
  const child = spawn('sleep', ['600'], {
    detached: true,
    stdio: 'ignore',
    env: { ...process.env, POND_ATTEMPT_ID: 'forged' },
  });
  await once(child, 'spawn');
  const { pid } = child;
  if (pid === undefined) throw new Error('it has no pid');
  return Object.assign(child, { pid });
};

/** Changes the one recorded group of a pond. */
const plant = (pond: string, change: string, parameters: Readonly<Record<string, unknown>> = {}): void => {
  const database = new Database(join(pond, 'control/control.db'));
  const { changes } = database.prepare(`UPDATE process_groups SET ${change}`).run(parameters);
  database.close();
  expect(changes).toBe(1);
};

const groupsIn = (pond: string): number => {
  const database = new Database(join(pond, 'control/control.db'), { readonly: true });
  const count = Number(database.prepare('SELECT count(*) FROM process_groups').pluck().get());
  database.close();
  return count;
};

describe('a recorded process group', { timeout: LONG }, () => {
  let waiting: WaitingTasks;
  let bystander: Awaited<ReturnType<typeof startBystander>>;
  beforeEach(async () => {
    waiting = await waitingTasks();
    bystander = await startBystander();
  }, LONG);
  afterEach(async () => {
    bystander.kill('SIGKILL');
    await waiting.end();
  });

  const recover = (...more: readonly string[]) =>
    run(waiting.executable, waiting.pond, ['recover', '--json', ...more]);
  const lives = () => bystander.exitCode === null && bystander.signalCode === null;
  const members = () => {
    const [line] = readFileSync(join(waiting.pond, '../groups'), 'utf8').split('\n');
    return groupMembers(Number(line), '').length;
  };

  it('of a dead runner of this pond is ended before its task runs again', async () => {
    const runner = await waiting.startUntilRunning('/in/a', 1);
    runner.child.kill('SIGKILL');
    await runner.ended;
    expect(members()).toBeGreaterThan(0);
    const recovery = waiting.start(['recover', '--json']);
    await eventually('what was left has ended', () => members() === 0);
    await waiting.letGo();
    expect((await recovery.ended).code).toBe(0);
  });

  it('in the copy of a pond whose task runs harms nothing of the original, and is forgotten there', async () => {
    const runner = await waiting.startUntilRunning('/in/a', 1);
    const place = join(waiting.folder, 'copy');
    cpSync(join(waiting.pond, '..'), place, { recursive: true });
    writeFileSync(join(place, 'go'), '');
    const copy = join(place, 'pond');
    expect(groupsIn(copy)).toBe(1);
    const recovery = await run(waiting.executable, copy, ['recover', '--json']);
    expect([recovery.code, groupsIn(copy), members() > 0]).toEqual([0, 0, true]);
    await waiting.letGo();
    expect((await runner.ended).code).toBe(0);
    expect(await waiting.tasks(3)).toMatchObject([{ state: 'completed', attempts: 1 }]);
  });

  it('of another boot, namespace, machine or directory is forgotten, and nothing is ended', async () => {
    let count = 0;
    for (const field of ['boot', 'pid_namespace', 'machine', 'inode']) {
      count += 1;
      const path = `/in/${field}`;
      await waiting.leaveUnfinished(path, 2 * count - 1);
      plant(
        waiting.pond,
        `pgid = @pgid, marker = 'forged', origin = json_set(origin, '$.${field}', 'other')`,
        {
          pgid: bystander.pid,
        },
      );
      await waiting.letGo();
      const { code } = await recover();
      // The next task waits again.
      rmSync(join(waiting.pond, '../go'));
      expect([field, code, groupsIn(waiting.pond), lives()]).toEqual([field, 0, 0, true]);
    }
  });

  it('whose adoption is killed is adopted by the next one, and there is nothing left for a third', async () => {
    await waiting.leaveUnfinished('/in/a', 1);
    // It does not end by itself, so that the adoption can be killed while it waits.
    const told = join(waiting.folder, 'told');
    const stubborn = spawn('sh', ['-c', 'trap "touch $0" TERM; while :; do sleep 600; done', told], {
      detached: true,
      stdio: 'ignore',
      env: { ...process.env, POND_ATTEMPT_ID: 'forged' },
    });
    const gone = once(stubborn, 'exit');
    plant(waiting.pond, "pgid = @pgid, marker = 'forged', origin = NULL", { pgid: stubborn.pid });
    const adoption = waiting.start(['recover', '--adopt', '--json']);
    await eventually('it was told to end', () => existsSync(told));
    adoption.child.kill('SIGKILL');
    await adoption.ended;
    expect([stubborn.signalCode, groupsIn(waiting.pond)]).toEqual([null, 1]);
    await waiting.letGo();
    const again = await recover('--adopt', '--failed');
    await gone;
    expect([again.code, groupsIn(waiting.pond), stubborn.signalCode]).toEqual([0, 0, 'SIGKILL']);
    expect(await waiting.tasks(3)).toMatchObject([{ state: 'completed' }]);
    const third = await recover('--adopt');
    expect([third.code, JSON.parse(third.stdout).process_groups]).toEqual([0, []]);
  });

  for (const [whose, origin] of [
    ['that somebody has changed', 'origin'],
    ['of version 0.1.0', 'NULL'],
  ]) {
    it(`${whose} ends nothing: the task fails, and recover --adopt shows the processes and ends them`, async () => {
      await waiting.leaveUnfinished('/in/a', 1);
      plant(waiting.pond, `pgid = @pgid, marker = 'forged', origin = ${origin}`, { pgid: bystander.pid });
      const refused = await recover();
      expect([refused.code, lives()]).toEqual([3, true]);
      expect(refused.stdout).toContain('pond recover --adopt');
      expect(await waiting.tasks(3)).toMatchObject([{ state: 'failed', attempts: 1 }]);
      const shown = await recover('--adopt', '--dry-run');
      expect([JSON.parse(shown.stdout).process_groups, lives()]).toMatchObject([
        [{ pgid: bystander.pid, processes: [{ pid: bystander.pid, command: 'sleep 600' }] }],
        true,
      ]);
      await waiting.letGo();
      const adopted = await recover('--adopt', '--failed');
      expect([adopted.code, groupsIn(waiting.pond)]).toEqual([0, 0]);
      await eventually('it has ended', () => !lives());
      expect(adopted.stderr).toContain(`"pid":${bystander.pid}`);
    });

    it(`${whose} whose processes are gone is forgotten, and its task runs`, async () => {
      await waiting.leaveUnfinished('/in/a', 1);
      plant(waiting.pond, `marker = 'other', origin = ${origin}`);
      await waiting.letGo();
      expect([(await recover()).code, groupsIn(waiting.pond)]).toEqual([0, 0]);
    });
  }
});
