import { readFileSync } from 'node:fs';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { settableClock } from '../../../src/adapters/memory/settable-clock.js';
import { retryAfterMs } from '../../../src/factories/built-in/http/retry-after.js';
import {
  type Answering,
  answer,
  type HttpReceiver,
  httpReceiver,
} from '../../support/receivers/http-receiver.js';
import { messageOf, send } from './sending.js';

const open: { readonly close: () => Promise<void> }[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

const serverThat = async (answering: Answering): Promise<HttpReceiver> => {
  const server = await httpReceiver(answering);
  open.push(server);
  return server;
};

const outcomeOf = async (answering: Answering) => {
  const server = await serverThat(answering);
  const error = await send({ url: server.url, format: 'raw' });
  return { error, requests: server.requests().length, origin: new URL(server.url).origin };
};

test('every 2xx is success', async () => {
  for (const status of [200, 201, 202, 204]) expect((await outcomeOf(answer(status))).error).toBeNull();
});

test('a redirect is a failure and is never followed', async () => {
  const elsewhere = await serverThat(answer(200));
  for (const status of [301, 302, 303, 307, 308]) {
    const { error } = await outcomeOf(answer(status, { location: elsewhere.url }));
    expect(messageOf(error)).toContain(`answered ${status}, a redirect, which is not followed`);
  }
  expect(elsewhere.requests()).toEqual([]);
});

test('a failure names scheme and host, status and the beginning of what was said, on one line', async () => {
  const { error, origin } = await outcomeOf(answer(500, {}, `oh\nno\u202e ${'xxx '.repeat(3_000)}`));
  const message = messageOf(error);
  expect(message.startsWith(`${origin} answered 500: oh no xxx`)).toBe(true);
  expect(message.length).toBeLessThan(400);
  expect(message).not.toContain('/hook');
});

test('what will be answered the same the next time is not tried again', async () => {
  const retryableOf = async (status: number) => {
    const { error } = await outcomeOf(answer(status));
    return error?._tag === 'FactoryFailed' ? error.retryable !== false : null;
  };
  for (const status of [400, 401, 403, 404, 410, 422]) expect(await retryableOf(status)).toBe(false);
  for (const status of [408, 425, 429, 500, 502, 503, 504]) expect(await retryableOf(status)).toBe(true);
});

test('Retry-After is understood in both of its forms, and anything else counts for nothing', () => {
  const now = Date.UTC(2026, 0, 1) * 1000;
  expect(retryAfterMs('120', now)).toBe(120_000);
  expect(retryAfterMs(' 0 ', now)).toBe(0);
  expect(retryAfterMs('Thu, 01 Jan 2026 00:01:00 GMT', now)).toBe(60_000);
  expect(retryAfterMs('Thursday, 01-Jan-26 00:01:00 GMT', now)).toBe(60_000);
  expect(retryAfterMs('Thu Jan  1 00:01:00 2026', now)).toBe(60_000);
  expect(retryAfterMs('Wed, 31 Dec 2025 23:00:00 GMT', now)).toBe(0);
  for (const value of [undefined, '', '-1', '1.5', 'soon', '2026-01-01', 'Jan 1 2026']) {
    expect(retryAfterMs(value, now)).toBeNull();
  }
});

test('the wish of a server that wants to be asked later is in the failure', async () => {
  for (const status of [429, 503]) {
    const { error } = await outcomeOf(answer(status, { 'retry-after': '7' }));
    expect(error).toMatchObject({ retryAfterMs: 7_000 });
  }
});

test('a server that does not answer is given up at the timeout, and its connection is closed', async () => {
  const { clock, advance } = settableClock();
  let closed: Promise<void> = Promise.resolve();
  const server = await serverThat((response) => {
    closed = new Promise((resolve) => response.on('close', resolve));
  });
  const sending = send({ url: server.url, format: 'raw', timeout: '2s' }, {}, { clock });
  await server.received(1);
  await advance(2_000);
  expect(messageOf(await sending)).toBe(`${new URL(server.url).origin} no answer within 2 s`);
  await closed;
});

test('an interrupt ends the request', async () => {
  const server = await serverThat(() => undefined);
  const interrupt = new AbortController();
  const sending = send({ url: server.url, format: 'raw' }, { signal: interrupt.signal });
  await server.received(1);
  interrupt.abort();
  expect(messageOf(await sending)).toContain('interrupted');
});

test('a server that closes the connection has not accepted, and it is tried again', async () => {
  const { error } = await outcomeOf((response) => response.destroy());
  expect(messageOf(error)).toMatch(/socket hang up/);
  expect(error).not.toMatchObject({ retryable: false });
});

test('an answer without end is read up to a bound, and its status counts', async () => {
  let written = 0;
  const chunk = 'x'.repeat(65_536);
  const answering: Answering = (response) => {
    response.writeHead(200);
    const more = () => {
      while (!response.destroyed && written < 2 ** 30) {
        written += chunk.length;
        if (!response.write(chunk)) return void response.once('drain', more);
      }
    };
    more();
  };
  expect((await outcomeOf(answering)).error).toBeNull();
  expect(written).toBeLessThan(2 ** 26);
});

test('an answer that breaks off after its status counts as its status', async () => {
  const { error } = await outcomeOf((response) => {
    response.writeHead(200, { 'content-length': '10' });
    response.write('abc', () => response.destroy());
  });
  expect(error).toBeNull();
});

test('where nobody listens, or what listens does not speak HTTP, the failure says which host', async () => {
  const server = createServer((socket) => socket.resume().end('220 not http\r\n'));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}/`;
  expect(messageOf(await send({ url, format: 'raw' }))).toMatch(/^http:\/\/127\.0\.0\.1:\d+ .*Parse Error/);
  await new Promise<void>((closed) => server.close(() => closed()));
  expect(messageOf(await send({ url, format: 'raw' }))).toMatch(/ECONNREFUSED .*: nothing listens there$/);
});

test('a certificate that no trusted authority has signed is refused, and the failure says what names an authority', async () => {
  const server = createSecureServer({
    cert: readFileSync('test/fixtures/localhost-certificate.pem'),
    key: readFileSync('test/fixtures/localhost-key.pem'),
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  const error = await send({ url: `https://localhost:${port}/`, format: 'raw' });
  expect(messageOf(error)).toMatch(/self-signed certificate .*NODE_EXTRA_CA_CERTS=FILE/);
  await new Promise<void>((closed) => server.close(() => closed()));
});
