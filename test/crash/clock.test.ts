import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/condition.js';
import { type BuiltPonds, buildPonds, removeFolder, run, start } from './machinery/built-ponds.js';
import { faultsOfEnd, pondIn } from './machinery/invariants.js';
import { askJson, recordsOf } from './scenarios/asking.js';
import { addRetriedTask, addTasks, plainPond, prepare } from './scenarios/base-ponds.js';

const HOUR = 3_600_000;
/** The clock stands an hour ahead, then an hour behind, and jumps from one to the other at each look at it. */
const JUMPING = { POND_TEST_CLOCK: `${HOUR},${-HOUR}`, POND_TEST_CLOCK_LOOKS: '1' };

describe('a clock that jumps by an hour in both directions', () => {
  let folder = '';
  let ponds: BuiltPonds;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pond-crash-clock-'));
    ponds = await buildPonds();
  });
  afterAll(() => removeFolder(folder));

  it('neither ends a task before its time nor keeps one from its retry, and no duration shows it', async () => {
    const place = join(folder, 'tasks');
    const pond = await plainPond(place);
    await addTasks(pond);
    await addRetriedTask(pond);
    const note = `echo "$POND_TASK \${POND_ATTEMPT_ID##*/}" >> "$POND/../journal"`;
    const envelope = { factory: 'command', timeout: '10m', config: { run: [note], shell: true } };
    const add = ['mknod', 'command', '/etc/system.d/60-timed', '--config', JSON.stringify(envelope)];
    await prepare(pond, add);
    for (const commit of [1, 2, 3]) {
      const args = ['copy', '-', `/in/${commit}`, '--json'];
      const { code, stdout, stderr } = await run(ponds.jumping, pond, args, { input: 'x', env: JUMPING });
      expect([code, stderr]).toEqual([3, expect.anything()]);
      const { tasks } = JSON.parse(stdout) as { tasks: { state: string; attempts: number }[] };
      expect(tasks.map(({ state, attempts }) => `${state} ${attempts}`)).toEqual([
        'completed 1',
        'failed 1',
        'completed 1',
        'completed 2',
        'completed 1',
      ]);
    }
    const durations = (await recordsOf(pond)).flatMap(({ durationMs }) => durationMs ?? []);
    expect(durations.filter((duration) => duration < 0 || duration >= HOUR / 2)).toEqual([]);
    expect(durations.length).toBeGreaterThan(15);
    expect(await faultsOfEnd(place, { files: {}, writes: {}, txnSeq: 0, tasks: {} }, false)).toEqual([]);
  });

  it('neither shortens nor lengthens the wait for a lock', async () => {
    const pond = await plainPond(join(folder, 'lock'));
    await prepare(pond, ['mknod', 'test-executor', '/hold', '--config', 'message: held\ndelay_ms: 600000']);
    const holder = start(ponds.pond, pond, ['run', '/hold', '--mode', 'writer']);
    await eventually('the holder has begun', async () => {
      const { transactions } = (await askJson(pond, 'control')) as { transactions: { status: string }[] };
      return transactions.some(({ status }) => status === 'incomplete');
    });
    const next = ['copy', '-', '/next', '--json', '--lock-timeout', '300ms'];
    const refused = await run(ponds.jumping, pond, next, { input: 'next', env: JUMPING });
    holder.child.kill('SIGKILL');
    await holder.ended;
    expect(refused.code).toBe(5);
    const { error } = JSON.parse(refused.stdout);
    expect(error.waited_ms).toBeGreaterThanOrEqual(300);
    expect(error.waited_ms).toBeLessThan(HOUR / 2);
  });

  it('takes no live runner for a dead one, and no dead one for a live one', async () => {
    const place = join(folder, 'runners');
    const pond = await plainPond(place);
    const wait = 'echo begun >> "$POND/../begun"; test -e "$POND/../go" || exec sleep 1000';
    const config = JSON.stringify({ run: [wait], shell: true });
    await prepare(pond, ['mknod', 'command', '/etc/system.d/10-waits', '--config', config]);
    const runner = start(ponds.jumping, pond, ['copy', '-', '/in/a'], { input: 'a', env: JUMPING });
    await eventually('the task runs', async () => {
      const { tasks } = (await askJson(pond, 'control', '--mode', 'incomplete')) as {
        tasks: { state: string }[];
      };
      return tasks.some(({ state }) => state === 'started');
    });
    const recovery = await run(ponds.jumping, pond, ['recover', '--json'], { env: JUMPING });
    expect([recovery.code, JSON.parse(recovery.stdout).tasks]).toEqual([6, []]);
    runner.child.kill('SIGKILL');
    await runner.ended;
    await writeFile(join(pondIn(place), '../go'), '');
    const after = await run(ponds.jumping, pond, ['recover', '--json'], { env: JUMPING });
    expect(after.code).toBe(0);
    expect(JSON.parse(after.stdout).tasks).toMatchObject([{ state: 'completed', attempts: 2 }]);
  });
});
