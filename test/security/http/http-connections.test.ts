// What is sent to the server of a pond as bytes: requests that two readers would take apart differently, and very many connections.

import { connect, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { silentLogger } from '../../../src/adapters/logging/silent-logger.js';
import { memoryUserState } from '../../../src/adapters/memory/memory-user-state.js';
import { nodeHttpServer } from '../../../src/adapters/node/network/node-http-server.js';
import { livePorts } from '../../../src/live-ports.js';
import { createMemoryPond, type MemoryPond } from '../../../src/memory-pond.js';
import { type ServedHttp, serveHttp } from '../../../src/serve/http/serve-http.js';
import { ON_LOOPBACK, shownPond } from '../../serve/http/asking.js';

/** Connections that are opened at once, and in all. */
const AT_ONCE = 500;
const CONNECTIONS = 10_000;

let pond: MemoryPond;
let served: ServedHttp;
const sockets: Socket[] = [];

beforeAll(async () => {
  pond = await createMemoryPond();
  const ports = { ...livePorts(silentLogger), userState: memoryUserState(), server: nodeHttpServer };
  const started = await serveHttp(ports, [shownPond(pond.steward)], ON_LOOPBACK)();
  if (started._tag === 'Left') throw new Error(JSON.stringify(started.left));
  served = started.right;
});
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});
afterAll(async () => {
  await served.close(0)();
  await pond.promises.close();
});

const opened = (): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect(served.port, '127.0.0.1', () => resolve(socket));
    socket.on('error', reject);
    socket.resume();
    sockets.push(socket);
  });

/** Sends bytes, and returns all that is said until the connection is closed. */
const said = async (bytes: string): Promise<string> => {
  const socket = await opened();
  let text = '';
  socket.on('data', (chunk) => (text += chunk.toString('utf8')));
  const closed = new Promise((resolve) => socket.on('close', resolve));
  socket.write(bytes);
  await closed;
  return text;
};

const head = (more: string, body = ''): string =>
  `POST /api/v1/ponds/pond/dismiss HTTP/1.1\r\nHost: 127.0.0.1:${served.port}\r\nAuthorization: Bearer ${served.token}\r\nContent-Type: application/json\r\nConnection: close\r\n${more}\r\n${body}`;

const HIDDEN = 'GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';

describe('a request that could be taken apart in two ways is refused, and what is hidden in it is never one', () => {
  test.each([
    ['two lengths', () => head('Content-Length: 2\r\nContent-Length: 60\r\n', `{}${HIDDEN}`)],
    [
      'a length and pieces',
      () => head('Content-Length: 60\r\nTransfer-Encoding: chunked\r\n', `0\r\n\r\n${HIDDEN}`),
    ],
    ['pieces that are not', () => head('Transfer-Encoding: chunked, identity\r\n', `0\r\n\r\n${HIDDEN}`)],
    ['a length with a sign', () => head('Content-Length: +2\r\n', `{}${HIDDEN}`)],
    ['a length as a list', () => head('Content-Length: 2, 2\r\n', `{}${HIDDEN}`)],
    ['a space before a colon', () => head('Content-Length : 2\r\n', `{}${HIDDEN}`)],
    ['a line that goes on', () => head('X: a\r\n Content-Length: 2\r\n', HIDDEN)],
    ['a bare end of line', () => head('X: a\nContent-Length: 2\r\n', `{}${HIDDEN}`)],
    ['a piece of odd length', () => head('Transfer-Encoding: chunked\r\n', `2;x\n{}\r\n0\r\n\r\n${HIDDEN}`)],
  ])('%s', async (_, request) => {
    const text = await said(request());
    expect(text).toMatch(/^(HTTP\/1\.1 400|$)/);
    expect(text).not.toContain('alive');
  });
});

test('a body is read as far as it says, and what follows it is another request', async () => {
  const body = '{"task":"1","reason":"x"}';
  const text = await said(head(`Content-Length: ${body.length}\r\n`, body));
  expect(text).toMatch(/^HTTP\/1\.1 (200|404|409) /);
});

test('whoever has the token is answered while ten thousand connections say nothing, or say it slowly', async () => {
  const failed = { count: 0 };
  for (let made = 0; made < CONNECTIONS; made += AT_ONCE) {
    const some = await Promise.allSettled(Array.from({ length: AT_ONCE }, opened));
    failed.count += some.filter(({ status }) => status === 'rejected').length;
    // Half of them begin a request that never ends.
    for (const [at, one] of some.entries())
      if (one.status === 'fulfilled' && at % 2 === 0) one.value.write('GET / HTTP/1.1\r\nHost: ');
    const answer = await fetch(`http://127.0.0.1:${served.port}/api/v1/ponds/pond/status`, {
      headers: { authorization: `Bearer ${served.token}`, connection: 'close' },
    });
    expect(answer.status).toBe(200);
    await answer.arrayBuffer();
  }
  expect(failed.count).toBeLessThan(CONNECTIONS / 2);
  await expect.poll(() => sockets.filter(({ destroyed }) => !destroyed).length).toBeLessThanOrEqual(256);
}, 300_000);
