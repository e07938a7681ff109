// A worker begins with its claim what is set up as a commit that it has looked at, and looks at it all the same before it runs anything.

import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { removeFolder } from '../crash/machinery/built-ponds.js';
import { builtExecutable, plainEnvironment } from '../support/pond-cli.js';
import { callPond } from '../support/pond-in-process.js';
import { temporaryFolder } from '../support/temporary-folder.js';

/** Milliseconds after which an idle worker has looked at what is new. */
const AHEAD = 5_000;

const SERVER = process.env.POND_TEST_POSTGRES;

describe.skipIf(SERVER === undefined)('a worker, and commits that are set up alike', () => {
  let folder = '';
  let client: pg.Client;

  const environmentOf = (who: string) => {
    const { hostname, port, username, password, pathname } = new URL(String(SERVER));
    return {
      POND: `file://${folder}/store`,
      POND_STATE_DIR: `${folder}/${who}-state`,
      POND_CACHE: `${folder}/${who}-copies`,
      POND_CONTROL: `postgres://${hostname}:${port}${pathname}`,
      PGUSER: username,
      PGPASSWORD: password,
    };
  };

  const pond = async (who: string, ...args: readonly string[]) => {
    const { code, stderr } = await callPond(args, { env: environmentOf(who) });
    expect(code, `${args.join(' ')}: ${stderr}`).toBe(0);
  };

  const configure = (who: string, word: string) =>
    pond(who, 'mknod', '--overwrite', 'command', '/etc/system.d/20-say', '--config', `run: [echo, ${word}]`);

  const commit = (name: string) => pond('first', '--no-wait', 'mkdir', name);

  /** A worker of a user who approves what is there now, and no more. */
  const startWorker = async () => {
    await pond('worker', 'trust', '--yes');
    const child = spawn(process.execPath, [builtExecutable(), 'worker', '--concurrency', '1'], {
      env: { ...plainEnvironment(), ...environmentOf('worker') },
      stdio: 'ignore',
    });
    const there = 'SELECT 1 FROM runners WHERE queues IS NOT NULL';
    await expect
      .poll(async () => (await client.query(there)).rows.length, { timeout: 30_000 })
      .toBeGreaterThan(0);
    return {
      end: () => {
        child.kill('SIGTERM');
        return new Promise((resolve) => child.once('close', resolve));
      },
    };
  };

  /** What became of the task of the newest commit: kinds of its records, and what they say. */
  const newest = async () => {
    const { rows } = await client.query<{
      readonly record_type: string;
      readonly error_message: string | null;
      readonly trace_parent: string | null;
    }>(
      `SELECT record_type, error_message, trace_parent FROM control_table
       WHERE execution_seq IS NOT NULL AND txn_seq = (SELECT max(txn_seq) FROM control_table WHERE record_type = 'data_committed')
       ORDER BY record_id`,
    );
    return {
      kinds: rows.map(({ record_type }) => record_type.replace('post_commit_', '')),
      errors: rows.flatMap(({ error_message }) => error_message ?? []),
      traces: rows.flatMap(({ trace_parent }) => trace_parent?.slice(0, 36) ?? []),
      spans: rows.flatMap(({ trace_parent }) => trace_parent?.slice(36) ?? []),
    };
  };
  /** The task of the newest commit is left to others. */
  const isLeft = () =>
    expect
      .poll(
        async () => {
          const { rows } = await client.query(
            `SELECT reason FROM refusals WHERE parent_txn_seq = (SELECT max(txn_seq) FROM control_table WHERE record_type = 'data_committed')`,
          );
          return rows.length;
        },
        { timeout: 30_000 },
      )
      .toBe(1);
  const becomes = (...kinds: readonly string[]) =>
    expect.poll(async () => (await newest()).kinds, { timeout: 30_000 }).toEqual(kinds);

  /** What was left is run by who has approved it; each commit that has tasks had one, and it has ended once. */
  const runTheRest = async () => {
    await pond('first', 'worker', '--drain');
    const { rows } = await client.query(
      `SELECT count(*) FILTER (WHERE record_type = 'post_commit_completed') = count(DISTINCT txn_seq) AS once
       FROM control_table WHERE execution_seq IS NOT NULL`,
    );
    expect(rows).toEqual([{ once: true }]);
    await pond('first', 'fsck');
  };

  beforeAll(async () => {
    folder = temporaryFolder('set-up-alike');
    await pond('first', 'init');
    await configure('first', 'hello');
    client = new pg.Client(SERVER);
    await client.connect();
    const { pond_id } = JSON.parse(readFileSync(`${folder}/store/_pond.json`, 'utf8'));
    await client.query(`SET search_path = pond_${pond_id.replaceAll('-', '')}`);
  });
  afterAll(async () => {
    await client.end();
    await removeFolder(folder);
  });

  it('runs what it has begun so, each in the trace of its commit; what it would refuse does not begin', {
    timeout: 120_000,
  }, async () => {
    const worker = await startWorker();
    try {
      for (const name of ['/a', '/b', '/c']) {
        await commit(name);
        await becomes('pending', 'started', 'completed');
        const { traces, spans } = await newest();
        expect(new Set(traces).size).toBe(1);
        expect(new Set(spans).size).toBe(2);
      }
      // The same plan, and a configuration that only its own user has approved.
      await configure('first', 'goodbye');
      await commit('/d');
      await isLeft();
      expect((await newest()).kinds).toEqual(['pending']);
    } finally {
      await worker.end();
    }
    await runTheRest();
  });

  it('begins with its claim the first task of a configuration, which it has looked at before anything was ready', {
    timeout: 120_000,
  }, async () => {
    await client.query(`
      CREATE TABLE claims_seen (parent_txn_seq BIGINT, running INT);
      CREATE FUNCTION see_claim() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN INSERT INTO claims_seen VALUES (NEW.parent_txn_seq, NEW.running); RETURN NULL; END $$;
      CREATE TRIGGER claims_are_seen AFTER INSERT ON claims FOR EACH ROW EXECUTE FUNCTION see_claim()`);
    /** How the first claim of the newest commit was made, a while after everything else. */
    const firstClaim = async (name: string) => {
      await new Promise((resolve) => setTimeout(resolve, AHEAD));
      await commit(name);
      await becomes('pending', 'started', 'completed');
      const { rows } = await client.query<{ readonly running: number }>(
        'SELECT running FROM claims_seen ORDER BY parent_txn_seq DESC LIMIT 1',
      );
      return rows[0]?.running;
    };
    await configure('first', 'ahead');
    const worker = await startWorker();
    try {
      expect(await firstClaim('/ahead')).toBe(1);
      await configure('first', 'again');
      await pond('worker', 'trust', '--yes');
      expect(await firstClaim('/again')).toBe(1);
    } finally {
      await worker.end();
    }
    await runTheRest();
  });

  it('has run nothing where its user approves meanwhile no longer what it has begun so, and begins nothing more', {
    timeout: 120_000,
  }, async () => {
    const worker = await startWorker();
    try {
      await commit('/f');
      await becomes('pending', 'started', 'completed');
      rmSync(`${folder}/worker-state`, { recursive: true });
      await commit('/g');
      await becomes('pending', 'started', 'failed', 'pending');
      expect((await newest()).errors).toEqual([expect.stringContaining('not approved')]);
      // Once its time has come again it is looked at first, and left to others.
      await isLeft();
      await commit('/h');
      await isLeft();
      expect((await newest()).kinds).toEqual(['pending']);
    } finally {
      await worker.end();
    }
    await runTheRest();
  });

  it('counts no attempt among those of a retry policy that it has begun and refused', {
    timeout: 120_000,
  }, async () => {
    await pond(
      'first',
      '--no-wait',
      ...['mknod', '--overwrite', 'command', '/etc/system.d/20-say', '--config'],
      'factory: command\nretry: { max_attempts: 2, initial_interval: 10ms }\nconfig:\n  run: ["false"]',
    );
    const worker = await startWorker();
    const twice = ['started', 'failed', 'pending', 'started', 'failed'];
    try {
      await commit('/i');
      await becomes('pending', ...twice);
      rmSync(`${folder}/worker-state`, { recursive: true });
      await commit('/j');
      await becomes('pending', 'started', 'failed', 'pending');
      await isLeft();
    } finally {
      await worker.end();
    }
    await callPond(['worker', '--drain'], { env: environmentOf('first') });
    expect((await newest()).kinds).toEqual(['pending', 'started', 'failed', 'pending', ...twice]);
    await pond('first', 'fsck');
  });

  it('runs nothing of another machine that a wrong row has made it begin', { timeout: 120_000 }, async () => {
    await configure('first', 'hello');
    const worker = await startWorker();
    try {
      await commit('/k');
      await becomes('pending', 'started', 'completed');
      const { rows } = await client.query(
        'SELECT setup FROM task_states ORDER BY parent_txn_seq DESC LIMIT 1',
      );
      await pond(
        'first',
        '--no-wait',
        ...['mknod', '--overwrite', 'command', '/etc/system.d/20-say', '--config'],
        'factory: command\nhost: elsewhere\nconfig:\n  run: [echo, hello]',
      );
      await pond('worker', 'trust', '--yes');
      await commit('/l');
      expect((await newest()).kinds).toEqual(['pending']);
      await client.query(
        `UPDATE task_states SET host = NULL, setup = $1
         WHERE parent_txn_seq = (SELECT max(parent_txn_seq) FROM task_states)`,
        [rows[0].setup],
      );
      await expect
        .poll(async () => (await newest()).errors, { timeout: 30_000 })
        .toEqual(['it runs on the machine "elsewhere" (host: elsewhere)']);
      expect((await newest()).kinds).toEqual(['pending', 'started', 'failed', 'pending']);
    } finally {
      await worker.end();
    }
  });
});
