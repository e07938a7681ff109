// A push and a pull that leave out versions, killed at each of their steps: what Spark reads of a remote and of a replica then.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildExecutable } from '../build/executable.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const product = join(root, 'dist/pond.cjs');

/** Commits before the jump, and those that it leaves out. */
const BEFORE = 20;
const LEFT_OUT = 40;

/**
 * Calls `read` with directories, of which it says for each what Spark sees there: rows, or an error. Between a checkpoint that stands
 * for versions and its entry there is one moment in which Spark cannot read (docs/remotes.md), and no other.
 */
export const compareMoments = async ({ check }, read) => {
  const directory = mkdtempSync(join(tmpdir(), 'pond-spark-moments-'));
  try {
    const { before, moments, after } = await momentsIn(directory);
    const seen = read([before, after, ...moments.map((moment) => moment.directory)]);
    const [old, whole] = seen;
    for (const [at, { title, isGap }] of moments.entries()) {
      const found = seen[at + 2];
      const isRead = found === old || found === whole;
      check(
        `Spark ${isGap ? 'cannot read' : 'reads'} what lies there ${title}`,
        isRead ? 'rows' : found,
        isGap ? found : 'rows',
      );
      if (isGap) check(`it is an error ${title}`, isRead, false);
    }
    const gaps = new Set(moments.flatMap(({ command, isGap }) => (isGap ? [command] : [])));
    check('there is such a moment in a push and in a pull', [...gaps].join(), 'push,pull');
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
};

const momentsIn = async (directory) => {
  const dying = await buildDying(join(directory, 'built'));
  const env = { ...process.env, POND_STATE_DIR: join(directory, 'state') };
  process.env.POND_STATE_DIR = env.POND_STATE_DIR;
  const base = join(directory, 'base');
  const kept = join(directory, 'kept');
  const [home, replica, remote] = ['home', 'replica', 'remote'].map((name) => join(base, name));
  mkdirSync(base);
  const run = (program, place, args, more = {}) =>
    spawnSync(process.execPath, [program, '--pond', place, '--log-level', 'error', ...args], {
      env: { ...env, ...more },
      encoding: 'utf8',
    });
  const pond = (place, ...args) => {
    const { status, stderr, stdout } = run(product, place, args);
    if (status !== 0) throw new Error(`pond ${args.join(' ')}: ${stderr}`);
    return stdout;
  };
  pond(home, 'init');
  await commit(home, 0, BEFORE);
  pond(home, 'remote', 'add', 'remote', `file://${remote}`);
  pond(home, 'push');
  pond(home, 'replicate', `file://${remote}`, replica);
  const before = keep(remote, join(directory, 'before'));
  await commit(home, BEFORE, LEFT_OUT);
  const { last_txn_seq: last } = JSON.parse(pond(home, 'status', '--json'));
  pond(home, 'maintain', '--forget-before', `${last}`, '/again');
  pond(home, 'maintain', '--retention', '0s');
  const moments = [];
  const states = new Set();
  for (const [command, place, table] of [
    ['push', home, remote],
    ['pull', replica, join(replica, 'data')],
  ]) {
    rmSync(kept, { recursive: true, force: true });
    cpSync(base, kept, { recursive: true });
    const names = join(directory, 'steps');
    rmSync(names, { force: true });
    run(dying, place, [command], { POND_TEST_STEPS_FILE: names });
    const steps = readFileSync(names, 'utf8').trimEnd().split('\n');
    for (const at of pointsOf(steps)) {
      rmSync(base, { recursive: true });
      cpSync(kept, base, { recursive: true });
      const { signal } = run(dying, place, [command], { POND_TEST_DIE_AT: `${at + 1}` });
      if (signal !== 'SIGKILL') throw new Error(`${command} was to be killed before ${steps[at]}`);
      const state = stateOf(table);
      if (states.has(state)) continue;
      states.add(state);
      const copy = keep(table, join(directory, `moment-${moments.length}`));
      const title = `of a ${command} that was killed before "${steps[at]}"`;
      moments.push({ command, title, directory: copy, isGap: isGap(copy) });
    }
    rmSync(base, { recursive: true });
    cpSync(kept, base, { recursive: true });
    pond(place, command);
  }
  return { before, moments, after: join(home, 'data') };
};

/** The steps after those that can change what readers open, as many as there are before the history is written, and the first. */
const pointsOf = (steps) => [
  0,
  ...steps
    .flatMap((_, at) => (/checkpoint|_delta_log|_entries/.test(steps[at - 1] ?? '') ? [at] : []))
    .slice(0, 12),
];

const keep = (from, to) => {
  cpSync(from, to, { recursive: true });
  return to;
};

const versionsIn = (table, ending) =>
  readdirSync(join(table, '_delta_log')).flatMap((name) =>
    name.endsWith(ending) && /^\d{20}\./.test(name) ? [Number(name.slice(0, 20))] : [],
  );

/** Tells whether the newest checkpoint has no entry of its version or a later one. */
const isGap = (table) =>
  Math.max(-1, ...versionsIn(table, '.checkpoint.parquet')) > Math.max(...versionsIn(table, '.json'));

/** What decides what readers open: the newest entry and checkpoint, and whether they are pointed at. Entries of the history do not. */
const stateOf = (table) => {
  const pointer = readdirSync(join(table, '_delta_log')).includes('_last_checkpoint')
    ? readFileSync(join(table, '_delta_log/_last_checkpoint'), 'utf8')
    : '';
  const newest = ['.json', '.checkpoint.parquet'].map((ending) => Math.max(-1, ...versionsIn(table, ending)));
  return createHash('sha256').update(`${table} ${newest} ${pointer}`).digest('hex');
};

const commit = async (home, from, count) => {
  const { Steward } = await import('../../dist/promises.js');
  const opened = await Steward.open(home);
  for (let at = from; at < from + count; at += 1) {
    await opened.write(async ({ fs }) => {
      await fs.write('/again', Buffer.alloc(70_000, `${at}`));
      await fs.write(`/file-${at}`, Buffer.from(`content ${at}`));
    });
  }
  await opened.close();
};

/** The executable of the crash tests: it kills itself before a step. */
const buildDying = async (directory) => {
  const outdir = join(directory, 'dying');
  mkdirSync(outdir, { recursive: true });
  writeFileSync(join(directory, 'package.json'), '{ "type": "module" }');
  symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'));
  const source = 'test/crash/machinery/pond-that-dies.ts';
  const define = { __PLANTED_FAULT__: '"none"' };
  const given = { root, outdir, version: '0.0.0-test', source, define, codeCache: false };
  return (await buildExecutable(given)).executable;
};
