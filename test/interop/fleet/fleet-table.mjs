// The table of a pond that is shared by way of moto and PostgreSQL: delta-rs and DuckDB read it while it is written, delta-rs compacts it in the
// middle of that, a writer is killed so that an entry without rows stands in for it; the pond goes on, and all see the same rows.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { environment, makeBucket, PACKAGES, withServer } from '../remotes.mjs';

const here = new URL('.', import.meta.url).pathname;
const pond = join(here, '../../../dist/pond.cjs');

export const tryTable = async ({ check }, database, pythonWith) => {
  const python = pythonWith(PACKAGES);
  const folder = mkdtempSync(join(tmpdir(), 'pond-fleet-table-'));
  const client = new pg.Client(database);
  await client.connect();
  try {
    const shared = { check, python, folder, client, database };
    await tryPlace(shared, 'a directory', { POND: `file://${folder}/store` });
    const moto = (port) => ['-m', 'moto.server', '-H', '127.0.0.1', '-p', `${port}`];
    await withServer(python, moto, async (endpoint) => {
      await makeBucket(endpoint);
      await tryPlace(shared, 'moto', { POND: 's3://pond-bucket/shared', AWS_ENDPOINT_URL: endpoint });
    });
  } finally {
    await client.end();
    rmSync(folder, { recursive: true, force: true });
  }
};

const tryPlace = async ({ check, python, folder, client, database }, place, variables) => {
  const { host, pathname, username, password } = new URL(database);
  const env = {
    ...environment,
    POND_STATE_DIR: join(folder, 'state'),
    POND_CACHE: join(folder, 'cache'),
    POND_CONTROL: `postgres://${host}${pathname}`,
    PGUSER: username,
    PGPASSWORD: password,
    ...variables,
  };
  const run = (...args) => execFileSync(process.execPath, [pond, ...args], { env, encoding: 'utf8' });
  const ask = (what) =>
    JSON.parse(execFileSync(python, [join(here, 'fleet_table.py'), what], { env, encoding: 'utf8' }));
  run('init');
  writeFileSync(join(folder, 'large.bin'), Buffer.alloc(70_000, 'x'));
  const write = (from, to) => {
    for (let count = from; count < to; count += 1)
      run('copy', `host://${folder}/large.bin`, `/f${count}.bin`);
  };
  write(0, 2);
  const watching = watch(python, env);
  write(2, 8);
  check(`${place}: delta-rs puts files together`, ask('compact') > 1, true);
  write(8, 12);
  check(
    `${place}: a writer that was killed has been fenced off by an entry without rows`,
    await killUntilFenced({ client, env, folder, run }),
    true,
  );
  ask('compact');
  write(12, 14);
  const { problems, seen } = await watching.stop();
  check(`${place}: other engines have read the table at every moment`, problems.join('; '), '');
  check(
    `${place}: and have seen it grow`,
    Object.values(seen).every((sizes) => sizes > 1),
    true,
  );
  const expected = [...Array(14).keys()].map((count) => `f${count}.bin`).sort();
  const listed = JSON.parse(run('list', '/f*.bin', '--json')).map(({ path }) => path.slice(1));
  check(`${place}: the pond has every file`, listed.sort().join(), expected.join());
  for (const [reader, names] of Object.entries(ask('names'))) {
    check(`${place}: ${reader} has every file`, names.join(), expected.join());
  }
  check(
    `${place}: fsck finds nothing wrong`,
    JSON.parse(run('fsck', '--plans', '--json')).findings.length,
    0,
  );
};

/** Reads the table again and again, until it is told to stop. */
const watch = (python, env) => {
  const child = spawn(python, [join(here, 'fleet_table.py'), 'watch'], {
    env,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let out = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  const ended = new Promise((resolve) => child.on('close', resolve));
  return {
    stop: async () => {
      child.stdin.end();
      await ended;
      return JSON.parse(out);
    },
  };
};

/** Kills writers as soon as they have begun, until one of them had to be fenced off; the others' commits are taken back. */
const killUntilFenced = async ({ client, env, folder, run }) => {
  for (let tries = 0; tries < 8; tries += 1) {
    const before = await begun(client);
    const child = spawn(process.execPath, [pond, 'copy', `host://${folder}/large.bin`, '/killed.bin'], {
      env,
      stdio: 'ignore',
    });
    const ended = new Promise((resolve) => child.on('exit', resolve));
    while ((await begun(client)) === before && child.exitCode === null) {
      // It looks again at once: the next moment is the one that is wanted.
    }
    child.kill('SIGKILL');
    await ended;
    run('recover');
    const isThere = JSON.parse(run('list', '/kill*', '--json')).length > 0;
    if (isThere) run('rm', '/killed.bin');
    else if ((await begun(client)) > before) return true;
  }
  return false;
};

/** Transactions that have begun, in whatever pond of the database. */
const begun = async (client) => {
  const { rows } = await client.query(`SELECT nspname FROM pg_namespace WHERE nspname LIKE 'pond\\_%'`);
  let sum = 0;
  for (const { nspname } of rows) {
    const { rows: found } = await client.query(
      `SELECT count(*)::int AS n FROM ${nspname}.control_table WHERE record_type = 'begin' AND transaction_type = 'write'`,
    );
    sum += found[0].n;
  }
  return sum;
};
