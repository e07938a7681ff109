// Whoever owns a bucket, a server or a shared directory may put anything there and answer whatever they like.

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isLeft } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { objectStores } from '../../src/adapters/stores/open-store.js';
import { storeDirectory } from '../../src/live-ports.js';
import type { ObjectStore, StorePlace } from '../../src/ports/object-store.js';
import { over } from '../remotes/world.js';
import { memoryStore } from '../support/memory-store.js';

const { signal } = new AbortController();
const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

const openAt = async (place: StorePlace): Promise<ObjectStore> => {
  const opened = await objectStores({ directory: storeDirectory, variables: {} }).open(place)();
  if (isLeft(opened)) throw new Error(opened.left.problem);
  ends.push(opened.right.close);
  return opened.right;
};

const bucketThatAnswers = async (answer: RequestListener): Promise<ObjectStore> => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'key-of-a-test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'what-nobody-else-says');
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ends.push(() => {
    vi.unstubAllEnvs();
    server.closeAllConnections();
    server.close();
  });
  return openAt({
    url: 's3://bucket/mine',
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  });
};

const codeOf = async (work: TaskEither<{ readonly _tag: string }, unknown>) => {
  const outcome = await work();
  if (!isLeft(outcome)) return 'it succeeded';
  return 'code' in outcome.left ? outcome.left.code : outcome.left._tag;
};

describe('a server that answers', () => {
  test('more than was asked for, without end, is read no further than that', async () => {
    let sent = 0;
    const store = await bucketThatAnswers((_request, response) => {
      const more = () => {
        while (sent < 1024 ** 3 && !response.destroyed) {
          sent += 65_536;
          if (!response.write(Buffer.alloc(65_536))) return;
        }
      };
      response.writeHead(206);
      response.on('drain', more);
      more();
    });
    const range = { offset: 0, length: 1000 };
    expect(await codeOf(store.get({ key: 'x', range, maxBytes: 1000 }, signal))).toBe('TOO_LARGE');
    expect(sent).toBeLessThan(64 * 1024 * 1024);
    // What the pond itself asks for, which names no bound of its own.
    expect(await codeOf(over(store).get({ key: 'x', range }))).toBe('TOO_LARGE');
    expect(sent).toBeLessThan(128 * 1024 * 1024);
  });

  test.each([200, 500])('without end (%i), whatever it was asked for, is read to a bound', async (status) => {
    let sent = 0;
    const store = await bucketThatAnswers((request, response) => {
      request.resume();
      const end = sent + 256 * 1024 * 1024;
      const more = () => {
        while (!response.destroyed && sent < end) {
          sent += 65_536;
          if (!response.write(Buffer.alloc(65_536, '<a>text</a>'))) return;
        }
        response.end();
      };
      response.writeHead(status, { etag: '"tag"' });
      response.write('<ListBucketResult>');
      response.on('drain', more);
      more();
    });
    const upload = { key: 'x', id: 'y' };
    const part = { number: 1, content: Buffer.from('x') };
    const calls = [
      store.list({ prefix: '' }, signal),
      store.put({ key: 'x', content: Buffer.from('x') }, signal),
      store.delete('x', signal),
      store.uploads.begin({ key: 'x' }, signal),
      store.uploads.put(upload, part, signal),
      store.uploads.complete(upload, [{ number: 1, size: 1, etag: 'x' }], null, signal),
      store.uploads.abort(upload, signal),
      store.uploads.unfinished('x', signal),
      store.uploads.parts(upload, signal),
    ];
    for (const call of calls) {
      const before = sent;
      const code = await codeOf(call);
      if (status === 500) expect(code).not.toBe('it succeeded');
      expect(sent - before).toBeLessThan(64 * 1024 * 1024);
    }
  });

  test.each([
    ['nested without end', `<ListBucketResult>${'<a>'.repeat(300_000)}`],
    ['what is not XML', '{"a":1}'],
    [
      'an entity that would be a book',
      `<!DOCTYPE x [<!ENTITY a "${'a'.repeat(60)}">${Array.from('bcdefghijkl', (name, at) => `<!ENTITY ${name} "${`&${'abcdefghijk'[at]};`.repeat(20)}">`).join('')}]><ListBucketResult><Contents><Key>mine/&l;</Key></Contents></ListBucketResult>`,
    ],
  ])('a list that is %s is an error on one line, or none of it counts', async (_, list) => {
    const store = await bucketThatAnswers((_request, response) => response.end(list));
    const listed = await store.list({ prefix: '' }, signal)();
    if (isLeft(listed)) expect(JSON.stringify(listed.left)).not.toContain('\\n');
    else expect(listed.right.objects.map(({ key }) => key.length < 100)).not.toContain(false);
  });

  test('a list with keys of somebody else gives those that were asked for', async () => {
    const keys = ['mine/a', 'other/b', '../c', '/etc/d', 'mine'];
    const store = await bucketThatAnswers((_request, response) => {
      const contents = keys.map((key) => `<Contents><Key>${key}</Key><Size>1</Size></Contents>`);
      response.end(`<ListBucketResult>${contents.join('')}</ListBucketResult>`);
    });
    const listed = await store.list({ prefix: '' }, signal)();
    expect(listed).toMatchObject({ right: { objects: [{ key: 'a' }] } });
  });

  test.each([301, 302, 307, 308])(
    'that what is asked for is elsewhere (%s) is not followed there',
    async (status) => {
      let asked = 0;
      const elsewhere = createServer((_request, response) => {
        asked += 1;
        response.end('secret');
      });
      await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
      ends.push(() => {
        elsewhere.closeAllConnections();
        elsewhere.close();
      });
      const location = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/bucket/mine/x`;
      const store = await bucketThatAnswers((_request, response) => {
        response.writeHead(status, { location }).end();
      });
      expect(await codeOf(store.get({ key: 'x' }, signal))).not.toBe('it succeeded');
      expect(await codeOf(store.put({ key: 'x', content: Buffer.from('mine') }, signal))).not.toBe(
        'it succeeded',
      );
      expect(await codeOf(store.list({ prefix: '' }, signal))).not.toBe('it succeeded');
      expect(asked).toBe(0);
    },
  );

  test('every request with a page for people has done nothing of what it was asked to', async () => {
    const store = over(
      await bucketThatAnswers((request, response) => {
        request.resume().on('end', () => {
          response.writeHead(200, { 'content-type': 'text/html' });
          response.end('<html><head><title>Log in</title></head><body>Log in</body></html>');
        });
      }),
    );
    const upload = { key: 'x', id: 'y' };
    const part = { number: 1, content: Buffer.from('x') };
    expect(await codeOf(store.put({ key: 'x', content: Buffer.from('x') }))).toBe('NOT_OF_THE_STORE');
    expect(await codeOf(store.list({ prefix: '' }))).toBe('NOT_OF_THE_STORE');
    expect(await codeOf(store.uploads.begin({ key: 'x' }))).toBe('NOT_OF_THE_STORE');
    expect(await codeOf(store.uploads.put(upload, part))).toBe('NOT_OF_THE_STORE');
    expect(await codeOf(store.uploads.complete(upload, [{ number: 1, size: 1, etag: 'x' }], null))).toBe(
      'NOT_OF_THE_STORE',
    );
  });

  test('that there is more, and the same list again, is not asked for ever', async () => {
    const one = { key: 'a/1', size: 1, etag: '', modifiedAt: 0 };
    const again = { ...memoryStore(), list: () => TE.right({ objects: [one], isTruncated: true }) };
    expect(await codeOf(over(again).list({ prefix: 'a/' }))).toBe('BAD_LIST');
  });

  test('that there is more, and lists nothing, has not listed all that there is', async () => {
    const nothing = { ...memoryStore(), list: () => TE.right({ objects: [], isTruncated: true }) };
    expect(await codeOf(over(nothing).list({ prefix: 'a/' }))).toBe('BAD_LIST');
  });

  test('one more object at a time, for ever, is asked a bounded number of times', async () => {
    let asked = 0;
    const list = () => {
      asked += 1;
      const next = { key: `a/${String(asked).padStart(10, '0')}`, size: 1, etag: '', modifiedAt: 0 };
      return TE.right({ objects: [next], isTruncated: true });
    };
    expect(await codeOf(over({ ...memoryStore(), list }).list({ prefix: 'a/' }))).toBe('BAD_LIST');
    expect(asked).toBeLessThanOrEqual(20_000);
  });
});

describe('a directory as a store', () => {
  const shared = () => {
    const place = mkdtempSync(join(tmpdir(), 'pond-hostile-store-'));
    ends.push(() => rmSync(place, { recursive: true }));
    const [root, victim] = [join(place, 'store'), join(place, 'victim')];
    mkdirSync(root);
    mkdirSync(victim);
    writeFileSync(join(victim, 'secret'), 'secret');
    return { root, victim };
  };

  test('leads nowhere by links in the place of a folder or an object: nothing is read, written, listed or removed through them', async () => {
    const { root, victim } = shared();
    symlinkSync(victim, join(root, 'folder'));
    symlinkSync(join(victim, 'secret'), join(root, 'object'));
    const store = await openAt({ url: `file://${root}` });
    const content = Buffer.from('x');
    expect(await codeOf(store.get({ key: 'folder/secret' }, signal))).toBe('UNSAFE');
    expect(await codeOf(store.get({ key: 'object' }, signal))).toBe('ObjectMissing');
    expect(await codeOf(store.put({ key: 'folder/new', content }, signal))).toBe('UNSAFE');
    expect(
      await codeOf(store.put({ key: 'folder/new', content, condition: { _tag: 'Absent' } }, signal)),
    ).toBe('UNSAFE');
    expect(await codeOf(store.delete('folder/secret', signal))).toBe('UNSAFE');
    expect(await codeOf(store.uploads.complete({ key: 'folder/new', id: 'x' }, [], null, signal))).toBe(
      'UNSAFE',
    );
    expect(await store.list({ prefix: '' }, signal)()).toMatchObject({ right: { objects: [] } });
    expect(readdirSync(victim)).toEqual(['secret']);
  });

  test('with links in the places of what is on its way refuses, and nothing is written behind them', async () => {
    const { root, victim } = shared();
    symlinkSync(victim, join(root, '.pond-store'));
    const store = await openAt({ url: `file://${root}` });
    expect(await codeOf(store.put({ key: 'a', content: Buffer.from('x') }, signal))).toBe('UNSAFE');
    expect(await codeOf(store.uploads.begin({ key: 'a' }, signal))).toBe('UNSAFE');
    expect(readdirSync(victim)).toEqual(['secret']);
  });

  test('with a pipe in the place of an object keeps nobody waiting', async () => {
    const { root } = shared();
    execFileSync('mkfifo', [join(root, 'pipe')]);
    const store = await openAt({ url: `file://${root}` });
    expect(await codeOf(store.get({ key: 'pipe' }, signal))).toBe('ObjectMissing');
    expect(await store.list({ prefix: '' }, signal)()).toMatchObject({ right: { objects: [] } });
  });

  test('takes no key that leads out of it', async () => {
    const { root } = shared();
    const store = await openAt({ url: `file://${root}` });
    for (const key of [
      '../victim/secret',
      'a/../../victim/secret',
      '/etc/passwd',
      'a//b',
      './a',
      '',
      '.pond-store/x',
      'a\0b',
    ]) {
      expect(await codeOf(store.get({ key }, signal))).toBe('EINVAL');
      expect(await codeOf(store.put({ key, content: Buffer.from('x') }, signal))).toBe('EINVAL');
      expect(await codeOf(store.delete(key, signal))).toBe('EINVAL');
    }
  });
});
