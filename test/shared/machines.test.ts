// Real processes on a real PostgreSQL (`npm run test:interop -- --only fleet`), killed and suspended in the middle of their commits.

import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { removeFolder } from '../crash/machinery/built-ponds.js';
import { startPostgres } from '../support/postgres.mjs';
import { temporaryFolder } from '../support/temporary-folder.js';
import { landedIn, type Machines, startMachines, writesOf } from './on-machines.js';

const SERVER = process.env.POND_TEST_POSTGRES;
const LONG = 600_000;

/** A kill for every so many steps; the soak takes all. */
const EVERY = Number(process.env.POND_TEST_EVERY ?? 4);

describe.skipIf(SERVER === undefined)('machines that write to one pond', () => {
  let machines: Machines;
  let folder = '';
  let count = 0;

  beforeAll(async () => {
    folder = temporaryFolder('machines');
    machines = await startMachines(folder, String(SERVER));
    expect(await machines.run(['init'])).toMatchObject({ code: 0 });
    writeFileSync(`${folder}/large.bin`, Buffer.alloc(70_000, 'x'));
    const made = await machines.run([
      'mknod',
      'test-executor',
      '/etc/system.d/20-note',
      '--config',
      'message: noted',
    ]);
    expect(made).toMatchObject({ code: 0 });
  });
  afterAll(async () => {
    await machines.stop();
    await removeFolder(folder);
  });

  /** A commit of a blob with a task, under a name of its own. */
  const copy = () => {
    count += 1;
    return {
      path: `/f${count}.bin`,
      ...machines.start(['copy', `host://${folder}/large.bin`, `/f${count}.bin`]),
    };
  };

  /** What must hold whatever was killed: no gap, each transaction once, and what is recorded is what is there. */
  const faultsAfter = async (path: string, before: number): Promise<readonly string[]> => {
    const recovered = await machines.run(['recover']);
    const writes = await writesOf(machines);
    const landed = landedIn(machines);
    const listed = await machines.run(['list', path, '--json']);
    const isThere = listed.code === 0 && JSON.parse(listed.stdout).length === 1;
    const committed = writes.filter(({ status }) => status === 'committed').map(({ txn_id }) => txn_id);
    return [
      ...(recovered.code === 0 ? [] : [`recover: ${recovered.code} ${recovered.stderr}`]),
      ...(writes.some(({ status }) => status === 'incomplete') ? ['a transaction has not ended'] : []),
      ...(new Set(landed).size === landed.length ? [] : ['a transaction has landed twice']),
      ...(committed.join() === landed.join()
        ? []
        : [`recorded ${committed.length}, landed ${landed.length}`]),
      ...(isThere === committed.length > before ? [] : [`${path} is there: ${isThere}`]),
    ];
  };

  it('a writer that is killed at any request or statement leaves a pond that recovery puts in order', {
    timeout: LONG,
  }, async () => {
    const steps: string[] = [];
    machines.onStep((step) => {
      steps.push(step);
      return 'go-on';
    });
    expect(await copy().ended).toMatchObject({ code: 0 });
    machines.onStep(null);
    expect(steps.filter((step) => step.startsWith('put')).length).toBe(3);
    const commitPoint = steps.findIndex((step) => step.includes('_delta_log/') && step.startsWith('put'));
    const points = steps.flatMap((_, index) =>
      index % EVERY === 0 || Math.abs(index - commitPoint) <= 1
        ? [
            { index, at: 'die-before' as const },
            { index, at: 'die-after' as const },
          ]
        : [],
    );
    const faults: string[] = [];
    for (const { index, at } of points) {
      let step = 0;
      machines.onStep(() => (step++ === index ? at : 'go-on'));
      const before = landedIn(machines).length;
      const { ended, path } = copy();
      const { code } = await ended;
      machines.onStep(null);
      for (const fault of await faultsAfter(path, before))
        faults.push(`${at} ${index}, ${steps[index]}: ${fault}`);
      if (code === 0 && !(await machines.run(['list', path])).stdout.includes(path))
        faults.push(`${path} was acknowledged`);
    }
    expect(faults).toEqual([]);
    expect(points.length).toBeGreaterThan(10);
    expect(await machines.run(['recover'])).toMatchObject({ code: 0 });
    const { code, stdout } = await machines.run(['fsck']);
    expect(code, stdout).toBe(0);
  });

  it('a writer that is suspended between what it has written down and its put does not land when it wakes up, whoever has committed meanwhile', {
    timeout: LONG,
  }, async () => {
    for (const how of ['lease', 'session'] as const) {
      let suspended: () => void = () => undefined;
      const isSuspended = new Promise<void>((resolve) => (suspended = resolve));
      const before = landedIn(machines).length;
      const writer = copy();
      let once = false;
      machines.onRequest(({ call, key }) => {
        if (once || call !== 'put' || !key.includes('/part-')) return null;
        once = true;
        writer.child.kill('SIGSTOP');
        suspended();
        return null;
      });
      await isSuspended;
      machines.onRequest(null);
      const id = (await writesOf(machines)).at(-1)?.txn_id ?? '';
      // The lease ends by itself; the other way to lose the lock is that the session ends.
      if (how === 'session') await endWriters();
      const second = await machines.run(['--lock-timeout', '60s', 'mkdir', `/${how}`]);
      expect(second).toMatchObject({ code: 0 });
      expect((await writesOf(machines)).find(({ txn_id }) => txn_id === id)).toMatchObject({
        status: 'failed',
      });
      writer.child.kill('SIGCONT');
      const { code } = await writer.ended;
      expect(landedIn(machines)).not.toContain(id);
      // Made again, as a transaction of its own, or refused.
      expect(landedIn(machines).length).toBe(before + 1 + (code === 0 ? 1 : 0));
      expect(await faultsAfter(writer.path, before + 1)).toEqual([]);
    }
  });

  it('a write that would leave its tasks to others, and finds nobody, says who would run them, as it is to be typed', async () => {
    const { ended } = machines.start(['--region', 'here', '--no-wait', 'mkdir', '/left']);
    const { code, stderr } = await ended;
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringContaining('"remedy":"pond --region here worker, or pond --region here serve"'),
    });
  });

  const endWriters = async () => {
    const { default: pg } = await import('pg');
    const client = new pg.Client(SERVER);
    await client.connect();
    await client.query(
      `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND pid <> pg_backend_pid()`,
    );
    await client.end();
  };
});

describe.skipIf(SERVER === undefined)('a database that is restarted', () => {
  it('loses nothing that was acknowledged, and writers go on or say why not', { timeout: LONG }, async () => {
    const postgres = await startPostgres();
    if (postgres === null) throw new Error('no PostgreSQL');
    const folder = temporaryFolder('restarted');
    const machines = await startMachines(folder, postgres.url('postgres'));
    try {
      expect(await machines.run(['init'])).toMatchObject({ code: 0 });
      const acknowledged: string[] = [];
      for (let round = 0; round < 3; round += 1) {
        let restarting: Promise<void> | null = null;
        machines.onRequest(({ call, key }) => {
          // Once before the commit point, once after it, once while the lock is waited for.
          if (call === 'put' && key.includes(round === 1 ? '/part-' : '_delta_log/'))
            restarting ??= postgres.restart();
          return null;
        });
        for (let write = 0; write < 4; write += 1) {
          const path = `/r${round}-${write}`;
          const { code, stderr } = await machines.run(['mkdir', path]);
          if (code === 0) acknowledged.push(path);
          else expect(stderr).toMatch(/control|postgres|lock|recover/);
        }
        await restarting;
        // However long it took, and whatever was refused meanwhile.
        machines.onRequest(null);
        const path = `/r${round}-after`;
        expect(await machines.run(['mkdir', path])).toMatchObject({ code: 0 });
        acknowledged.push(path);
      }
      expect(await machines.run(['recover'])).toMatchObject({ code: 0 });
      const { stdout } = await machines.run(['list', '/r*']);
      expect(stdout.trim().split('\n')).toEqual(expect.arrayContaining(acknowledged));
      expect((await writesOf(machines)).filter(({ status }) => status === 'incomplete')).toEqual([]);
    } finally {
      await machines.stop();
      await postgres.stop();
      await removeFolder(folder);
    }
  });
});
