import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ms, settled, times } from './machinery/measure.mjs';
import { peakMemoryOf } from './machinery/processes.mjs';
import { processorTime } from './machinery/processor-time.mjs';
import { sized } from './machinery/sized.mjs';

const COMMITS = Number(process.env.POND_BENCH_COMMITS ?? sized(10_000, 2));
/** Entries that follow their files, and files at once, as a push does it. */
const BATCH = 200;
const FILES_AT_ONCE = 8;
/** Milliseconds that the store takes to answer: about what one in the same building does. */
const DELAY = 5;

const SERVER = fileURLToPath(new URL('machinery/object-server.mjs', import.meta.url));
const BARE_DOWNLOAD = fileURLToPath(new URL('machinery/bare-download.mjs', import.meta.url));
/** Bytes of one content that is pushed and restored. */
const LARGE = sized(1024 ** 3, 12 * 1024 ** 2);

/** A push of many small commits beside the same puts with nothing around them, the requests of a push of one, and one large content out and in. */
export const benchRemotes = async ({ pond: program, Steward }, scratch) => {
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret' });
  return [
    ...(await withServer(DELAY, (endpoint) => manyCommits(Steward, scratch, endpoint))),
    ...(await withServer(0, (endpoint) => oneLargeContent(program, Steward, scratch, endpoint))),
  ];
};

const withServer = async (delay, work) => {
  const server = spawn(process.execPath, [SERVER, String(delay)], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    return await work(
      await new Promise((said) => server.stdout.once('data', (data) => said(String(data).trim()))),
    );
  } finally {
    server.kill();
  }
};

const manyCommits = async (Steward, scratch, endpoint) => {
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
};

/** The memory of a push and of a restore of one content, and the restore's processor time beside that of a download of the same objects. */
const oneLargeContent = async (program, Steward, scratch, endpoint) => {
  const directory = join(scratch, 'remotes-large');
  await settled(Steward.init(directory));
  const pond = await settled(Steward.open(directory));
  await settled(pond.addRemote('large', { url: 's3://large/pond', endpoint }));
  await settled(pond.write(({ fs }) => fs.write('/large.bin', blocks())));
  await settled(pond.close());
  const pushed = peakMemoryOf([program, '--pond', directory, 'push', 'large']);
  const restore = (to) => ['restore', 's3://large/pond', join(scratch, to), '--endpoint', endpoint];
  const restored = peakMemoryOf([program, ...restore('remotes-restored')]);
  const took = processorTime([program, ...restore('remotes-restored-again')]);
  const bareDirectory = join(scratch, 'remotes-downloaded');
  mkdirSync(bareDirectory);
  const bare = processorTime([BARE_DOWNLOAD, `${endpoint}/large`, bareDirectory]);
  const size = `${LARGE / 1024 ** 2} MiB`;
  return [
    [`a push of ${size} to a bucket: peak memory`, `${pushed.toFixed(0)} MB`, '<= 150 MB', 'one content'],
    [`its restore: peak memory`, `${restored.toFixed(0)} MB`, '<= 150 MB', 'the same'],
    [
      `its restore: processor time`,
      times(took / bare),
      '',
      `${ms(took)}, beside ${ms(bare)} for a download of the same objects, one after another, into files that are durable; both with the start of a process`,
    ],
  ];
};

async function* blocks() {
  const block = randomBytes(1024 ** 2);
  for (let written = 0; written < LARGE; written += block.length) {
    block.writeBigUInt64LE(BigInt(written));
    yield Uint8Array.from(block);
  }
}

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
