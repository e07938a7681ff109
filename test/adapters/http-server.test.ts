import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { nodeHttpServer } from '../../src/adapters/node/network/node-http-server.js';
import type {
  Listening,
  ServerLimits,
  ServerReply,
  ServerRequest,
} from '../../src/ports/network/http-server.js';

const LIMITS: ServerLimits = {
  connections: 20,
  headMs: 400,
  requestMs: 800,
  idleMs: 400,
  headBytes: 4096,
};

let server: Listening | null = null;
/** Targets of the requests that failed, and what was thrown. */
let failures: (readonly [string, unknown])[] = [];
const sockets: Socket[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await server?.close(0)();
  server = null;
  failures = [];
});

const failed = ({ target }: ServerRequest, thrown: unknown): void => {
  failures.push([target, thrown]);
};

const listen = async (
  answer: (request: ServerRequest) => Promise<ServerReply>,
  limits: Partial<ServerLimits> = {},
): Promise<number> => {
  const at = { host: '127.0.0.1', port: 0, tls: null };
  const started = await nodeHttpServer.listen(at, { ...LIMITS, ...limits }, { answer, failed })();
  if (started._tag === 'Left') throw new Error(started.left.message);
  server = started.right;
  return server.port;
};

const text = (body: string): ServerReply => ({
  status: 200,
  headers: { 'content-type': 'text/plain' },
  body,
});

const connected = (port: number): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket));
    // After it is open an error only says that the server has closed it.
    socket.on('error', reject);
    socket.resume();
    sockets.push(socket);
  });

/** All that a connection says before it is closed. */
const saidBy = (socket: Socket): Promise<string> =>
  new Promise((resolve) => {
    let said = '';
    socket.on('data', (chunk) => (said += chunk.toString('utf8')));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(said));
  });

const get = (port: number, path = '/') => fetch(`http://127.0.0.1:${port}${path}`);

describe('a server', () => {
  test('says that its place is taken', async () => {
    const port = await listen(async () => text('first'));
    const second = await nodeHttpServer.listen({ host: '127.0.0.1', port, tls: null }, LIMITS, {
      answer: async () => text('second'),
      failed,
    })();
    expect(second).toMatchObject({ left: { _tag: 'ListenFailed', code: 'EADDRINUSE', port } });
    expect(await (await get(port)).text()).toBe('first');
  });

  test('closes a connection that never says what it wants', async () => {
    const port = await listen(async () => text('here'));
    expect(await saidBy(await connected(port))).toMatch(/^(HTTP\/1.1 408|$)/);
    const slow = await connected(port);
    slow.write('GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ');
    expect(await saidBy(slow)).toMatch(/^HTTP\/1.1 408/);
  });

  test('closes a connection whose body does not end', async () => {
    let received = '';
    const port = await listen(async ({ body }) => {
      try {
        for await (const chunk of body) received += Buffer.from(chunk).toString('utf8');
      } catch {
        return text('cut');
      }
      return text('whole');
    });
    const socket = await connected(port);
    socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc');
    expect(await saidBy(socket)).not.toContain('whole');
    expect(received).toBe('abc');
  });

  test('answers others while very many connections are idle, and loses those first', async () => {
    const port = await listen(async () => text('here'), {
      headMs: 60_000,
      requestMs: 60_000,
      idleMs: 60_000,
    });
    const idle = await Promise.all(Array.from({ length: 200 }, () => connected(port)));
    const open = () => idle.filter((socket) => !socket.destroyed).length;
    expect(await (await get(port)).text()).toBe('here');
    await expect.poll(open).toBeLessThanOrEqual(LIMITS.connections);
  });

  test('keeps the connection of who is being answered, however many others come', async () => {
    let finish: (() => void) | null = null;
    const port = await listen(
      ({ target }) =>
        target === '/'
          ? Promise.resolve(text('quick'))
          : new Promise((resolve) => (finish = () => resolve(text('slow')))),
      { headMs: 60_000, requestMs: 60_000 },
    );
    const slow = get(port, '/slow');
    await expect.poll(() => finish).not.toBeNull();
    await Promise.all(Array.from({ length: 60 }, () => connected(port)));
    expect(await (await get(port)).text()).toBe('quick');
    (finish as (() => void) | null)?.();
    expect(await (await slow).text()).toBe('slow');
  });

  test('sends a stream no faster than it is read, and ends it when its reader has gone', async () => {
    let made = 0;
    let isEnded = false;
    async function* endless(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) {
          made += 1;
          yield Buffer.alloc(64 * 1024);
        }
      } finally {
        isEnded = true;
      }
    }
    const port = await listen(async () => ({ status: 200, headers: {}, body: endless() }));
    const socket = await connected(port);
    socket.pause();
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    // Who does not read at all is let go after a while.
    await expect.poll(() => isEnded, { timeout: 10_000 }).toBe(true);
    expect(made).toBeLessThan(1_000);
  });

  test('tells who answers that the client has gone', async () => {
    let isGone = false;
    const port = await listen(({ signal }) => {
      signal.addEventListener('abort', () => (isGone = true));
      return new Promise(() => undefined);
    });
    const socket = await connected(port);
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await new Promise((sent) => setImmediate(sent));
    socket.destroy();
    await expect.poll(() => isGone).toBe(true);
    expect(failures).toEqual([]);
  });

  test('says nothing of what went wrong inside to who asked, and all of it to who serves', async () => {
    const secret = new Error('the secret of the house');
    const port = await listen(() => Promise.reject(secret));
    const answer = await get(port, '/inside');
    expect([answer.status, await answer.text()]).toEqual([500, '']);
    expect(failures).toEqual([['/inside', secret]]);
  });

  test('tells who serves of a reply that cannot be sent, and of one that breaks off', async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('the beginning');
      throw new Error('unreadable');
    }
    const port = await listen(async ({ target }) =>
      target === '/stream' ? { ...text(''), body: broken() } : { ...text(''), headers: { 'x-odd': 'a\nb' } },
    );
    expect((await get(port, '/headers')).status).toBe(500);
    await expect(get(port, '/stream').then((answer) => answer.text())).rejects.toThrow();
    expect(failures).toEqual([
      ['/headers', expect.objectContaining({ code: 'ERR_INVALID_CHAR' })],
      ['/stream', expect.objectContaining({ message: 'unreadable' })],
    ]);
  });

  test('hands on all hosts that a request names', async () => {
    const port = await listen(async ({ headers }) => text(String(headers.host)));
    const socket = await connected(port);
    socket.write('GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n');
    expect(await saidBy(socket)).toMatch(/a, b|^HTTP\/1.1 400/);
  });

  test.each([
    'GET / HTTP/1.1\r\n\r\n',
    `GET / HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(5000)}\r\n\r\n`,
    '\u0016\u0003\u0001\r\n\r\n',
  ])('refuses what is not a request: %j', async (bytes) => {
    const port = await listen(async () => text('taken'));
    const socket = await connected(port);
    const said = saidBy(socket);
    socket.write(bytes);
    expect(await said).toMatch(/^(HTTP\/1.1 4\d\d|$)/);
  });

  test('lets what it is answering go on when it stops, for as long as it was given', async () => {
    let finish: (() => void) | null = null;
    const port = await listen(() => new Promise((resolve) => (finish = () => resolve(text('done')))));
    const asked = get(port);
    await expect.poll(() => finish).not.toBeNull();
    const closed = server?.close(10_000)();
    (finish as (() => void) | null)?.();
    expect(await (await asked).text()).toBe('done');
    await closed;
    await expect(get(port)).rejects.toThrow();
  });
});
