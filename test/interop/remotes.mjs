// Remotes with other people's stores and readers: moto and versitygw as S3 stores, on which the guarantees of stores and all that
// is done with a remote are tried; delta-rs opens a bucket, and DuckDB a directory, that was pushed to; s3rver, which ignores
// conditions, is refused.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { DuckDBInstance } from '@duckdb/node-api';
import { installVersitygw } from './install-versitygw.mjs';
import { compareJumps } from './remote-jumps.mjs';
import { compareLife } from './remote-life.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '../..');
export const environment = {
  ...process.env,
  AWS_ACCESS_KEY_ID: 'S3RVER',
  AWS_SECRET_ACCESS_KEY: 'S3RVER',
  AWS_REGION: 'us-east-1',
};

export const PACKAGES = [
  ...['deltalake==1.6.6', 'pyarrow==26.0.1', 'moto[server]==5.2.5'],
  ...['duckdb==1.5.5', 'duckdb-extension-delta==1.5.5'],
];

/** `pythonWith` makes a Python with packages, once. */
export const compareRemotes = async ({ check }, pythonWith) => {
  if (!existsSync(join(root, 'dist/pond.cjs'))) throw new Error('dist/pond.cjs is missing: npm run build');
  const python = pythonWith(PACKAGES);
  const directory = mkdtempSync(join(tmpdir(), 'pond-interop-remotes-'));
  const env = { ...environment, POND_STATE_DIR: join(directory, 'state'), POND: join(directory, 'pond') };
  // The commits that are made by the library are this user's, too.
  process.env.POND_STATE_DIR = env.POND_STATE_DIR;
  const pond = (...args) =>
    execFileSync(process.execPath, [join(root, 'dist/pond.cjs'), ...args], { env, encoding: 'utf8' });
  try {
    await withServer(
      python,
      (port) => ['-m', 'moto.server', '-H', '127.0.0.1', '-p', `${port}`],
      async (endpoint) => {
        await makeBucket(endpoint);
        runGuarantees('moto', endpoint, check);
        writePond(pond, directory);
        pond('remote', 'add', 'moto', 's3://pond-bucket/pond', '--endpoint', endpoint);
        pond('remote', 'add', 'disk', `file://${directory}/remote`);
        pond('remote', 'probe', 'moto');
        pond('push');
        await compareReaders(python, endpoint, directory, pond, check, 'stepwise');
        for (let count = 0; count < 12; count += 1) pond('mkdir', `/more-${count}`);
        pond('maintain', '--retention', '0s');
        pond('push');
        await compareReaders(python, endpoint, directory, pond, check, 'after a jump');
        const { content_root: own } = JSON.parse(pond('fsck', '--json'));
        const restored = join(directory, 'restored');
        const fetched = pond('restore', 's3://pond-bucket/pond', restored, '--endpoint', endpoint, '--json');
        check('a pond restored from moto has the same content root', JSON.parse(fetched).content_root, own);
        await compareJumps({ check }, { python, endpoint, directory, env });
        await compareLife({ check }, { name: 'moto', endpoint, directory, env });
      },
    );
    await refuseCareless(directory, env, check);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
};

const writePond = (pond, directory) => {
  pond('init');
  writeFileSync(join(directory, 'small.csv'), 'a,b\n1,2\n');
  writeFileSync(join(directory, 'large.bin'), Buffer.alloc(20 * 1024 * 1024, 'pond'));
  pond('copy', `host://${directory}/small.csv`, `host://${directory}/large.bin`, '/in/');
};

/** Tries the guarantees of stores, and all that is done with a remote, on versitygw, where Go can build it. */
export const compareVersitygw = async ({ check }) => {
  const installed = installVersitygw();
  if ('problem' in installed) {
    console.log(`versitygw cannot be had here and is NOT TRIED: ${installed.problem}`);
    return false;
  }
  const directory = mkdtempSync(join(tmpdir(), 'pond-interop-versitygw-'));
  const env = { ...environment, POND_STATE_DIR: join(directory, 'state'), POND: join(directory, 'pond') };
  const pond = (...args) =>
    execFileSync(process.execPath, [join(root, 'dist/pond.cjs'), ...args], { env, encoding: 'utf8' });
  const data = join(directory, 'data');
  mkdirSync(data);
  try {
    await withServer(
      installed.program,
      (port) => ['--access', 'S3RVER', '--secret', 'S3RVER', '--port', `127.0.0.1:${port}`, 'posix', data],
      async (endpoint) => {
        await makeBucket(endpoint);
        runGuarantees('versitygw', endpoint, check);
        writePond(pond, directory);
        pond('remote', 'add', 'versity', 's3://pond-bucket/pond', '--endpoint', endpoint);
        pond('remote', 'probe', 'versity');
        pond('push');
        const { content_root: own } = JSON.parse(pond('fsck', '--json'));
        const restored = join(directory, 'restored');
        const fetched = pond('restore', 's3://pond-bucket/pond', restored, '--endpoint', endpoint, '--json');
        check(
          'a pond restored from versitygw has the same content root',
          JSON.parse(fetched).content_root,
          own,
        );
        await compareLife({ check }, { name: 'versitygw', endpoint, directory, env });
      },
    );
    return true;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
};

const runGuarantees = (name, endpoint, check) => {
  let said = 'passed';
  try {
    execFileSync(join(root, 'node_modules/.bin/vitest'), ['run', 'test/stores/stores.test.ts'], {
      cwd: root,
      encoding: 'utf8',
      env: { ...environment, POND_TEST_S3: `${endpoint} pond-bucket` },
    });
  } catch (error) {
    said = `${error.stdout}${error.stderr}`;
  }
  check(`the guarantees of stores hold for ${name}`, said, 'passed');
};

const READ = `
import os, sys, json
from deltalake import DeltaTable
url, endpoint = sys.argv[1:]
options = {"AWS_ENDPOINT_URL": endpoint, "AWS_ALLOW_HTTP": "true"} if endpoint else None
table = DeltaTable(url, storage_options=options)
rows = table.to_pyarrow_table(columns=["node_id", "version", "txn_seq", "sha256"]).to_pylist()
rows.sort(key=lambda row: (row["txn_seq"], row["node_id"], row["version"]))
print(json.dumps({"version": table.version(), "rows": rows, "files": table.file_uris()}), flush=True)
# Threads of the two libraries may abort the interpreter while it tidies up.
os._exit(0)
`;

const compareReaders = async (python, endpoint, directory, pond, check, when) => {
  const read = (url, at = '') =>
    JSON.parse(execFileSync(python, ['-c', READ, url, at], { env: environment, encoding: 'utf8' }));
  const own = read(join(directory, 'pond/data'));
  const there = read('s3://pond-bucket/pond', endpoint);
  check(`delta-rs sees the pond's version in the bucket, ${when}`, there.version, own.version);
  check(
    `delta-rs sees the pond's rows in the bucket, ${when}`,
    JSON.stringify(there.rows),
    JSON.stringify(own.rows),
  );
  const { last_txn_seq: newest } = JSON.parse(pond('status', '--json'));
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const files = read(join(directory, 'remote')).files.map((file) => `'${file.replace('file://', '')}'`);
  const result = await connection.runAndReadAll(
    `select max(txn_seq)::integer as newest, count(*)::integer as rows from read_parquet([${files.join(', ')}])`,
  );
  const [seen] = result.getRowObjectsJson();
  check(
    `DuckDB reads the directory that was pushed to, ${when}`,
    JSON.stringify(seen),
    JSON.stringify({ newest, rows: own.rows.length }),
  );
};

const refuseCareless = async (directory, env, check) => {
  const cache = join(root, 'node_modules/.cache/interop-s3rver');
  if (!existsSync(join(cache, 'node_modules/s3rver'))) {
    mkdirSync(cache, { recursive: true });
    execFileSync('npm', ['install', '--no-audit', '--no-fund', '--prefix', cache, 's3rver@3.7.1'], {
      stdio: 'inherit',
    });
  }
  const data = join(directory, 's3rver');
  mkdirSync(data);
  const program = join(cache, 'node_modules/s3rver/bin/s3rver.js');
  await withServer(
    process.execPath,
    (port) => [program, '-d', data, '-p', `${port}`, '-a', '127.0.0.1', '--configure-bucket', 'pond-bucket'],
    (endpoint) => {
      const pond = (...args) => {
        try {
          return execFileSync(process.execPath, [join(root, 'dist/pond.cjs'), ...args], {
            env,
            encoding: 'utf8',
            stdio: 'pipe',
          });
        } catch (error) {
          return error.stderr;
        }
      };
      pond('remote', 'add', 'careless', 's3://pond-bucket/pond', '--endpoint', endpoint);
      check(
        's3rver, which ignores conditions, is refused by the probe',
        pond('remote', 'probe', 'careless').includes('ignores the conditions'),
        true,
      );
      check('and by the first push', pond('push', 'careless').includes('ignores the conditions'), true);
    },
  );
};

export const makeBucket = async (endpoint) => {
  const client = new S3Client({
    endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' },
  });
  await client.send(new CreateBucketCommand({ Bucket: 'pond-bucket' }));
  client.destroy();
};

const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

/** Runs `use` with the address of a server that is started for it, and ended with it. */
export const withServer = async (program, argumentsFor, use) => {
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const server = spawn(program, argumentsFor(port), { stdio: 'ignore', env: environment });
  try {
    for (let tries = 0; tries < 300; tries += 1) {
      const answered = await fetch(endpoint).catch(() => null);
      if (answered !== null) return await use(endpoint);
      await pause(100);
    }
    throw new Error(`${program} did not answer within 30 s`);
  } finally {
    server.kill();
  }
};
