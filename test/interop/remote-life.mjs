// All that is done with a remote, on a store of somebody else's: commands are killed after requests of each kind, and what
// lies there, or here, is whole afterwards.
import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { killingProxy } from './killing-proxy.mjs';

const pondProgram = join(dirname(fileURLToPath(import.meta.url)), '../../dist/pond.cjs');
const URL_OF_POND = 's3://pond-bucket/life';

const isEntry = (key) => /_delta_log\/\d{20}\.json$/.test(key);
const isDataFile = (key) => /\/part-[^/]*\.parquet$/.test(key);
const isBlob = (key) => key.includes('/_blobs/');

const PUSHED = [
  ['a part of a content', ({ method, searchParams }) => method === 'PUT' && searchParams.has('partNumber')],
  ['the last part of a content', ({ method, key }) => method === 'POST' && isBlob(key)],
  ['a data file', ({ method, key }) => method === 'PUT' && isDataFile(key)],
  ['a log entry', ({ method, key }) => method === 'PUT' && isEntry(key)],
];
const FETCHED = [
  ['a log entry', ({ method, key }) => method === 'GET' && isEntry(key)],
  ['a data file', ({ method, key }) => method === 'GET' && isDataFile(key)],
  ['a content', ({ method, key }) => method === 'GET' && isBlob(key)],
];

/** `endpoint`: an S3 server that has the bucket `pond-bucket`; `name`: what it is. */
export const compareLife = async ({ check }, { name, endpoint, directory, env }) => {
  const [home, replica, old] = ['life', 'replica', 'old'].map((folder) => join(directory, folder));
  const proxy = await killingProxy(endpoint);
  const at = ['--endpoint', endpoint];
  const pond =
    (of) =>
    (...args) =>
      run(env, of, args);
  const json = async (of, ...args) => JSON.parse((await pond(of)(...args, '--json')).stdout);
  const rootOf = async (of) => (await json(of, 'fsck')).content_root;
  const isEqual = (what, theirs, ours) => check(`${what}, with ${name}`, String(theirs), String(ours));
  const killed = async (of, args, kinds) => {
    for (const [what, isIt] of kinds) {
      const ended = await runKilled(env, of, args, proxy, isIt);
      isEqual(`${args[0]} was killed after ${what}`, ended, 'SIGKILL');
    }
  };
  try {
    await pond(home)('init');
    const large = join(directory, 'large.bin');
    writeFileSync(large, randomBytes(20 * 1024 * 1024));
    await pond(home)('copy', `host://${large}`, '/large.bin');
    await pond(home)('remote', 'add', 'life', URL_OF_POND, '--endpoint', proxy.endpoint);
    await killed(home, ['push'], PUSHED);
    await pond(home)('push');
    const firstRoot = await rootOf(home);
    const { last_txn_seq: first } = await json(home, 'status');

    const replicate = ['replicate', URL_OF_POND, replica, '--endpoint', proxy.endpoint];
    await killed(home, replicate, FETCHED);
    await pond(home)(...replicate);
    isEqual('a replica whose making was killed has the content root', await rootOf(replica), firstRoot);

    // As many as a merge and a checkpoint take.
    for (let count = 0; count < 13; count += 1) await pond(home)('mkdir', `/more-${count}`);
    writeFileSync(large, randomBytes(100_000));
    await pond(home)('copy', `host://${large}`, '/newer.bin');
    const relation = async () =>
      (await json(home, 'verify')).remotes.map((one) => [one.relation, one.commits]);
    isEqual('the remote is behind', await relation(), ['behind', 14]);
    await pond(home)('push');
    isEqual('the remote is up to date', await relation(), ['up-to-date', 0]);
    await killed(replica, ['pull'], FETCHED);
    await pond(replica)('pull');
    isEqual(
      'a replica whose pulls were killed has the content root',
      await rootOf(replica),
      await rootOf(home),
    );
    isEqual('a replica takes no writes', (await pond(replica)('mkdir', '/no')).code !== 0, true);

    const restore = ['restore', URL_OF_POND, old, '--at', `${first}`, '--endpoint', proxy.endpoint];
    await killed(home, restore, FETCHED);
    await pond(home)(...restore);
    isEqual('a pond restored as of an old commit has its content root', await rootOf(old), firstRoot);

    await exportSite({ pond: pond(home), directory, endpoint, isEqual });

    await pond(replica)('promote');
    await pond(replica)('mkdir', '/of-the-promoted');
    await pond(home)('mkdir', '/of-the-first');
    await pond(replica)('remote', 'add', 'here', URL_OF_POND, ...at);
    const pushes = await Promise.all([pond(home)('push', 'life'), pond(replica)('push', 'here')]);
    isEqual('of two that push what has diverged one wins', pushes.filter(({ code }) => code === 0).length, 1);
    const loser = pushes.find(({ code }) => code !== 0);
    isEqual('the other is told that', /diverged/i.test(loser?.stderr ?? ''), true);
    const winner = pushes[0].code === 0 ? home : replica;
    const last = join(directory, 'last');
    const { content_root: restored } = await json(home, 'restore', URL_OF_POND, last, ...at);
    isEqual('what is restored then is the winner', restored, await rootOf(winner));
  } finally {
    await proxy.stop();
  }
};

/** Exports of two layouts: what is gone is removed, and what has not changed is not sent again. */
const exportSite = async ({ pond, directory, endpoint, isEqual }) => {
  const site = join(directory, 'site');
  mkdirSync(site);
  const write = (name, text) => writeFileSync(join(site, name), text);
  for (const layout of ['mirror', 'versions']) {
    const config = join(directory, `${layout}.yaml`);
    const url = `s3://pond-bucket/${layout}`;
    writeFileSync(
      config,
      JSON.stringify({
        factory: 's3-export',
        condition: { path_pattern: '/site/**' },
        config: { source: '/site/**', strip_prefix: '/site', layout, url, endpoint },
      }),
    );
    await pond('copy', `host://${config}`, `/etc/system.d/20-${layout}.yaml`);
  }
  write('index.html', 'first');
  write('b c+%ü.txt', 'same');
  await pond('copy', '-r', `host://${site}`, '/');
  write('index.html', 'second');
  const second = JSON.parse((await pond('copy', '-r', `host://${site}`, '/', '--json')).stdout);
  const reports = second.tasks.map(({ report }) => report.sent);
  isEqual('an export sends what has changed', reports, [1, 1]);
  await pond('rm', '/site/b c+%ü.txt');
  const client = new S3Client({
    endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' },
  });
  const listed = await client.send(new ListObjectsV2Command({ Bucket: 'pond-bucket', Prefix: 'mirror/' }));
  const get = async (Key) => client.send(new GetObjectCommand({ Bucket: 'pond-bucket', Key }));
  const textAt = async (key) => (await get(key)).Body.transformToString();
  isEqual(
    'a mirror has what is there now',
    listed.Contents.map(({ Key }) => Key),
    ['mirror/.pond-export.json', 'mirror/index.html'],
  );
  isEqual('its object is the newest', await textAt('mirror/index.html'), 'second');
  isEqual(
    'its object says what it is',
    (await get('mirror/index.html')).ContentType,
    'text/html; charset=utf-8',
  );
  const { files } = JSON.parse(await textAt('versions/current.json'));
  isEqual('versions name what is there now', Object.keys(files), ['index.html']);
  isEqual('and where it lies', await textAt(`versions/${files['index.html'].key}`), 'second');
  client.destroy();
};

const run = (env, of, args) =>
  new Promise((done) => {
    const options = { env: { ...env, POND: of }, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 };
    execFile(
      process.execPath,
      [pondProgram, '--log-level', 'error', ...args],
      options,
      (error, stdout, stderr) => done({ code: error === null ? 0 : error.code, stdout, stderr }),
    );
  });

/** Runs a command until a request that `isIt` has been answered, and kills it there; returns how it ended. */
const runKilled = async (env, of, args, proxy, isIt) => {
  const child = spawn(process.execPath, [pondProgram, ...args], {
    env: { ...env, POND: of },
    stdio: 'ignore',
  });
  const ended = once(child, 'exit');
  proxy.after(isIt, () => child.kill('SIGKILL'));
  const [code, signal] = await ended;
  proxy.after(null);
  return signal ?? code;
};
