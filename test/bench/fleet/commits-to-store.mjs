// Commits of one writer beside the bare requests and transactions that they are made of; what a machine asks a store that comes to a pond of many commits.
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createSocketServer } from 'node:net';
import { join, relative } from 'node:path';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { builtVersitygw } from '../../interop/install-versitygw.mjs';
import { mean, median, ms, settled, times } from '../machinery/measure.mjs';
import { controlOf, until } from './shared-pond.mjs';

const COMMITS = 40;
const OPENED_AFTER = Number(process.env.POND_BENCH_COMMITS ?? 1_000);
/** Bytes of a blob, a data file and a log entry. */
const SIZES = [70_000, 3_000, 1_500];

const KEYS = { AWS_ACCESS_KEY_ID: 'bench', AWS_SECRET_ACCESS_KEY: 'bench', AWS_REGION: 'us-east-1' };

/** Makes in turn a commit, and what it is made of, bare and one after the other. */
export const measureCommits = async ({ Steward, scratch, client, url }, row) => {
  Object.assign(process.env, KEYS);
  const program = builtVersitygw();
  if (program === null) {
    const how = 'versitygw is built by npm run test:interop -- --only versitygw';
    row('commits of one writer to a store', 'not measured', '>= 0.9 x', how);
    return;
  }
  const store = await startStore(program, scratch);
  const s3 = new S3Client({ endpoint: store.endpoint, forcePathStyle: true });
  try {
    await s3.send(new CreateBucketCommand({ Bucket: 'bench' }));
    process.env.POND_STATE_DIR = join(scratch, 'commits-state');
    const options = {
      endpoint: store.endpoint,
      cache: join(scratch, 'commits-cache'),
      control: controlOf(url),
    };
    await settled(Steward.init('s3://bench/pond', options));
    const pond = await settled(Steward.open('s3://bench/pond', options));
    await client.query('CREATE TABLE public.bare (id BIGINT GENERATED ALWAYS AS IDENTITY, what TEXT)');
    const [ours, bare, puts] = [[], [], []];
    for (let turn = 0; turn < COMMITS; turn += 1) {
      const begun = performance.now();
      const content = Buffer.alloc(SIZES[0], `${turn} `);
      await settled(pond.write(({ fs }) => fs.write(`/f${turn}.bin`, content)));
      const between = performance.now();
      await record(client, 'begin');
      const putting = performance.now();
      for (const [place, size] of SIZES.entries()) {
        const condition = place === 2 ? { IfNoneMatch: '*' } : {};
        const put = { Bucket: 'bench', Key: `bare/${place}/${turn}`, Body: Buffer.alloc(size, `${turn} `) };
        await s3.send(new PutObjectCommand({ ...put, ...condition }));
      }
      puts.push(performance.now() - putting);
      await record(client, 'data_committed', 'completed');
      bare.push(performance.now() - between);
      ours.push(between - begun);
    }
    await settled(pond.close());
    row(
      'commits of one writer, against the bare sum of their requests and transactions',
      times(median(bare) / median(ours)),
      '>= 0.9 x',
      `median ${ms(median(ours))}, beside ${ms(median(bare))}, of which three puts to versitygw ${ms(median(puts))}; mean ${ms(mean(ours))}, beside ${ms(mean(bare))}; ${COMMITS} commits of ${SIZES[0]} bytes`,
    );
  } finally {
    s3.destroy();
    await store.stop();
  }
};

/** One durable transaction, a record for each word. */
const record = async (client, ...words) => {
  await client.query('BEGIN');
  for (const word of words) await client.query('INSERT INTO public.bare (what) VALUES ($1)', [word]);
  await client.query('COMMIT');
};

/** Requests of a machine that has no copies, and opens a pond and reads a small file of it. */
export const measureOpening = async ({ Steward, scratch }, row) => {
  Object.assign(process.env, KEYS);
  process.env.POND_STATE_DIR = join(scratch, 'opening-state');
  const [folder, control] = [join(scratch, 'opening'), `file://${join(scratch, 'opening-control')}`];
  await settled(Steward.init(`file://${folder}`, { control, cache: join(scratch, 'opening-cache') }));
  const pond = await settled(
    Steward.open(`file://${folder}`, { control, cache: join(scratch, 'opening-cache') }),
  );
  for (let turn = 0; turn < OPENED_AFTER; turn += 1) {
    await settled(pond.write(({ fs }) => fs.write(`/f${turn % 100}.txt`, Buffer.from(`${turn}\n`))));
  }
  await settled(pond.close());
  const server = await serve(folder);
  try {
    const begun = performance.now();
    const options = { endpoint: server.endpoint, control, cache: join(scratch, 'opening-other') };
    const opened = await settled(Steward.open('s3://bench/pond', options));
    const asked = server.requests.length;
    const read = await settled(opened.read(({ fs }) => fs.readBytes('/f1.txt')));
    const took = performance.now() - begun;
    if (Buffer.from(read).toString() !== `${OPENED_AFTER - 99}\n`) throw new Error('it reads something else');
    await settled(opened.close());
    row(
      `opening after ${OPENED_AFTER} commits on a machine without copies`,
      `${asked} requests`,
      '<= 20',
      `${ms(took)} and ${server.requests.length} requests with reading a small file`,
    );
  } finally {
    await server.stop();
  }
};

/** Objects that lie in a directory, to be read only, under `/bench/pond/`. */
const serve = async (folder) => {
  const requests = [];
  const keys = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, path, name }) => `pond/${relative(folder, join(parentPath ?? path, name))}`)
    .sort();
  const pathOf = (key) => join(folder, key.slice('pond/'.length));
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    const url = new URL(request.url, 'http://localhost');
    if (url.searchParams.get('list-type') === '2') {
      const [prefix, after] = [
        url.searchParams.get('prefix') ?? '',
        url.searchParams.get('start-after') ?? '',
      ];
      const found = keys.filter((key) => key.startsWith(prefix) && key > after);
      const listed = found.slice(0, 1000).map((key) => {
        const { size } = statSync(pathOf(key));
        return `<Contents><Key>${key}</Key><Size>${size}</Size><ETag>"${size}"</ETag></Contents>`;
      });
      const more = found.length > 1000;
      const next = more ? `<NextContinuationToken>${found[999]}</NextContinuationToken>` : '';
      response.writeHead(200, { 'content-type': 'application/xml' });
      return response.end(
        `<ListBucketResult><IsTruncated>${more}</IsTruncated>${next}${listed.join('')}</ListBucketResult>`,
      );
    }
    const key = decodeURIComponent(url.pathname.slice('/bench/'.length));
    if (!keys.includes(key)) return response.writeHead(404).end('<Error><Code>NoSuchKey</Code></Error>');
    const content = readFileSync(pathOf(key));
    const range = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? '');
    const part = range === null ? content : content.subarray(Number(range[1]), Number(range[2]) + 1);
    const ranged =
      range === null ? {} : { 'content-range': `bytes ${range[1]}-${range[2]}/${content.length}` };
    response.writeHead(range === null ? 200 : 206, { etag: `"${content.length}"`, ...ranged });
    return response.end(request.method === 'HEAD' ? undefined : part);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${server.address().port}`,
    requests,
    stop: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
};

const startStore = async (program, scratch) => {
  const port = await freePort();
  const data = join(scratch, 'versitygw');
  mkdirSync(data);
  const args = ['--access', 'bench', '--secret', 'bench', '--port', `127.0.0.1:${port}`, 'posix', data];
  const child = spawn(program, args, { stdio: 'ignore' });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const endpoint = `http://127.0.0.1:${port}`;
  const reaches = () =>
    fetch(endpoint).then(
      () => true,
      () => false,
    );
  await until(reaches);
  return {
    endpoint,
    stop: () => {
      child.kill('SIGTERM');
      return ended;
    },
  };
};

const freePort = () =>
  new Promise((resolve, reject) => {
    const server = createSocketServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
