// A push that leaves out versions, killed after each thing that it writes: delta-rs and DuckDB read what lies there at each
// of these moments, and see a whole table. Spark does, too, but between the checkpoint and its entry (docs/remotes.md).
import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { killingProxy } from './killing-proxy.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const pondProgram = join(here, '../../dist/pond.cjs');

const CREDENTIALS = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' };

/** Commits before the jump, more than a log needs to be packed, and those that the jump leaves out. */
const BEFORE = 60;
const LEFT_OUT = 24;

/** What a jump writes, in its order: the push is killed once each of these has been answered. */
const isEntry = (key) => /_delta_log\/\d{20}\.json$/.test(key);
const STEPS = [
  ['its claim', (key, body) => isEntry(key) && body.includes('"pond_jump"')],
  ['a pack of entries', (key) => key.includes('/_entries/')],
  ['its checkpoint', (key) => /_delta_log\/\d{20}\.checkpoint\.parquet$/.test(key)],
  ['its entry', (key, body) => isEntry(key) && !body.includes('"pond_jump"')],
];

/** `endpoint`: an S3 server that has the bucket `pond-bucket`. Returns what lay there at each moment, as directories. */
export const compareJumps = async ({ check }, { python, endpoint, directory, env }) => {
  const home = join(directory, 'jumping');
  const proxy = await killingProxy(endpoint);
  // The proxy is of this process: whoever waits for a command must not keep it from answering.
  const pond = async (...args) => {
    const options = { env: { ...env, POND: home }, encoding: 'utf8' };
    const given = [pondProgram, '--log-level', 'error', ...args];
    return (await promisify(execFile)(process.execPath, given, options)).stdout;
  };
  const json = async (...args) => JSON.parse(await pond(...args, '--json'));
  try {
    await writeCommits(home, 0, BEFORE);
    await pond('remote', 'add', 'jumping', 's3://pond-bucket/jumping', '--endpoint', proxy.endpoint);
    await pond('push');
    const before = readTables(python, env, [{ url: join(home, 'data') }])[0].delta_rs;
    await writeCommits(home, BEFORE, LEFT_OUT);
    const { last_txn_seq: last } = await json('status');
    const { forgotten } = await json('maintain', '--forget-before', `${last}`, '/again');
    check('contents were forgotten before the jump', forgotten.contents > 0, true);
    await pond('maintain', '--retention', '0s');
    const [{ delta_rs: own }] = readTables(python, env, [{ url: join(home, 'data') }]);
    const moments = [];
    const place = { url: 's3://pond-bucket/jumping', endpoint };
    await compareMoment(
      { check, python, env },
      { place, directory, moments, title: 'before a jump', rows: before.rows },
    );
    const roots = [];
    for (const [what, isIt] of STEPS) {
      const ended = await pushKilled(env, home, proxy, isIt);
      check(`a push that jumps was killed after ${what}`, ended, 'SIGKILL');
      const title = `of a jump that was killed after ${what}`;
      await compareMoment({ check, python, env }, { place, directory, moments, title, rows: own.rows });
      roots.push(restoredRoot(env, directory, endpoint, what));
    }
    const old = roots[0];
    const { content_root: root } = await json('fsck');
    check(
      'a pond restored before a jump has ended is the older one',
      JSON.stringify(roots),
      JSON.stringify([old, old, old, root]),
    );
    await pond('push');
    await compareMoment(
      { check, python, env },
      { place, directory, moments, title: 'after a jump', rows: own.rows },
    );
    await writeCommits(home, BEFORE + LEFT_OUT, 3);
    await pond('push');
    const [{ delta_rs: newest }] = readTables(python, env, [{ url: join(home, 'data') }]);
    await compareMoment(
      { check, python, env },
      { place, directory, moments, title: 'after commits that follow a jump', rows: newest.rows },
    );
    const held = JSON.parse(
      execFileSync(
        python,
        [join(here, 'remote_rows.py'), JSON.stringify({ follow: moments.map((moment) => moment.directory) })],
        { env, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
      ),
    );
    check(
      'a reader of delta-rs that was open before a jump follows it, and the commits after it',
      JSON.stringify(held.map(({ rows }) => rows)),
      JSON.stringify(moments.slice(1).map(({ rows }) => rows)),
    );
    return moments;
  } finally {
    await proxy.stop();
  }
};

/** Compares what the engines read in the bucket, and in a directory with the same objects, with the rows that must be there. */
const compareMoment = async ({ check, python, env }, { place, directory, moments, title, rows }) => {
  const copy = join(directory, `moment-${moments.length}`);
  await download(place.endpoint, 'jumping/', copy);
  moments.push({ title, directory: copy, rows });
  const [bucket, copied] = readTables(python, env, [place, { url: copy }]);
  const expected = JSON.stringify(rows);
  check(`delta-rs reads the bucket ${title}`, JSON.stringify(bucket.delta_rs.rows), expected);
  check(
    `delta-rs reads the same objects in a directory ${title}`,
    JSON.stringify(copied.delta_rs.rows),
    expected,
  );
  check(
    `DuckDB reads the same objects in a directory ${title}`,
    JSON.stringify(copied.duckdb.rows),
    expected,
  );
};

const readTables = (python, env, places) =>
  JSON.parse(
    execFileSync(python, [join(here, 'remote_rows.py'), JSON.stringify({ places })], {
      env,
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    }),
  );

const restoredRoot = (env, directory, endpoint, what) => {
  const restored = join(directory, `restored after ${what}`);
  const args = ['restore', 's3://pond-bucket/jumping', restored, '--endpoint', endpoint, '--json'];
  return JSON.parse(execFileSync(process.execPath, [pondProgram, ...args], { env, encoding: 'utf8' }))
    .content_root;
};

/** Commits by the library: a process for each would take most of the time. */
const writeCommits = async (home, from, count) => {
  const { Steward } = await import('../../dist/promises.js');
  if (from === 0) await Steward.init(home);
  const opened = await Steward.open(home);
  for (let at = from; at < from + count; at += 1) {
    await opened.write(async ({ fs }) => {
      await fs.write('/again', Buffer.from(`content ${at}`));
      await fs.write(`/file-${at}`, Buffer.alloc(at % 10 === 0 ? 70_000 : 300, `${at}`));
    });
  }
  await opened.close();
};

/** Pushes until a request that `isIt` has been answered, and kills the push there; returns how it ended. */
const pushKilled = async (env, home, proxy, isIt) => {
  const child = spawn(process.execPath, [pondProgram, 'push'], {
    env: { ...env, POND: home },
    stdio: 'ignore',
  });
  const ended = once(child, 'exit');
  proxy.after(
    ({ method, key, body }) => method === 'PUT' && isIt(key, body),
    () => child.kill('SIGKILL'),
  );
  const [code, signal] = await ended;
  proxy.after(null);
  return signal ?? code;
};

const download = async (endpoint, prefix, target) => {
  const client = new S3Client({
    endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: CREDENTIALS,
  });
  try {
    for (let token; ; ) {
      const page = await client.send(
        new ListObjectsV2Command({ Bucket: 'pond-bucket', Prefix: prefix, ContinuationToken: token }),
      );
      for (const { Key } of page.Contents ?? []) {
        const { Body } = await client.send(new GetObjectCommand({ Bucket: 'pond-bucket', Key }));
        const path = join(target, Key.slice(prefix.length));
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, await Body.transformToByteArray());
      }
      if (page.IsTruncated !== true) return;
      token = page.NextContinuationToken;
    }
  } finally {
    client.destroy();
  }
};
