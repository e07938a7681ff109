// What servers and buckets answer is shown to people like what is in a pond: nothing of it acts on their terminal, and no
// secret that was sent to them comes back in it.

import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type TempPond, tempPond } from '../../support/pond-cli.js';
import { callPond } from '../../support/pond-in-process.js';

const ACTS = /\p{Cc}|\p{Bidi_Control}|[\u2028\u2029]/u;
const EVIL = 'a\u001b[1A\u001b[2Kb\u202ec\u009b31md\re\nforged f';
const SECRET = 'correct-horse-battery';

let pond: TempPond;
let answer: RequestListener = (_request, response) => response.end();
const server = createServer((request, response) => answer(request, response));
let address = '';
const env = {
  AWS_ACCESS_KEY_ID: 'key',
  AWS_SECRET_ACCESS_KEY: SECRET,
  SERVER_TOKEN: SECRET,
};

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(async () => {
  pond = await tempPond(callPond);
});
afterEach(() => pond.remove());
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/** Runs commands, each of which fails, and looks at all that they say. */
const said = async (...commands: readonly (readonly string[])[]): Promise<string> => {
  let all = '';
  for (const args of commands) {
    const { code, stdout, stderr } = await callPond(args, { pond: pond.pond, env });
    expect([args, code]).not.toEqual([args, 0]);
    for (const line of `${stdout}\n${stderr}`.split('\n')) {
      const found = ACTS.test(line) || line.startsWith('forged') || line.includes(SECRET);
      expect([args, line, found]).toEqual([args, line, false]);
    }
    all += `${stdout}${stderr}`;
  }
  return all;
};

const xml = (text: string) => text.replace(/[<>&\p{Cc}]/gu, (character) => `&#${character.charCodeAt(0)};`);

/** `npm run test:security` tries every command; `npm test` two of them. */
const isWhole = process.env.POND_TEST_SECURITY === 'whole';

const ofRemote = () => [
  ['push'],
  ['replicate', 's3://bucket/x', `${pond.host}/replica`, '--endpoint', address],
  ...(isWhole
    ? [
        ['verify'],
        ['remote', 'probe', 'r'],
        ['restore', 's3://bucket/x', `${pond.host}/restored`, '--endpoint', address],
      ]
    : []),
];

test('errors of a bucket, with whatever words and codes', async () => {
  await pond.run(['remote', 'add', 'r', 's3://bucket/x', '--endpoint', address], { env });
  answer = (request, response) => {
    request.resume();
    response.writeHead(403, { 'content-type': 'application/xml' });
    response.end(
      `<Error><Code>${xml(EVIL)}</Code><Message>${xml(`${EVIL} ${SECRET}`)}</Message><Key>${xml(EVIL)}</Key></Error>`,
    );
  };
  expect(await said(...ofRemote())).toContain('\\x1b[2K');
});

test('entries of a log that are none', async () => {
  await pond.run(['remote', 'add', 'r', 's3://bucket/x', '--endpoint', address], { env });
  answer = (request, response) => {
    request.resume();
    if (request.method === 'GET' && request.url?.includes('list-type')) {
      const key = 'x/_delta_log/00000000000000000000.json';
      response.end(
        `<ListBucketResult><Contents><Key>${key}</Key><Size>9</Size><ETag>${xml(EVIL)}</ETag></Contents></ListBucketResult>`,
      );
    } else response.end(`{"${EVIL}": ${EVIL} ${SECRET}`);
  };
  await said(...ofRemote());
});

test('what an API answers to a collector, its next address and its redirects', async () => {
  const config = {
    url: `${address}/readings?key=\${env:SERVER_TOKEN}`,
    headers: { authorization: `Bearer \${env:SERVER_TOKEN}` },
    into: '/x.series',
    as: 'series',
    time_column: 'time',
    rows: 'rows',
    page: { next: 'next' },
  };
  await pond.run(['mknod', 'http-collect', '/etc/collect.d/x', '--config', JSON.stringify(config)], { env });
  const answers: RequestListener[] = [
    (request, response) => {
      response.statusCode = 403;
      response.end(`${EVIL} ${request.url} ${request.headers.authorization}`);
    },
    (_request, response) => response.end(JSON.stringify({ [EVIL]: 1, [SECRET]: 2 })),
    (_request, response) =>
      response.end(JSON.stringify({ rows: [{ time: EVIL }], next: `http://${SECRET}.example.org/${EVIL}` })),
    (_request, response) => response.end(JSON.stringify({ rows: [{ time: 1 }], next: `http://[${EVIL}` })),
    (_request, response) => {
      response.writeHead(302, { location: `http://other.example.org/?${SECRET}` });
      response.end();
    },
    (_request, response) => response.end(`${EVIL}${SECRET}`),
  ];
  for (const one of answers) {
    answer = (request, response) => {
      request.resume();
      one(request, response);
    };
    await said(['run', '/etc/collect.d/x']);
  }
});
