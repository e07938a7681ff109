// `npm run demo`: the main job of the README, done by the built executable on a new pond. Data arrives; after each
// commit the steward checks, publishes and notes it; publishing fails; the cause is removed; the task is retried.
// Every step's exit code is checked. The pond stays, for you to look around in. `-- --built`: `dist` is built already.

import '../build/ensure-installed.mjs';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const STEP_TIMEOUT_MS = 120_000;
/** The commit landed, but tasks failed. */
const TASKS_FAILED = 3;

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const samples = join(root, 'node_modules/vega-datasets/data');
const work = mkdtempSync(join(tmpdir(), 'pond-demo-'));
const pond = join(work, 'pond');
const incoming = join(work, 'incoming');
const site = join(work, 'site');

// No settings of another pond, and tasks find `pond` by this PATH, too.
const surroundings = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith('POND')),
);
const env = { ...surroundings, POND: pond, PATH: join(root, 'dist/bin') + delimiter + process.env.PATH };

// ── steps ─────────────────────────────────────────────────────────────────────────────────────────────────

const say = (text) => console.log(`\n# ${text}`);

const quoted = (word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

const run = (program, args, { expect = 0, stdio = 'inherit' } = {}) => {
  const command = [program, ...args].map(quoted).join(' ');
  const { status, signal, error, stdout } = spawnSync(program, args, {
    cwd: work,
    env,
    stdio: ['ignore', stdio, 'inherit'],
    encoding: 'utf8',
    timeout: STEP_TIMEOUT_MS,
  });
  const ended = error?.message ?? signal ?? `exit code ${status}`;
  assert.equal(status, expect, `${command}: ${ended} instead of exit code ${expect}`);
  return stdout;
};

/** Runs and shows `pond ...`. */
const show = (args, options) => {
  console.log(`\n$ pond ${args.map(quoted).join(' ')}`);
  run('pond', args, options);
};

/** Asks `pond ... --json` without showing it. */
const ask = (args) => JSON.parse(run('pond', [...args, '--json'], { stdio: 'pipe' }));

const lastCommit = () => ask(['status']).last_txn_seq;

const statesOfTasks = (commit) => {
  const [transaction] = ask(['control', '--txn', String(commit)]).transactions.filter(
    ({ txn_seq, transaction_type }) => txn_seq === commit && transaction_type === 'write',
  );
  return Object.fromEntries(transaction.tasks.map(({ config_path, state }) => [config_path, state]));
};

const arrives = (file, destination, { scheme = 'host', from = samples, expect = 0 } = {}) =>
  show(['copy', `${scheme}://${join(from, file)}`, destination], { expect });

// ── what the steward is to do ─────────────────────────────────────────────────────────────────────────────

const WEATHER = '/data/weather/seattle-weather.csv';

// A task's `pond` reads the pond as it was at the task's commit.
const shellTask = ({ description, script }) => `factory: command
description: ${description}
config:
  run: ["sh", "-c", ${JSON.stringify(script)}]
`;

const check = shellTask({
  description: 'the weather must have the columns that we know',
  script: `pond cat ${WEATHER} | node -e '
    const [header] = require("node:fs").readFileSync(0, "utf8").split("\\n");
    const wanted = "date,precipitation,temp_max,temp_min,wind,weather";
    if (header.trim() !== wanted) { console.error("unexpected header: " + header); process.exit(1); }
    console.log("header is as it should be");'`,
});

const publish = shellTask({
  description: 'put the newest weather onto the site',
  script: `pond cat ${WEATHER} > '${site}/weather.csv'`,
});

// ── the job ───────────────────────────────────────────────────────────────────────────────────────────────

const makePond = () => {
  say('A new pond, and the first data');
  show(['init']);
  arrives('seattle-weather.csv', '/data/weather/');
};

const configureSteward = () => {
  say(`What is to happen after each commit: a check of the weather, its publication in ${site}, and a note`);
  mkdirSync(site);
  writeFileSync(join(work, '10-check.yaml'), check);
  writeFileSync(join(work, '20-publish.yaml'), publish);
  show(['mknod', 'command', '/etc/system.d/10-check.yaml', '--config-path', '10-check.yaml']);
  show(['mknod', 'command', '/etc/system.d/20-publish.yaml', '--config-path', '20-publish.yaml']);
  show(['mknod', 'test-executor', '/etc/system.d/30-note.yaml', '--config', 'message: the data has arrived']);
};

const moreData = () => {
  say('More data arrives, and each commit is followed by the three tasks');
  arrives('stocks.csv', '/data/stocks/');
  arrives('flights-3m.parquet', '/data/flights/', { scheme: 'host+table' });
};

/** Returns the commit's number. */
const weatherThatCannotBePublished = () => {
  say(`A new day of weather arrives, but ${site} is gone: the middle task fails, the others do not`);
  console.log(`\n$ rm -r ${quoted(site)}`);
  rmSync(site, { recursive: true });
  mkdirSync(incoming);
  copyFileSync(join(samples, 'seattle-weather.csv'), join(incoming, 'seattle-weather.csv'));
  appendFileSync(join(incoming, 'seattle-weather.csv'), '2016-01-01,0.0,7.2,-1.1,2.9,sun\n');
  arrives('seattle-weather.csv', '/data/weather/', { from: incoming, expect: TASKS_FAILED });
  const commit = lastCommit();
  assert.deepEqual(statesOfTasks(commit), {
    '/etc/system.d/10-check.yaml': 'completed',
    '/etc/system.d/20-publish.yaml': 'failed',
    '/etc/system.d/30-note.yaml': 'completed',
  });
  return commit;
};

const lookAtTheFailure = (commit) => {
  say('The failure blocks nobody: the next data is committed as if nothing had happened');
  arrives('birdstrikes.csv', '/data/birds/', { expect: TASKS_FAILED });
  say('But it is not forgotten');
  show(['show-post-commit', String(commit)]);
  show(['control']);
};

const retry = (commit) => {
  say('The cause is removed, and the task runs again on exactly the data of its commit');
  console.log(`\n$ mkdir ${quoted(site)}`);
  mkdirSync(site);
  show(['control', 'retry', `${commit}.2`]);
  show(['control', 'retry', String(commit + 1)]);
  show(['show-post-commit', String(commit)]);
  assert.ok(existsSync(join(site, 'weather.csv')), 'the retried task has not published anything');
  assert.equal(
    readFileSync(join(site, 'weather.csv'), 'utf8'),
    readFileSync(join(incoming, 'seattle-weather.csv'), 'utf8'),
    'what was published is not the data of the commit',
  );
  assert.deepEqual(new Set(Object.values(statesOfTasks(commit))), new Set(['completed']));
};

const lookAround = () => {
  say('Nothing is left to do');
  show(['status', '--check']);
  show(['list']);
};

const printWhatNext = (commit) =>
  console.log(`
# The pond is yours now. Type for example:

export PATH="${join(root, 'dist/bin')}:$PATH"
export POND=${quoted(pond)}
pond list -l '/data/**'
pond control --mode detailed --txn ${commit}
pond plan ${commit}
pond cat ${WEATHER} --sql 'SELECT weather, count(*) AS days FROM source GROUP BY weather'
pond cat ${WEATHER} --at 2 | tail -1
`);

if (!process.argv.includes('--built')) run(process.execPath, [join(root, 'test/build/bundle.mjs')]);
makePond();
configureSteward();
moreData();
const commit = weatherThatCannotBePublished();
lookAtTheFailure(commit);
retry(commit);
lookAround();
printWhatNext(commit);
