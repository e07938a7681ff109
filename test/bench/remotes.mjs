import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { ms, settled, times } from './machinery/measure.mjs';
import { sized } from './machinery/sized.mjs';

const COMMITS = Number(process.env.POND_BENCH_COMMITS ?? sized(10_000, 2));
/** Entries that follow their files, and files at once, as a push does it. */
const BATCH = 200;
const FILES_AT_ONCE = 8;
/** Milliseconds that the store takes to answer: about what one in the same building does. */
const DELAY = 5;

/** Server with as much of S3 as a push needs, in a process of its own, over a store in memory: it costs both sides the same. */
const SERVER = `
  import { createServer } from 'node:http';
  const objects = new Map();
  const etag = (content) => '"' + content.length + '"';
  createServer(async (request, response) => {
    const url = new URL(request.url, 'http://localhost');
    const key = decodeURIComponent(url.pathname.slice(1));
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    await new Promise((resolve) => setTimeout(resolve, ${DELAY}));
    const there = objects.get(key);
    if (request.method === 'PUT') {
      if (request.headers['if-none-match'] === '*' && there !== undefined) return response.writeHead(412).end();
      const content = Buffer.concat(chunks);
      objects.set(key, content);
      return response.writeHead(200, { etag: etag(content) }).end();
    }
    if (request.method === 'DELETE') return objects.delete(key), response.writeHead(204).end();
    if (url.searchParams.get('list-type') === '2') {
      const bucket = key.replace(/\\/$/, '') + '/';
      const prefix = bucket + (url.searchParams.get('prefix') ?? '');
      const after = bucket + (url.searchParams.get('start-after') ?? '');
      const keys = [...objects.keys()].filter((name) => name.startsWith(prefix) && name > after).sort();
      const listed = keys.slice(0, 1000).map((name) => '<Contents><Key>' + name.slice(bucket.length) + '</Key><Size>' +
        objects.get(name).length + '</Size><ETag>' + etag(objects.get(name)).replaceAll('"', '&quot;') + '</ETag></Contents>');
      return response.writeHead(200).end('<ListBucketResult><IsTruncated>' + (keys.length > 1000) + '</IsTruncated>' + listed.join('') + '</ListBucketResult>');
    }
    if (there === undefined) return response.writeHead(404).end('<Error><Code>NoSuchKey</Code></Error>');
    response.writeHead(200, { etag: etag(there) }).end(there);
  }).listen(0, '127.0.0.1', function () { console.log('http://127.0.0.1:' + this.address().port); });
`;

/** A push of many small commits beside the same puts with nothing around them, and the requests of a push of one. */
export const benchRemotes = async ({ Steward }, scratch) => {
  const server = spawn(process.execPath, ['--input-type=module', '-e', SERVER], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const endpoint = await new Promise((said) =>
      server.stdout.once('data', (data) => said(String(data).trim())),
    );
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret' });
    const directory = join(scratch, 'remotes');
    await settled(Steward.init(directory));
    const pond = await settled(Steward.open(directory));
    await settled(pond.addRemote('bench', { url: 's3://bench/pond', endpoint }));
    const commit = (name) => settled(pond.write(({ fs }) => fs.write(`/${name}.txt`, randomBytes(100))));
    for (let count = 0; count < COMMITS; count += 1) await commit(`file-${count % 100}`);
    const begun = performance.now();
    const [pushed] = await settled(pond.push('bench'));
    const product = performance.now() - begun;
    const bare = await barePuts(endpoint, pushed);
    await commit('one-more');
    const [one] = await settled(pond.push('bench'));
    await settled(pond.close());
    return [
      [
        `a push of ${pushed.entries} versions`,
        times(product / bare),
        '<= 1.3 x',
        `${ms(product)}, beside ${ms(bare)} for bare puts of as many files and entries, ${FILES_AT_ONCE} files at once, to a store that answers after ${DELAY} ms; ${pushed.usage.requests} requests`,
      ],
      ['a push of one commit', `${one.usage.requests} requests`, '<= 4', 'a small commit, without a blob'],
    ];
  } finally {
    server.kill();
  }
};

/** Puts of the same number and of about the same size, in the order and with the concurrency of a push: files of a batch beside the entries of the one before. */
const barePuts = async (endpoint, { entries, dataFiles, usage }) => {
  const content = Buffer.alloc(Math.round(usage.bytesSent / (entries + dataFiles)), 'x');
  const agent = new Agent({ keepAlive: true, maxSockets: FILES_AT_ONCE + 1 });
  const put = (key) =>
    new Promise((done, failed) => {
      const sent = request(`${endpoint}/bare/${key}`, { agent, method: 'PUT' }, (response) => {
        response.resume().on('end', done);
      });
      sent.on('error', failed).end(content);
    });
  const begun = performance.now();
  const sendFiles = (from) => {
    const count = Math.max(0, Math.min(BATCH, entries - from));
    const files = Array.from({ length: count }, (_, index) => `part-${from + index}`).values();
    const worker = async () => {
      for (const key of files) await put(key);
    };
    return Promise.all(Array.from({ length: FILES_AT_ONCE }, worker));
  };
  await sendFiles(0);
  for (let from = 0; from < entries; from += BATCH) {
    const next = sendFiles(from + BATCH);
    for (let index = from; index < Math.min(entries, from + BATCH); index += 1) await put(`entry-${index}`);
    await next;
  }
  agent.destroy();
  return performance.now() - begun;
};
