// What others have reported of their clients of S3, as the answers of a server.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { type Either, isLeft } from 'fp-ts/lib/Either.js';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { objectStores } from '../../src/adapters/stores/open-store.js';
import { storeDirectory } from '../../src/live-ports.js';
import { NO_TELEMETRY } from '../../src/ports/no-telemetry.js';
import type { ObjectStore } from '../../src/ports/object-store.js';
import { type ReliableStore, reliableStore } from '../../src/stores/reliable-store.js';
import { describeStoreError, type StoreError } from '../../src/stores/store-error.js';

type Answer = (response: ServerResponse, request: IncomingMessage) => void;

const answers: Answer[] = [];
const requests: IncomingMessage[] = [];
/** The answers that are given one after another, and then nothing but successes. */
const server = createServer((request, response) => {
  request.resume().on('end', () => {
    requests.push(request);
    const answer = answers.shift() ?? ((to) => to.writeHead(200, { etag: '"e"' }).end('content'));
    answer(response, request);
  });
});
const xml = (code: string, message: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`;
const refuse =
  (status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}): Answer =>
  (response) =>
    void response.writeHead(status, headers).end(xml(code, message));

let endpoint = '';
let opened: ObjectStore;

beforeAll(async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'key-of-a-test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'what-nobody-else-says');
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(async () => {
  // With a slash at its end, as people copy it from a browser.
  const store = await objectStores({ directory: storeDirectory, variables: {} }).open({
    url: 's3://bucket/pre fix+50%/ü',
    endpoint: `${endpoint}/`,
  })();
  if (isLeft(store)) throw new Error(store.left.problem);
  opened = store.right;
});
afterEach(() => {
  opened.close();
  answers.length = 0;
  requests.length = 0;
});
afterAll(async () => {
  vi.unstubAllEnvs();
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
});

const patient = (): ReliableStore =>
  reliableStore(opened, {
    random: { fraction: () => 0 },
    telemetry: NO_TELEMETRY,
    trace: null,
    signal: new AbortController().signal,
    clock: {
      nowMicros: () => 0,
      monotonicMs: () => 0,
      giveWay: async () => undefined,
      sleep: (milliseconds, signal) =>
        milliseconds < 30_000
          ? Promise.resolve()
          : new Promise((ended) => signal?.addEventListener('abort', () => ended())),
    },
  });

const said = (outcome: Either<StoreError, unknown>): string =>
  isLeft(outcome) ? describeStoreError(outcome.left) : 'done';

const content = Buffer.from('content');

test('a clock that differs too much is corrected by the time of the store, and the request made again', async () => {
  const ahead = new Date(Date.now() + 3_600_000);
  const skewed = refuse(403, 'RequestTimeTooSkewed', 'The difference is too large.', {
    date: ahead.toUTCString(),
  });
  answers.push(skewed);
  const store = patient();
  expect(said(await store.put({ key: 'a', content })())).toBe('done');
  expect(said(await store.put({ key: 'b', content })())).toBe('done');
  const hours = requests.map(({ headers }) => String(headers['x-amz-date']).slice(0, 11));
  const hourOf = (date: Date): string => date.toISOString().replaceAll('-', '').slice(0, 11);
  expect(hours).toEqual([expect.any(String), hourOf(ahead), hourOf(ahead)]);
  // A list goes another way, and has the same time.
  answers.push((response) =>
    response.writeHead(200).end('<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>'),
  );
  expect(said(await store.list({ prefix: '' })())).toBe('done');
  expect(String(requests.at(-1)?.headers['x-amz-date']).slice(0, 11)).toBe(hourOf(ahead));
});

test('a store that says to slow down is asked again, whatever is asked for', async () => {
  const slow = refuse(503, 'SlowDown', 'Please reduce your request rate.');
  const store = patient();
  for (const call of [
    () => store.put({ key: 'a', content }),
    () => store.get({ key: 'a' }),
    () => store.head('a'),
  ]) {
    answers.push(slow, slow, slow, slow);
    expect(said(await call()())).toBe('done');
  }
  expect(requests).toHaveLength(15);
});

test.each(['RequestTimeout', 'IncompleteBody', 'BadDigest', 'XAmzContentSHA256Mismatch'])(
  'a body that was slow, cut or changed on its way is sent again (%s)',
  async (code) => {
    answers.push(refuse(400, code, 'The body did not arrive as it was sent.'));
    expect(said(await patient().put({ key: 'a', content })())).toBe('done');
    expect(requests).toHaveLength(2);
  },
);

test('an error of which the page is long, or breaks off, is what its status says', async () => {
  const store = patient();
  answers.push((response) => response.writeHead(503).end('x'.repeat(200_000)));
  answers.push((response) => {
    response.writeHead(503, { 'content-length': '9' }).write('x', () => response.destroy());
  });
  expect(said(await store.get({ key: 'a' })())).toBe('done');
  expect(requests).toHaveLength(3);
});

test('credentials that were missing are looked for again', async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', '');
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
  const store = patient();
  expect(said(await store.get({ key: 'a' })())).toMatch(/no credentials|credentials/);
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'key-of-a-test');
  expect(said(await store.get({ key: 'a' })())).toBe('done');
});

test('a bucket of another region is an error that names the region, whether or not the answer has a body', async () => {
  const store = patient();
  const headers = { 'x-amz-bucket-region': 'eu-west-1' };
  answers.push(refuse(301, 'PermanentRedirect', 'The bucket must be addressed otherwise.', headers));
  expect(said(await store.put({ key: 'a', content })())).toContain('--region eu-west-1');
  answers.push((response) => response.writeHead(301, headers).end());
  expect(said(await store.head('a')())).toContain('--region eu-west-1');
  answers.push(refuse(301, 'PermanentRedirect', 'The bucket must be addressed otherwise.', headers));
  expect(said(await store.list({ prefix: 'a' })())).toContain('--region eu-west-1');
  answers.push(
    refuse(307, 'TemporaryRedirect', 'Please re-send.', { location: 'http://elsewhere.example/' }),
  );
  expect(said(await store.put({ key: 'a', content })())).toContain('http://elsewhere.example');
  expect(requests).toHaveLength(4);
});

test('credentials that have expired are not tried again, and the error says what to do', async () => {
  answers.push(refuse(400, 'ExpiredToken', 'The provided token has expired.'));
  expect(said(await patient().put({ key: 'a', content })())).toMatch(/has expired.*new credentials/);
  expect(requests).toHaveLength(1);
});

test('a store that does not know conditional writes is told apart from one that is out of order', async () => {
  answers.push(refuse(501, 'NotImplemented', 'A header you provided implies functionality.'));
  const outcome = await patient().put({ key: 'a', content, condition: { _tag: 'Absent' } })();
  expect(said(outcome)).toMatch(/conditional writes/);
  expect(requests).toHaveLength(1);
});

test('an answer that was compressed on its way is an error, and never taken for the object', async () => {
  const compressed: Answer = (response) =>
    void response.writeHead(200, { 'content-encoding': 'gzip', etag: '"e"' }).end(gzipSync('content'));
  answers.push(compressed);
  expect(said(await patient().get({ key: 'a' })())).toMatch(/gzip/);
  expect(requests[0]?.headers['accept-encoding']).toBe('identity');
});

test('a whole answer that has less than its length is asked for again', async () => {
  const cut: Answer = (response) => {
    response.writeHead(200, { 'content-length': '7', etag: '"e"' }).write('con', () => response.destroy());
  };
  answers.push(cut, cut);
  const got = await patient().get({ key: 'a' })();
  expect(isLeft(got) ? said(got) : Buffer.from(got.right.content).toString()).toBe('content');
});

test('an error of a proxy is told as that, and its login page is never an object that was put', async () => {
  answers.push((response) =>
    response.writeHead(407, { 'content-type': 'text/html' }).end('<html>Proxy Authentication Required'),
  );
  expect(said(await patient().put({ key: 'a', content })())).toMatch(/407.*proxy/);
  answers.push((response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Log in'));
  expect(said(await patient().put({ key: 'a', content })())).toMatch(/not one of a store/);
});

test('keys and prefixes with spaces, signs and letters of all languages are sent as what they are', async () => {
  await patient().put({ key: "a b+c%2F?#&='(ü)/€.txt", content })();
  const { pathname, search } = new URL(requests[0]?.url ?? '', endpoint);
  expect(decodeURIComponent(pathname)).toBe("/bucket/pre fix+50%/ü/a b+c%2F?#&='(ü)/€.txt");
  expect(search).toBe('');
});

test('credentials with a line break in them, as they are read from a file, are an error that says so and does not show them', async () => {
  vi.stubEnv('AWS_SESSION_TOKEN', 'what-nobody-else-says\nat all');
  const outcome = await objectStores({ directory: storeDirectory, variables: {} }).open({
    url: 's3://bucket/pond',
    endpoint,
  })();
  if (isLeft(outcome)) throw new Error(outcome.left.problem);
  const text = said(await outcome.right.put({ key: 'a', content }, new AbortController().signal)());
  vi.stubEnv('AWS_SESSION_TOKEN', undefined);
  outcome.right.close();
  expect(text).toMatch(/credentials.*line break/);
  expect(text).not.toContain('what-nobody');
});

test.each([
  [{ AWS_REGION: '', AWS_DEFAULT_REGION: '', AWS_ENDPOINT_URL: '' }, null],
  [{ AWS_ENDPOINT_URL: 'localhost:9000' }, /AWS_ENDPOINT_URL is not an address like/],
  [{ AWS_ENDPOINT_URL_S3: '', AWS_ENDPOINT_URL: 'file:///etc' }, /AWS_ENDPOINT_URL is not an address/],
  [{ AWS_ENDPOINT_URL_S3: 'https://me:hidden@host' }, /credentials .* in AWS_ENDPOINT_URL_S3$/],
])(
  'of variables an empty one is not set, and one that is not an address is named (%j)',
  async (variables, problem) => {
    const outcome = await objectStores({ directory: storeDirectory, variables }).open({
      url: 's3://bucket/x',
    })();
    if (!isLeft(outcome)) outcome.right.close();
    if (problem === null) expect(isLeft(outcome)).toBe(false);
    else expect(outcome).toMatchObject({ left: { problem: expect.stringMatching(problem) } });
    expect(JSON.stringify(isLeft(outcome) ? outcome.left : '')).not.toContain('hidden');
  },
);

test('an endpoint with a password in it is refused without showing it', async () => {
  for (const other of ['https://me:hidden@host', 'https://me:hidden@host/path'])
    expect(
      await objectStores({ directory: storeDirectory, variables: {} }).open({
        url: 's3://bucket/x',
        endpoint: other,
      })(),
    ).toMatchObject({ left: { problem: 'credentials come from the environment, not from an endpoint' } });
});

test('a store whose answer to the end of an upload says nothing is believed where the object is there, and not where it is not', async () => {
  const parts = [{ number: 1, size: 7, etag: '"e"' }];
  const complete = (key: string) => patient().uploads.complete({ key, id: 'x' }, parts, null)();
  const silent: Answer = (response) =>
    response.writeHead(200).end('<CompleteMultipartUploadResult></CompleteMultipartUploadResult>');
  const headOf =
    (size: string): Answer =>
    (response) =>
      response.writeHead(200, { etag: '"e"', 'content-length': size }).end();
  answers.push(silent, headOf('7'));
  expect(said(await complete('a'))).toBe('done');
  answers.push(silent, headOf('5'));
  expect(said(await complete('b'))).toMatch(/not one of a store/);
});
