// A pond in a store that lies in a directory, with its control table on a server, and workers in processes of their own.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { settled } from '../machinery/measure.mjs';

/** Tasks that each worker runs side by side. */
export const CONCURRENCY = 10;

/** A program in Node: `says` when it has said something, and how it is ended. */
export const started = (args, env = process.env) => {
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
export const until = async (condition) => {
  const end = performance.now() + 60_000;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error('nothing happened for a minute');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

export const numberOf = async (client, query) => Number((await client.query(query)).rows[0].n);

/** Address without its password, which goes into the environment as `PGPASSWORD`. */
export const controlOf = (url) => {
  const address = new URL(url);
  process.env.PGPASSWORD = decodeURIComponent(address.password);
  address.password = '';
  return address.href;
};

/** Makes the pond `name` and starts workers; `client` looks into its control table from then on. */
export const fleetOf = async ({ executable, Steward, scratch, client, url }, { name, processes }) => {
  const control = controlOf(url);
  const store = `file://${join(scratch, name)}`;
  process.env.POND_STATE_DIR = join(scratch, `${name}-state`);
  const cache = join(scratch, `${name}-cache`);
  await settled(Steward.init(store, { control, cache }));
  const pond = await settled(Steward.open(store, { tasks: 'background', cache, control }));
  await client.query(`SET search_path = pond_${pond.pondId.replaceAll('-', '')}`);
  const env = { ...process.env, POND_CACHE: cache, POND_CONTROL: control };
  const worker = [executable, 'worker', '--concurrency', String(CONCURRENCY), '--pond', store];
  const workers = Array.from({ length: processes }, () => started(worker, env));
  const there = 'SELECT count(*) AS n FROM runners WHERE queues IS NOT NULL';
  return {
    pond,
    ready: () => until(async () => (await numberOf(client, there)) === processes),
    end: async () => {
      await Promise.all(workers.map(({ end }) => end()));
      await settled(pond.close());
    },
  };
};

const nameOf = (place) => `t${String(place + 1).padStart(5, '0')}`;

const entryOf = (tasks, place) =>
  [
    'factory: test-executor',
    ...(tasks[place].length === 0
      ? []
      : [`depends_on: [${tasks[place].map((needed) => nameOf(needed - 1)).join(', ')}]`]),
    'config: { message: nothing }',
    '',
  ].join('\n');

const CONFIG = 'schedule: graph\nmax_concurrency: 1000\n';

/** Configures an entry for each of `tasks`, which lists those that it needs, by number from 1. */
export const configure = (pond, tasks) =>
  settled(
    pond.write(({ fs }) => async () => {
      await settled(fs.write('/etc/system.d/config.yaml', Buffer.from(CONFIG)));
      for (const place of tasks.keys())
        await settled(fs.write(`/etc/system.d/${nameOf(place)}`, Buffer.from(entryOf(tasks, place))));
      return { _tag: 'Right', right: undefined };
    }),
  );
