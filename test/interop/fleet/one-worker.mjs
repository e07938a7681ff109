// A chain that one worker runs by itself: the next task begins in the transaction in which the one before has ended.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { environmentIn } from './environment.mjs';

const pond = new URL('../../../dist/pond.cjs', import.meta.url).pathname;

const LINKS = 40;

const nameOf = (place) => `t${String(place).padStart(3, '0')}`;

/** Runs it on the given server. */
export const tryOneWorker = async (checks, url) => {
  const scratch = mkdtempSync(join(tmpdir(), 'pond-one-worker-'));
  const { env, control } = environmentIn(scratch, url);
  const must = (...args) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [pond, ...args], {
      env,
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`pond ${args.join(' ')}: ${status}\n${stdout}${stderr}`);
    return stdout;
  };
  const client = new pg.Client(url);
  let worker = null;
  await client.connect();
  try {
    must('init', '--control', control);
    const entries = join(scratch, 'entries');
    mkdirSync(entries);
    writeFileSync(join(entries, 'config.yaml'), 'schedule: graph\n');
    for (let place = 1; place <= LINKS; place += 1) {
      const after = place === 1 ? '' : `depends_on: [${nameOf(place - 1)}]\n`;
      writeFileSync(
        join(entries, `${nameOf(place)}.yaml`),
        `factory: test-executor\n${after}config: { message: linked }\n`,
      );
    }
    const names = ['config', ...Array.from({ length: LINKS }, (_, place) => nameOf(place + 1))];
    must('copy', ...names.map((name) => `host://${entries}/${name}.yaml`), '/etc/system.d/');
    writeFileSync(join(scratch, 'row'), 'x\n');
    const { rows } = await client.query(
      `SELECT nspname FROM pg_namespace WHERE nspname LIKE 'pond\\_%' ORDER BY oid DESC LIMIT 1`,
    );
    const schema = rows[0].nspname;
    const count = async (query) => Number((await client.query(query)).rows[0].n);
    const until = async (query, wanted) => {
      const end = Date.now() + 120_000;
      while ((await count(query)) !== wanted) {
        if (Date.now() > end) throw new Error(`waited two minutes for ${wanted}: ${query}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    };
    worker = spawn(process.execPath, [pond, 'worker'], { env, stdio: 'ignore' });
    // Tasks are left to whoever runs some in the background.
    await until(`SELECT count(*) AS n FROM ${schema}.runners WHERE queues IS NOT NULL`, 1);
    must('copy', '--no-wait', `host://${scratch}/row`, '/in');
    await until(`SELECT count(*) AS n FROM ${schema}.task_states WHERE state = 'completed'`, LINKS);
    const { rows: starts } = await client.query(
      `SELECT execution_seq::int AS link, trace_parent, token IS NOT NULL AND runner_id IS NOT NULL AS is_signed, (
         SELECT begun.trace_parent FROM ${schema}.control_table AS begun
         WHERE begun.txn_id = started.txn_id AND begun.record_type = 'begin') AS commit_trace, EXISTS (
         SELECT 1 FROM ${schema}.control_table AS ended
         WHERE ended.record_type = 'post_commit_completed' AND ended.xmin = started.xmin) AS with_an_end
       FROM ${schema}.control_table AS started WHERE record_type = 'post_commit_started' ORDER BY record_id`,
    );
    checks.check(
      'a worker runs a chain in its order',
      starts.map(({ link }) => link).join(),
      Array.from({ length: LINKS }, (_, place) => place + 1).join(),
    );
    checks.check(
      'each task but the first begins in the transaction in which the one before has ended',
      starts.filter(({ with_an_end }) => !with_an_end).length,
      1,
    );
    const [traces, spans] = [1, 2].map((part) => starts.map((one) => one.trace_parent.split('-')[part]));
    checks.check(
      'attempts that begin so are signed, in the trace of their commit, each with a span of its own',
      [starts.every((one) => one.is_signed), new Set(traces).size, new Set(spans).size, traces[0]].join(),
      [true, 1, LINKS, starts[0].commit_trace.split('-')[1]].join(),
    );
    const { rows: tasks } = await client.query(
      `SELECT parent_txn_seq || '.' || execution_seq AS task FROM ${schema}.task_states LIMIT 1`,
    );
    const elsewhere = { ...env, POND_CACHE: join(scratch, 'cache-of-another-machine') };
    const logs = spawnSync(process.execPath, [pond, 'logs', tasks[0].task], {
      env: elsewhere,
      encoding: 'utf8',
    });
    checks.check('what a task said is shown on every machine', logs.stdout.includes('linked'), true);
  } finally {
    worker?.kill('SIGKILL');
    await client.end();
    rmSync(scratch, { recursive: true, force: true });
  }
};
