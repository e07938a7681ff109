import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { startPostgres } from '../support/postgres.mjs';
import { median, ms, settled, times } from './machinery/measure.mjs';

const here = join(dirname(fileURLToPath(import.meta.url)), 'peers');

const JOBS = 2_000;
/** Each contender is measured so many times, in turn. */
const ROUNDS = 3;
const SINGLES = 30;

const PEERS = {
  'graphile-worker': ['graphile-worker.mjs'],
  'pg-boss': ['pg-boss.mjs'],
  DBOS: ['dbos.mjs'],
  'graphile-worker, batches': ['graphile-worker.mjs', 'batched'],
};

/** Those that record each job by itself before it goes on. */
const isOneByOne = (name) => !name.endsWith('batches');

/**
 * Tasks that do nothing, beside the jobs of queues and workflow engines on a PostgreSQL that is started for it: 2,000 of one
 * commit, ten commits of 200, and one at a time; ten side by side, every record durable.
 */
export const benchPeers = async ({ Steward }, scratch) => {
  const folder = install(scratch);
  if (folder === null) return [];
  const postgres = await startPostgres();
  if (postgres === null) return [];
  try {
    const databases = Object.keys(PEERS).map((_, index) => `peer_${index}`);
    console.error(node(folder, ['create-databases.mjs', postgres.url('postgres'), ...databases]));
    const measured = { ours: [], ...Object.fromEntries(Object.keys(PEERS).map((name) => [name, []])) };
    for (let round = 0; round < ROUNDS; round += 1) {
      measured.ours.push(await measureOurs(Steward, join(scratch, `peers-${round}`)));
      for (const [index, [name, [script, ...more]]] of Object.entries(PEERS).entries()) {
        const answer = node(folder, [script, postgres.url(`peer_${index}`), String(JOBS), ...more]);
        if (answer !== null) measured[name].push(JSON.parse(answer));
      }
    }
    return rowsOf(measured);
  } finally {
    await postgres.stop();
  }
};

/** The peers in a scratch folder, by the lock file beside them; null where they cannot be had. */
const install = (scratch) => {
  const folder = join(scratch, 'peers');
  mkdirSync(folder);
  for (const name of readdirSync(here)) copyFileSync(join(here, name), join(folder, name));
  console.error('installing the peers ...');
  try {
    execFileSync('npm', ['ci', '--no-audit', '--no-fund', '--ignore-scripts'], {
      cwd: folder,
      stdio: 'pipe',
    });
    return folder;
  } catch (problem) {
    console.error(`the peers could not be installed: ${String(problem.stderr ?? problem.message).trim()}`);
    return null;
  }
};

/** What a script prints; null, and why, where it fails. */
const node = (folder, args) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
  if (status === 0) return stdout.trim().split('\n').at(-1);
  console.error(`${args[0]} failed: ${stderr.trim().split('\n').slice(-5).join('\n')}`);
  return null;
};

const measureOurs = async (Steward, directory) => {
  const many = await pondWith(Steward, `${directory}-many`, JOBS);
  const manyMs = await many.commit();
  await many.close();

  const tenth = await pondWith(Steward, `${directory}-tenth`, JOBS / 10);
  let batchesMs = 0;
  for (let batch = 0; batch < 10; batch += 1) batchesMs += await tenth.commit();
  await tenth.close();

  // The commit itself, which a queue does not make, is not part of the latency: one without tasks takes turns with it.
  const none = await pondWith(Steward, `${directory}-none`, 0);
  const one = await pondWith(Steward, `${directory}-one`, 1);
  const alone = [];
  const withOne = [];
  for (let single = 0; single < SINGLES; single += 1) {
    alone.push(await none.commit());
    withOne.push(await one.commit());
  }
  await none.close();
  await one.close();
  return {
    many: JOBS / (manyMs / 1000),
    batches: JOBS / (batchesMs / 1000),
    oneMs: median(withOne) - median(alone),
  };
};

/** A pond in which every commit has so many tasks; a hundred commits' worth of compiling is behind it. */
const pondWith = async (Steward, directory, tasks) => {
  await settled(Steward.init(directory));
  const pond = await settled(Steward.open(directory));
  const configuration = 'factory: test-executor\nconfig: { message: nothing }\n';
  await settled(
    pond.write(({ fs }) => async () => {
      const schedule = 'schedule: graph\nmax_concurrency: 10\ndefaults: { timeout: 10m }\n';
      await settled(fs.write('/etc/system.d/config.yaml', Buffer.from(schedule)));
      for (let task = 1; task <= tasks; task += 1) {
        const path = `/etc/system.d/${String(task).padStart(5, '0')}-nothing`;
        await settled(
          fs.createDynamicPath(path, 'file:dynamic', 'test-executor', Buffer.from(configuration)),
        );
      }
      return { _tag: 'Right', right: undefined };
    }),
  );
  let round = 0;
  const commit = async () => {
    round += 1;
    const begun = performance.now();
    const { tasks: ended } = await settled(
      pond.write(({ fs }) => fs.write('/a.txt', Buffer.from(String(round)))),
    );
    const took = performance.now() - begun;
    const completed = ended.filter(({ state }) => state === 'completed').length;
    if (completed !== tasks) throw new Error(`${completed} of ${tasks} tasks completed`);
    return took;
  };
  await commit();
  return { commit, close: () => settled(pond.close()) };
};

const rowsOf = (measured) => {
  const of = (name, figure) => median(measured[name].map((round) => round[figure]));
  const peers = Object.keys(PEERS).filter((name) => measured[name].length > 0);
  const oneByOne = peers.filter(isOneByOne);
  const perSecond = (figure) => (name) => `${name} ${Math.round(of(name, figure))}/s`;
  const best = (figure) => Math.max(...oneByOne.map((name) => of(name, figure)));
  const rows = [];
  if (oneByOne.length > 0) {
    rows.push(
      [
        `tasks that do nothing, ${JOBS} of one commit, against the best queue that records one by one`,
        times(of('ours', 'many') / best('many')),
        '>= 5 x',
        `${perSecond('many')('ours')}, its commit, discovery and plan included; ${oneByOne.map(perSecond('many')).join(', ')}`,
      ],
      [
        '  ten commits of 200',
        times(of('ours', 'batches') / best('batches')),
        '> 1 x',
        `${perSecond('batches')('ours')}; ${oneByOne.map(perSecond('batches')).join(', ')}`,
      ],
      [
        '  one task: latency, against the shortest',
        times(of('ours', 'oneMs') / Math.min(...oneByOne.map((name) => of(name, 'oneMs')))),
        '< 1 x',
        ['ours', ...oneByOne].map((name) => `${name} ${ms(of(name, 'oneMs'))}`).join(', '),
      ],
    );
  }
  for (const name of peers.filter((peer) => !isOneByOne(peer))) {
    rows.push([
      `  the ${JOBS}, against ${name}, whose records wait in memory`,
      times(of('ours', 'many') / of(name, 'many')),
      '>= 0.5 x',
      perSecond('many')(name),
    ]);
  }
  return rows;
};
