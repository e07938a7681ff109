import { spawn } from 'node:child_process';
import { join } from 'node:path';
import pg from 'pg';
import { startPostgres } from '../support/postgres.mjs';
import { commitBare, prepareBare } from './bare-loop.mjs';
import { median, ms, settled, times } from './machinery/measure.mjs';

const CONCURRENCY = 10;
const PROCESSES = [1, 2];
const SINGLES = 30;

/** What is committed: each task with those that it needs. */
const SHAPES = {
  '500 flat tasks': Array.from({ length: 500 }, () => []),
  'a chain of 100': Array.from({ length: 100 }, (_, place) => (place === 0 ? [] : [place])),
  '1 to 300 to 1': [
    [],
    ...Array.from({ length: 300 }, () => [1]),
    Array.from({ length: 300 }, (_, place) => place + 2),
  ],
};

/**
 * Tasks that do nothing, taken one by one by workers, beside a bare loop on the same PostgreSQL: from the record of the first start to that of
 * the last end. And how long after a commit its one task has started, where workers are idle.
 */
export const benchFleet = async ({ pond: executable, Steward }, scratch) => {
  const postgres = await startPostgres();
  if (postgres === null) return [];
  const url = postgres.url('postgres');
  const client = new pg.Client(url);
  await client.connect();
  const rows = [];
  try {
    for (const [shape, tasks] of Object.entries(SHAPES)) {
      for (const processes of PROCESSES) {
        const name = `fleet_${rows.length}`;
        const bare = await bareSeconds(client, url, { name, tasks, processes });
        const ours = await ourSeconds(client, url, { executable, Steward, scratch, name, tasks, processes });
        const [ourRate, bareRate] = [tasks.length / ours, tasks.length / bare];
        rows.push([
          `${shape}, taken one by one by ${processes} ${processes === 1 ? 'worker' : 'workers'}, against a bare SKIP LOCKED loop`,
          times(ourRate / bareRate),
          '>= 0.8 x',
          `${ourRate.toFixed(0)} a second, beside ${bareRate.toFixed(0)}; each process ${CONCURRENCY} side by side`,
        ]);
      }
    }
    const latencies = (await startLatencies(client, url, { executable, Steward, scratch })).toSorted(
      (a, b) => a - b,
    );
    rows.push([
      'from a commit to the start of its task, workers idle, p95',
      ms(latencies[Math.floor(latencies.length * 0.95)]),
      '<= 10 ms',
      `median ${ms(median(latencies))}, of ${latencies.length}`,
    ]);
    const takenOver = await takeOver(client, url, { executable, Steward, scratch });
    rows.push([
      'a worker is killed: its task has started elsewhere',
      ms(takenOver),
      '<= 2,000 ms',
      'a task of ten seconds and another worker, one try',
    ]);
    return rows;
  } finally {
    await client.end();
    await postgres.stop();
  }
};

const started = (args, env = process.env) => {
  const child = spawn(process.execPath, args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const says = new Promise((resolve) => {
    child.stdout.once('data', resolve);
    child.stderr.once('data', resolve);
  });
  child.stdout.resume();
  child.stderr.resume();
  const end = () => {
    child.kill('SIGTERM');
    return ended;
  };
  return { says, end };
};

/** Waits for what takes seconds; where it does not come at all, that is the end of it. */
const until = async (condition) => {
  const end = performance.now() + 120_000;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error('nothing happened for two minutes');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

const numberOf = async (client, query) => Number((await client.query(query)).rows[0].n);

const bareSeconds = async (client, url, { name, tasks, processes }) => {
  await prepareBare(client, name);
  const loop = new URL('bare-loop.mjs', import.meta.url).pathname;
  const running = Array.from({ length: processes }, () => started([loop, url, name, String(CONCURRENCY)]));
  await Promise.all(running.map(({ says }) => says));
  await commitBare(client, name, tasks);
  const left = `SELECT count(*) AS n FROM ${name}.task WHERE state <> 'completed'`;
  await until(async () => (await numberOf(client, left)) === 0);
  for (const { end } of running) await end();
  return numberOf(client, `SELECT extract(epoch FROM max(at) - min(at)) AS n FROM ${name}.record`);
};

/** A pond in a store that lies in a directory, with its control table on the server, and processes that work for it. */
const fleetOf = async (client, url, { executable, Steward, scratch, name, processes }) => {
  const address = new URL(url);
  process.env.PGPASSWORD = decodeURIComponent(address.password);
  address.password = '';
  const store = `file://${join(scratch, name)}`;
  const state = join(scratch, `${name}-state`);
  process.env.POND_STATE_DIR = state;
  const cache = join(scratch, `${name}-cache`);
  await settled(Steward.init(store, { control: address.href, cache }));
  const pond = await settled(Steward.open(store, { tasks: 'background', cache, control: address.href }));
  await client.query(`SET search_path = pond_${pond.pondId.replaceAll('-', '')}`);
  const env = { ...process.env, POND_CACHE: cache, POND_CONTROL: address.href };
  const worker = [executable, 'worker', '--concurrency', String(CONCURRENCY), '--pond', store];
  const workers = Array.from({ length: processes }, () => started(worker, env));
  const there = 'SELECT count(*) AS n FROM runners WHERE queues IS NOT NULL';
  return {
    pond,
    ready: () => until(async () => (await numberOf(client, there)) === processes),
    end: async () => {
      for (const { end } of workers) await end();
      await settled(pond.close());
    },
  };
};

const entryOf = (tasks, place) =>
  [
    'factory: test-executor',
    ...(tasks[place].length === 0
      ? []
      : [`depends_on: [${tasks[place].map((needed) => nameOf(needed - 1)).join(', ')}]`]),
    'config: { message: nothing }',
    '',
  ].join('\n');

const nameOf = (place) => `t${String(place + 1).padStart(5, '0')}`;

const CONFIG = 'schedule: graph\nmax_concurrency: 1000\n';

/** Milliseconds between the death of a worker and the start of its task by another one. */
const takeOver = async (client, url, given) => {
  const fleet = await fleetOf(client, url, { ...given, name: 'takeover', processes: 2 });
  try {
    const text = 'factory: test-executor\nconfig: { message: long, delay_ms: 10000 }\n';
    await settled(fleet.pond.write(({ fs }) => fs.write('/etc/system.d/long', Buffer.from(text))));
    await fleet.ready();
    await settled(fleet.pond.write(({ fs }) => fs.write('/in', Buffer.from('x'))));
    const starts = `SELECT count(*) AS n FROM control_table WHERE record_type = 'post_commit_started'`;
    await until(async () => (await numberOf(client, starts)) === 1);
    const pid = await numberOf(client, 'SELECT pid AS n FROM runners JOIN claims USING (runner_id)');
    process.kill(pid, 'SIGKILL');
    const killed = performance.now();
    await until(async () => (await numberOf(client, starts)) === 2);
    return performance.now() - killed;
  } finally {
    await fleet.end();
  }
};

const configure = (pond, tasks) =>
  settled(
    pond.write(({ fs }) => async () => {
      await settled(fs.write('/etc/system.d/config.yaml', Buffer.from(CONFIG)));
      for (const place of tasks.keys())
        await settled(fs.write(`/etc/system.d/${nameOf(place)}`, Buffer.from(entryOf(tasks, place))));
      return { _tag: 'Right', right: undefined };
    }),
  );

const ourSeconds = async (client, url, given) => {
  const { pond, ready, end } = await fleetOf(client, url, given);
  try {
    await configure(pond, given.tasks);
    await ready();
    await settled(pond.write(({ fs }) => fs.write('/in', Buffer.from('x'))));
    const left = `SELECT count(*) AS n FROM task_states WHERE state <> 'completed'`;
    await until(async () => (await numberOf(client, left)) === 0);
    return await numberOf(
      client,
      `SELECT (max(timestamp) - min(timestamp)) / 1e6 AS n FROM control_table
       WHERE record_type IN ('post_commit_started', 'post_commit_completed')`,
    );
  } finally {
    await end();
  }
};

/** Milliseconds between what a listener hears of a commit and of the start of its task. */
const startLatencies = async (client, url, given) => {
  const fleet = await fleetOf(client, url, { ...given, name: 'latency', processes: 2 });
  const listener = new pg.Client(url);
  await listener.connect();
  const heard = [];
  listener.on('notification', () => heard.push(performance.now()));
  try {
    await configure(fleet.pond, [[]]);
    await fleet.ready();
    await listener.query(`LISTEN pond_${fleet.pond.pondId.replaceAll('-', '')}`);
    const latencies = [];
    for (let single = 0; single < SINGLES; single += 1) {
      const before = heard.length;
      await settled(fleet.pond.write(({ fs }) => fs.write('/in', Buffer.from(String(single)))));
      await until(async () => heard.length >= before + 3);
      latencies.push(heard[before + 1] - heard[before]);
    }
    return latencies;
  } finally {
    await listener.end();
    await fleet.end();
  }
};
