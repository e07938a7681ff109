// A pond that three workers and two committers share, on a PostgreSQL: some are killed, one is suspended for longer than its lease.
// The records say whether every task ended once, and whether two of one path ever ran side by side.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { environmentIn } from './fleet/environment.mjs';
import { faultsOf } from './fleet/side-by-side.mjs';

const pond = new URL('../../dist/pond.cjs', import.meta.url).pathname;

const COMMITS = 6;
/** Longer than a lease. */
const SUSPENDED = 17_000;

/** What every commit sets off, in three shapes: a chain, a fan, and an entry that nothing waits for. */
const ENTRIES = {
  'chain-1': [],
  'chain-2': ['chain-1'],
  'chain-3': ['chain-2'],
  'fan-0': [],
  ...Object.fromEntries([1, 2, 3, 4].map((place) => [`fan-${place}`, ['fan-0']])),
  'fan-end': ['fan-1', 'fan-2', 'fan-3', 'fan-4'],
  alone: [],
};

const entryText = (log, after) =>
  [
    'factory: command',
    ...(after.length === 0 ? [] : [`depends_on: [${after.join(', ')}]`]),
    'config:',
    `  run: [/bin/sh, -c, 'echo "$POND_TASK $POND_CONFIG_PATH" >> ${log}; sleep 0.05']`,
    '',
  ].join('\n');

const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** A process of the product, and what becomes of it. */
const started = (args, env) => {
  const child = spawn(process.execPath, [pond, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  let out = '';
  child.stderr.on('data', (chunk) => {
    said += chunk;
  });
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  const ended = new Promise((resolve) =>
    child.on('exit', (code, signal) => resolve({ code, signal, out, said })),
  );
  return { child, ended, says: () => said };
};

const until = async (condition, what, seconds = 120) => {
  const end = Date.now() + seconds * 1000;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`waited ${seconds} s for ${what}`);
    await wait(50);
  }
};

/** Runs it all on the given server. */
export const tryWorkers = async (checks, url) => {
  const scratch = mkdtempSync(join(tmpdir(), 'pond-workers-'));
  const { env, control } = environmentIn(scratch, url);
  const children = [];
  const run = (...args) => {
    const process = started(args, env);
    children.push(process);
    return process;
  };
  const must = async (...args) => {
    const { code, out, said } = await run(...args).ended;
    if (code !== 0) throw new Error(`pond ${args.join(' ')}: ${code}\n${out}${said}`);
    return out;
  };
  const client = new pg.Client(url);
  await client.connect();
  try {
    await must('init', '--control', control);
    const entries = join(scratch, 'entries');
    mkdirSync(entries);
    writeFileSync(join(entries, 'config.yaml'), 'schedule: graph\nmax_concurrency: 16\n');
    for (const [name, after] of Object.entries(ENTRIES))
      writeFileSync(join(entries, `${name}.yaml`), entryText(join(scratch, 'log'), after));
    await must(
      'copy',
      ...['config', ...Object.keys(ENTRIES)].map((name) => `host://${entries}/${name}.yaml`),
      '/etc/system.d/',
    );
    writeFileSync(join(scratch, 'row'), 'x\n');
    const { rows } = await client.query(
      `SELECT nspname FROM pg_namespace WHERE nspname LIKE 'pond\\_%' ORDER BY oid DESC LIMIT 1`,
    );
    await client.query(`SET search_path = ${rows[0].nspname}`);
    const count = async (query) => Number((await client.query(query)).rows[0].n);

    const worker = () => run('worker', '--concurrency', '3');
    const workers = [worker(), worker(), worker()];
    await until(
      async () =>
        (await count('SELECT count(*) AS n FROM runners WHERE background = 1 AND queues IS NOT NULL')) === 3,
      'three workers',
    );
    const commitAll = async (name) => {
      for (let turn = 0; turn < COMMITS; turn += 1) {
        await must(
          'copy',
          '--lock-timeout',
          '120s',
          '--no-wait',
          `host://${scratch}/row`,
          `/in/${name}-${turn}.txt`,
        );
      }
    };
    const committing = Promise.all(['one', 'two'].map(commitAll));
    const done = () => count(`SELECT count(*) AS n FROM task_states WHERE state = 'completed'`);
    /** Those that have ended tasks. */
    const used = async () => {
      const { rows: runners } = await client.query(
        `SELECT pid FROM runners WHERE EXISTS (SELECT 1 FROM control_table AS ended
         WHERE ended.runner_id = runners.runner_id AND ended.record_type = 'post_commit_completed')`,
      );
      return workers.filter(({ child }) => runners.some(({ pid }) => Number(pid) === child.pid));
    };
    await until(async () => (await used()).length >= 2, 'two workers that have ended tasks');
    const [killed, suspended] = await used();
    killed.child.kill('SIGKILL');
    const before = await done();
    await until(async () => (await done()) >= before + 5, 'more tasks');
    suspended.child.kill('SIGSTOP');
    await wait(SUSPENDED);
    worker();
    suspended.child.kill('SIGCONT');
    await committing;
    const tasks = 2 * COMMITS * Object.keys(ENTRIES).length;
    await until(
      async () =>
        (await count(`SELECT count(*) AS n FROM task_states WHERE state IN ('pending', 'started')`)) === 0,
      'the end of all tasks',
    );
    const ends = await suspended.ended;
    checks.check('a worker that was suspended for longer than its lease ends itself', ends.code !== 0, true);
    checks.check('every task of every commit has completed', await done(), tasks);
    checks.check(
      'none has completed twice',
      await count(
        `SELECT count(*) AS n FROM (SELECT 1 FROM control_table WHERE record_type = 'post_commit_completed'
         GROUP BY txn_id, execution_seq HAVING count(*) > 1) AS twice`,
      ),
      0,
    );
    checks.check(
      'every commit has its terminal record',
      await count('SELECT count(*) AS n FROM open_transactions WHERE data_committed = 1'),
      0,
    );
    const records = await client.query(
      `SELECT config_path, execution_seq, parent_txn_seq, record_type, token, runner_id FROM control_table
       WHERE transaction_type = 'post_commit' AND record_type <> 'post_commit_pending' ORDER BY record_id`,
    );
    checks.check(
      'every start and every end has its token and its runner',
      records.rows.every(({ token, runner_id }) => token !== null && runner_id !== null),
      true,
    );
    const faults = faultsOf(records.rows);
    checks.check('no two tasks of one path ran side by side, and no token was reused', faults.join('; '), '');
    checks.check(
      'every attempt is in the trace of its commit, whoever made it',
      await count(
        `SELECT count(*) AS n FROM control_table AS attempt JOIN control_table AS begun ON begun.txn_id = attempt.txn_id
         WHERE attempt.record_type = 'post_commit_started' AND begun.record_type = 'begin'
           AND split_part(attempt.trace_parent, '-', 2) <> split_part(begun.trace_parent, '-', 2)`,
      ),
      0,
    );
    const fsck = await run('fsck').ended;
    checks.check('fsck finds nothing, and every plan comes out as it was recorded', fsck.code, 0);
    const ran = readFileSync(join(scratch, 'log'), 'utf8').trim().split('\n');
    checks.check('every task had its effect', new Set(ran).size, tasks);
    const runners = new Set(records.rows.map(({ runner_id }) => runner_id)).size;
    checks.check('tasks were shared: at least three runners have recorded some', runners >= 3, true);
  } finally {
    for (const { child } of children) if (child.exitCode === null) child.kill('SIGKILL');
    await client.end();
    rmSync(scratch, { recursive: true, force: true });
  }
};
