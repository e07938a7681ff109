// Workers in processes of their own, killed at any statement of taking over, running and ending what a process that was killed has begun.

import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { removeFolder } from '../crash/machinery/built-ponds.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { type AtStep, type Machines, startMachines } from './on-machines.js';

const SERVER = process.env.POND_TEST_POSTGRES;

/** A kill for every so many steps; the soak takes all. */
const EVERY = Number(process.env.POND_TEST_EVERY ?? 4);

describe.skipIf(SERVER === undefined)('workers of one pond', () => {
  let machines: Machines;
  let folder = '';
  let client: pg.Client;
  let count = 0;

  beforeAll(async () => {
    folder = temporaryFolder('workers');
    machines = await startMachines(folder, String(SERVER));
    for (const args of [
      ['init'],
      ['mknod', 'test-executor', '/etc/system.d/20-note', '--config', 'message: noted'],
    ])
      expect(await machines.run(args)).toMatchObject({ code: 0 });
    client = new pg.Client(SERVER);
    await client.connect();
    const { rows } = await client.query<{ readonly name: string }>(
      `SELECT nspname AS name FROM pg_namespace WHERE nspname LIKE 'pond\\_%' ORDER BY oid DESC LIMIT 1`,
    );
    await client.query(`SET search_path = ${rows[0]?.name}`);
  });
  afterAll(async () => {
    await client.end();
    await machines.stop();
    await removeFolder(folder);
  });

  const DRAIN = ['worker', '--drain', '--concurrency', '1'];

  /** Records of a commit's task, oldest first, the claims that are left of it, and the records that the commit has besides. */
  const stateOf = async (txnSeq: number) => {
    const { rows } = await client.query<{ readonly record_type: string }>(
      `SELECT record_type FROM control_table WHERE txn_seq = $1 AND record_type <> 'begin' ORDER BY record_id`,
      [txnSeq],
    );
    const claims = await client.query('SELECT 1 FROM claims WHERE parent_txn_seq = $1', [txnSeq]);
    return { records: rows.map(({ record_type }) => record_type), claims: claims.rows.length };
  };

  /** A commit whose task its own process has begun, and was killed then; returns the commit. */
  const begunByDead = async (): Promise<number> => {
    count += 1;
    let isBegun = false;
    machines.onStep((step) => {
      isBegun ||= step.includes('that starts');
      return isBegun && step.includes('commits') ? 'die-after' : 'go-on';
    });
    const { code } = await machines.start(['mkdir', `/d${count}`]).ended;
    machines.onStep(null);
    expect({ code, isBegun }).toEqual({ code: null, isBegun: true });
    const { rows } = await client.query<{ readonly seq: number }>(
      'SELECT max(txn_seq)::int AS seq FROM control_table WHERE record_type = $1',
      ['data_committed'],
    );
    const txnSeq = rows[0]?.seq ?? 0;
    // The server may still be at the commit when the process has gone.
    const last = async () => (await stateOf(txnSeq)).records.at(-1);
    await expect.poll(last, { timeout: 10_000 }).toBe('post_commit_started');
    return txnSeq;
  };

  /** A worker that takes it over, which something becomes of at each of its steps. */
  const takenOver = async (decide: (step: number) => AtStep): Promise<{ readonly steps: number }> => {
    let steps = 0;
    machines.onStep(() => decide(steps++));
    await machines.start(DRAIN).ended;
    machines.onStep(null);
    return { steps };
  };

  it('one that is killed at any statement leaves what another had begun to the next one, which ends it once', {
    timeout: 600_000,
  }, async () => {
    const complete = await begunByDead();
    const { steps } = await takenOver(() => 'go-on');
    expect(steps).toBeGreaterThan(10);
    expect(await stateOf(complete)).toMatchObject({ claims: 0 });
    const faults: string[] = [];
    for (let point = 0; point < steps; point += EVERY) {
      const txnSeq = await begunByDead();
      const at = (point / EVERY) % 2 === 0 ? 'die-before' : 'die-after';
      await takenOver((step) => (step === point ? at : 'go-on'));
      const { code, stderr } = await machines.run(DRAIN);
      const { records, claims } = await stateOf(txnSeq);
      const last = records.slice(-2).join();
      const count = (type: string) => records.filter((one) => one === `post_commit_${type}`).length;
      if (code !== 0) faults.push(`${at} ${point}: ${code} ${stderr}`);
      if (count('started') !== count('failed') + count('completed'))
        faults.push(`${at} ${point}: an attempt was not closed: ${records.join()}`);
      if (count('completed') !== 1 || claims !== 0 || last !== 'post_commit_completed,completed')
        faults.push(`${at} ${point}: ${records.join()}, ${claims} claims`);
    }
    expect(faults).toEqual([]);
    const { code, stdout } = await machines.run(['fsck']);
    expect(code, stdout).toBe(0);
  });
});
