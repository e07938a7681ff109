// Tasks that do nothing, taken one by one by workers, beside a bare loop on the same PostgreSQL; how soon they start, and how soon elsewhere.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { median, ms, settled, times } from '../machinery/measure.mjs';
import { commitBare, prepareBare } from './bare-loop.mjs';
import { CONCURRENCY, configure, fleetOf, numberOf, started, until } from './shared-pond.mjs';

const PROCESSES = [1, 2, 4];
const SINGLES = 30;

/** What is committed: each task with those that it needs. As many as were tried on other queues when this one was chosen. */
export const SHAPES = {
  '2,000 flat tasks': Array.from({ length: 2_000 }, () => []),
  'a chain of 200': Array.from({ length: 200 }, (_, place) => (place === 0 ? [] : [place])),
  '1 to 1,000 to 1': [
    [],
    ...Array.from({ length: 1_000 }, () => [1]),
    Array.from({ length: 1_000 }, (_, place) => place + 2),
  ],
};

/** Both from the record of the first start to that of the last end. */
export const measureTasks = async (given, row) => {
  for (const [shape, tasks] of Object.entries(SHAPES)) {
    for (const processes of PROCESSES) {
      const name = `fleet_${Object.keys(SHAPES).indexOf(shape)}_${processes}`;
      const bare = await bareSeconds(given, { name, tasks, processes });
      const ours = await ourSeconds(given, { name, tasks, processes });
      const [ourRate, bareRate] = [tasks.length / ours, tasks.length / bare];
      row(
        `${shape}, taken one by one by ${processes} ${processes === 1 ? 'worker' : 'workers'}, against a bare SKIP LOCKED loop`,
        times(ourRate / bareRate),
        '>= 0.8 x',
        `${ourRate.toFixed(0)} a second, beside ${bareRate.toFixed(0)}; each process ${CONCURRENCY} side by side`,
      );
    }
  }
};

export const bareSeconds = async ({ client, url }, { name, tasks, processes }) => {
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

export const ourSeconds = async (given, { name, tasks, processes }) => {
  const { client } = given;
  const { pond, ready, end } = await fleetOf(given, { name, processes });
  try {
    await configure(pond, tasks);
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

/** What somebody who is not busy hears of a commit, and of the start of its task, where workers are idle. */
export const measureStarts = async (given, row) => {
  const latencies = (await startLatencies(given)).toSorted((a, b) => a - b);
  row(
    'from a commit to the start of its task, workers idle, p95',
    ms(latencies[Math.floor(latencies.length * 0.95)]),
    '<= 10 ms',
    `median ${ms(median(latencies))}, of ${latencies.length}`,
  );
};

const RECORDS_ARE_TOLD = `
  CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN PERFORM pg_notify('told', NEW.record_type); RETURN NULL; END $$;
  CREATE TRIGGER records_are_told AFTER INSERT ON control_table
  FOR EACH ROW WHEN (NEW.transaction_type = 'post_commit') EXECUTE FUNCTION tell()`;

const startLatencies = async (given) => {
  const fleet = await fleetOf(given, { name: 'latency', processes: 2 });
  const heard = [];
  let listener = null;
  try {
    // Workers are not told that an attempt has begun; whoever measures it is.
    await given.client.query(RECORDS_ARE_TOLD);
    await configure(fleet.pond, [[]]);
    await fleet.ready();
    listener = await listening(given.url, 'told', (at) => heard.push(at));
    const latencies = [];
    for (let single = 0; single < SINGLES; single += 1) {
      const before = heard.length;
      await settled(fleet.pond.write(({ fs }) => fs.write('/in', Buffer.from(String(single)))));
      await until(async () => heard.length >= before + 3);
      latencies.push(heard[before + 1] - heard[before]);
    }
    return latencies;
  } finally {
    await listener?.end();
    await fleet.end();
  }
};

/** Listens on a channel by a process of its own, since whoever commits has more to do after a commit; says when it heard what. */
const listening = async (url, channel, onHeard) => {
  const program = new URL('listener.mjs', import.meta.url).pathname;
  const child = spawn(process.execPath, [program, url, channel], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const lines = createInterface({ input: child.stdout });
  await new Promise((resolve) => lines.once('line', resolve));
  lines.on('line', (line) => onHeard(Number(line)));
  return {
    end: () => {
      child.stdin.end();
      return ended;
    },
  };
};

/** Milliseconds between the death of a worker and the start of its task by another one. */
export const measureTakeOver = async (given, row) => {
  const { client } = given;
  const fleet = await fleetOf(given, { name: 'takeover', processes: 2 });
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
    row(
      'a worker is killed: its task has started elsewhere',
      ms(performance.now() - killed),
      '<= 2,000 ms',
      'a task of ten seconds and another worker, one try',
    );
  } finally {
    await fleet.end();
  }
};
