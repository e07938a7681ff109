import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { memoryUserState } from '../../../src/adapters/memory/memory-user-state.js';
import { settableClock } from '../../../src/adapters/memory/settable-clock.js';
import { uuidIds } from '../../../src/adapters/node/uuid-ids.js';
import { createMemoryPond, type MemoryPond } from '../../../src/memory-pond.js';
import { userToken } from '../../../src/serve/http/access.js';
import { listenAddress, originsOf } from '../../../src/serve/http/listen-address.js';
import { ROUTES } from '../../../src/serve/http/routes.js';
import { type Asking, asking, ORIGIN, PORT, shownPond } from './asking.js';

let pond: MemoryPond;
let here: Asking;

beforeAll(async () => {
  pond = await createMemoryPond();
  await pond.promises.write(({ fs }) => fs.write('/hello.txt', Buffer.from('hello\n')));
  here = asking([shownPond(pond.steward)]);
});
afterAll(() => pond.promises.close());

const STATUS = '/api/v1/ponds/pond/status';

/** Addresses of all routes, with something in the place of each part. */
const addresses = ROUTES.map(({ method, path }) => ({
  method,
  target: `/api/v1${path.replace('{pond}', 'pond').replace('{txn_seq}', '1').replace('{factory}', 'command')}`,
}));

describe('who may ask', () => {
  test.each([
    ...addresses,
    { method: 'GET', target: '/metrics' },
    { method: 'GET', target: '/api/v1/openapi.json' },
  ])('nobody without the token: $method $target', async ({ method, target }) => {
    const { status, json } = await here.ask(method, target, {
      headers: {},
      body: method === 'POST' ? {} : undefined,
    });
    expect(status).toBe(401);
    expect(json.error.tag).toBe('NotAuthenticated');
  });

  test.each([
    ['another token', () => ({ authorization: 'Bearer AAAA' })],
    ['an empty token', () => ({ authorization: 'Bearer ' })],
    ['the token as a password', () => ({ authorization: `Basic ${here.access.token}` })],
    ['the cookie alone', () => ({ cookie: here.ofPage.cookie ?? '' })],
    ['the key of the page alone', () => ({ 'x-pond-key': here.access.pageKey })],
    [
      'the token in the place of the cookie',
      () => ({ ...here.ofPage, cookie: `${here.access.cookieName}=${here.access.token}` }),
    ],
    ['the cookie in the place of the key', () => ({ ...here.ofPage, 'x-pond-key': here.access.cookie })],
    ["another port's cookie", () => ({ ...here.ofPage, cookie: `pond-1=${here.access.cookie}` })],
  ])('%s opens nothing', async (_, headers) => {
    expect((await here.ask('GET', STATUS, { headers: headers() })).status).toBe(401);
  });

  test('the token opens, and so do the cookie and the key of the page together', async () => {
    expect((await here.ask('GET', STATUS)).status).toBe(200);
    expect((await here.ask('GET', STATUS, { headers: here.ofPage })).status).toBe(200);
  });

  test('the page gets its cookie and its key for the token, and for nothing else', async () => {
    const wrong = await here.ask('POST', '/api/v1/session', { headers: {}, body: { token: 'x' } });
    expect(wrong.status).toBe(401);
    expect(wrong.headers['set-cookie']).toBeUndefined();
    const given = await here.ask('POST', '/api/v1/session', {
      headers: {},
      body: { token: here.access.token },
    });
    expect(given.json.key).toBe(here.access.pageKey);
    const cookie = given.headers['set-cookie'] ?? '';
    expect(cookie).toMatch(/; HttpOnly/);
    expect(cookie).toMatch(/; SameSite=Strict/);
    expect(cookie).not.toContain(here.access.token);
    const over = await here.ask('POST', '/api/v1/session', { headers: here.ofPage, body: {} });
    expect(over.headers['set-cookie']).toMatch(/Max-Age=0/);
  });

  test.each([
    ['a name that only leads here (DNS rebinding)', { host: `evil.example:${PORT}` }],
    ['a name with ours in it', { host: `127.0.0.1:${PORT}.evil.example` }],
    ['another port', { host: '127.0.0.1:80' }],
    ['no name', { host: '' }],
    ['two names', { host: `127.0.0.1:${PORT}, evil.example` }],
  ])('a request by %s is refused before anything is looked at', async (_, headers) => {
    const asked = { headers: { ...headers, authorization: `Bearer ${here.access.token}` } };
    expect((await here.ask('GET', STATUS, asked)).json.error).toMatchObject({
      tag: 'OtherOrigin',
      header: 'Host',
    });
    expect((await here.ask('GET', '/', asked)).status).toBe(403);
  });

  test.each([
    ['another site', { origin: 'https://evil.example' }],
    ['another port of this host', { origin: 'http://127.0.0.1:8000' }],
    ['a file', { origin: 'null' }],
    ['another site, without saying which', { 'sec-fetch-site': 'cross-site' }],
    ['another port, without saying which', { 'sec-fetch-site': 'same-site' }],
  ])('a page of %s can ask nothing, even with all secrets', async (_, headers) => {
    const asked = { headers: { ...here.ofPage, ...headers }, body: { task: '1' } };
    const { status, json } = await here.ask('POST', '/api/v1/ponds/pond/retry', asked);
    expect(status).toBe(403);
    expect(json.error.tag).toBe('OtherOrigin');
  });

  test('a form of another page is refused: only what says that it is JSON is taken', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', '']) {
      const headers = { ...here.ofPage, 'content-type': type };
      const { status } = await here.ask('POST', '/api/v1/ponds/pond/retry', { headers, body: { task: '1' } });
      expect(status).toBe(400);
    }
  });

  test('whether the server lives is told to everybody, and says nothing else', async () => {
    expect(await here.ask('GET', '/healthz', { headers: { host: 'probe' } })).toMatchObject({
      status: 200,
      text: 'alive\n',
    });
    expect(await here.ask('GET', '/readyz', { headers: { host: 'probe' } })).toMatchObject({
      status: 200,
      text: 'ready\n',
    });
  });

  test('whether it is ready is looked for once at a time and once a second, however many ask', async () => {
    let looks = 0;
    const status: typeof pond.steward.status = () => {
      looks += 1;
      return pond.steward.status();
    };
    const { clock, advance } = settableClock();
    const asked = asking([shownPond({ ...pond.steward, status })], { clock });
    const answers = Array.from({ length: 50 }, () => asked.ask('GET', '/readyz'));
    expect(new Set((await Promise.all(answers)).map(({ text }) => text))).toEqual(new Set(['ready\n']));
    expect(looks).toBe(1);
    await asked.ask('GET', '/readyz');
    expect(looks).toBe(1);
    await advance(1_000);
    await asked.ask('GET', '/readyz');
    expect(looks).toBe(2);
  });
});

describe('a server that only shows', () => {
  test('refuses everything that changes something, and goes on showing', async () => {
    const only = asking([shownPond(pond.steward)], { readOnly: true });
    const changing = ROUTES.filter(({ changes }) => changes);
    expect(changing.map(({ path }) => path).sort()).toEqual(
      ['cancel', 'dismiss', 'entries', 'recover', 'retry', 'run'].map((name) => `/ponds/{pond}/${name}`),
    );
    for (const { path } of changing) {
      const { status, json } = await only.ask('POST', `/api/v1${path.replace('{pond}', 'pond')}`, {
        body: {},
      });
      expect([status, json.error.tag]).toEqual([403, 'ShowsOnly']);
    }
    expect((await only.ask('GET', STATUS)).status).toBe(200);
  });

  test('no change is made by GET: what changes is asked by POST only', () => {
    expect(ROUTES.filter(({ changes, method }) => changes && method !== 'POST')).toEqual([]);
  });
});

describe('where a server may listen', () => {
  const at = (listen: string, more: { hasTls?: boolean; origin?: string } = {}) =>
    listenAddress({ listen, hasTls: more.hasTls ?? false, origin: more.origin ?? null });

  test.each(['127.0.0.1:7117', 'localhost:0', '[::1]:7117', '127.1.2.3:1'])('on loopback: %s', (listen) => {
    expect(at(listen)).toMatchObject({ right: { isLoopback: true } });
  });

  test.each([
    '0.0.0.0:7117',
    '192.168.1.2:7117',
    '[::]:7117',
    'pond.example.org:7117',
    '127.0.0.1.evil.example:80',
  ])('elsewhere only with TLS, or behind a proxy that is named: %s', (listen) => {
    expect(at(listen)).toMatchObject({ left: { _tag: 'UnsafeAddress' } });
    expect(at(listen, { origin: 'http://pond.example.org' })).toMatchObject({
      left: { _tag: 'UnsafeAddress' },
    });
    expect(at(listen, { origin: 'https://pond.example.org' })).toMatchObject({
      right: { isLoopback: false },
    });
    expect(at(listen, { hasTls: true, origin: 'https://pond.example.org:7117' })).toMatchObject({
      _tag: 'Right',
    });
  });

  test.each(['7117', ':7117', '127.0.0.1', '127.0.0.1:99999', 'http://127.0.0.1:7117'])(
    'not at %s',
    (listen) => {
      expect(at(listen)).toMatchObject({ left: { _tag: 'UnsafeAddress' } });
    },
  );

  test('it is reached by its own names, and by the one that was given', () => {
    const loopback = { host: '127.0.0.1', port: 7117, isLoopback: true };
    expect(originsOf(loopback, { hasTls: false, origin: null })).toEqual([
      ORIGIN,
      'http://localhost:7117',
      'http://[::1]:7117',
    ]);
    const elsewhere = { host: '0.0.0.0', port: 443, isLoopback: false };
    expect(originsOf(elsewhere, { hasTls: true, origin: 'https://pond.example.org/' })).toEqual([
      'https://pond.example.org',
    ]);
  });
});

test('the token of a user stays the same until another one is asked for', () => {
  const ports = { userState: memoryUserState(), ids: uuidIds };
  const first = userToken(ports, false)();
  expect(userToken(ports, false)()).toEqual(first);
  const renewed = userToken(ports, true)();
  expect(renewed).not.toEqual(first);
  expect(userToken(ports, false)()).toEqual(renewed);
  expect(first).toMatchObject({ right: expect.stringMatching(/^[\w-]{43}$/) });
});
