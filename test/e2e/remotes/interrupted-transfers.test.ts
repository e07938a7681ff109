// Ctrl-C at any request of what sends or fetches, and the line on a terminal that says how far it is.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type FakeS3, startFakeS3 } from '../../support/fake-s3.js';
import { memoryStore } from '../../support/memory-store.js';
import type { PondResult } from '../../support/pond-cli.js';
import { type CallOptions, callPond } from '../../support/pond-in-process.js';
import { answer, httpReceiver } from '../../support/receivers/http-receiver.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const folder = temporaryFolder('interrupted-transfers');
const CREDENTIALS = { AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret' };
const BUCKET = 's3://bucket/pond';

let server: FakeS3;
/** Called with the number of each request to the server since the last test began. */
let onRequest: (count: number) => void = () => undefined;
let before = 0;

/** Waited for before an object under such a key is put or given. */
let held: { readonly key: RegExp; readonly until: Promise<void> } | null = null;

beforeAll(async () => {
  const store = memoryStore({
    fault: ({ count }) => {
      onRequest(count - before);
      return null;
    },
  });
  const holding =
    <R extends { readonly key: string }, A>(request: (wanted: R, signal: AbortSignal) => () => Promise<A>) =>
    (wanted: R, signal: AbortSignal) =>
    async (): Promise<A> => {
      if (held?.key.test(wanted.key) === true) await held.until;
      return request(wanted, signal)();
    };
  server = await startFakeS3({ ...store, put: holding(store.put), get: holding(store.get) });
});
beforeEach(() => {
  onRequest = () => undefined;
});
afterAll(() => server.stop());

const call = (pond: string, args: readonly string[], options: CallOptions = {}): Promise<PondResult> =>
  callPond(args, { ...options, pond, env: { ...CREDENTIALS, ...options.env } });

const done = async (pond: string, ...args: readonly string[]): Promise<string> => {
  const { code, stderr, stdout } = await call(pond, args);
  expect([args, code, stderr]).toEqual([args, 0, expect.any(String)]);
  return stdout;
};

const rootOf = async (pond: string): Promise<string> =>
  JSON.parse(await done(pond, 'fsck', '--json')).content_root;

/** Runs a command during whose request of that number Ctrl-C is pressed. */
const interruptedAt = (count: number, pond: string, args: readonly string[]): Promise<PondResult> => {
  before = server.store.requests.length;
  const controller = new AbortController();
  onRequest = (at) => {
    if (at === count) controller.abort();
  };
  return call(pond, args, { interrupt: controller.signal });
};

/** Requests of a command, by which it is known when it may be interrupted. */
const requestsOf = async (work: () => Promise<unknown>): Promise<number> => {
  const then = server.store.requests.length;
  await work();
  return server.store.requests.length - then;
};

const INTERRUPTED = [130, expect.stringContaining('what has arrived is kept')];

const expectInterrupted = async (pond: string, args: readonly string[], at: number): Promise<void> => {
  const { code, stderr } = await interruptedAt(at, pond, args);
  expect([args, at, code, stderr]).toEqual([args, at, ...INTERRUPTED]);
};

const input = (name: string, size: number): string => {
  const path = join(folder, name);
  writeFileSync(path, Buffer.alloc(size, name));
  return `host://${path}`;
};

const pondOf = async (name: string, url: string): Promise<string> => {
  const pond = join(folder, name);
  await done(pond, 'init');
  await done(pond, 'copy', input('small.txt', 10), input('large.bin', 100_000), '/in/');
  await done(pond, 'remote', 'add', 'r', url, '--endpoint', server.endpoint);
  return pond;
};

describe('Ctrl-C', () => {
  test('in a push ends it with 130, and the next push goes on', async () => {
    const pond = await pondOf('pushing', BUCKET);
    const all = await requestsOf(() => done(pond, 'push', 'r'));
    expect(all).toBeGreaterThan(10);
    await done(pond, 'remote', 'add', 'other', `${BUCKET}-other`, '--endpoint', server.endpoint);
    // What has arrived is not sent again, so that each further interruption comes later.
    for (const at of [all >> 1, 3, 1]) await expectInterrupted(pond, ['push', 'other'], at);
    await done(pond, 'push', 'other');
    expect(await done(pond, 'verify', 'other')).toContain('up to date');
    for (const at of [1, 4]) {
      expect([at, (await interruptedAt(at, pond, ['verify', 'r'])).code]).toEqual([at, 130]);
    }
  });

  test('in a replication and in a pull ends them with 130, the replica is what it was, and the same command goes on', async () => {
    const url = `${BUCKET}-replicated`;
    const pond = await pondOf('replicated', url);
    await done(pond, 'push', 'r');
    const replica = join(folder, 'replica');
    const replicate = ['replicate', url, replica, '--endpoint', server.endpoint];
    for (const at of [1, 3]) await expectInterrupted(replica, replicate, at);
    await done(replica, ...replicate);
    await done(pond, 'copy', input('more.bin', 90_000), '/in/');
    await done(pond, 'push', 'r');
    const old = await rootOf(replica);
    for (const at of [1, 3]) await expectInterrupted(replica, ['pull'], at);
    expect(await rootOf(replica)).toBe(old);
    await done(replica, 'pull');
    expect(await rootOf(replica)).toBe(await rootOf(pond));
  });

  test('in a restore ends it with 130, and the same command goes on', async () => {
    const url = `${BUCKET}-restored`;
    const pond = await pondOf('to-be-restored', url);
    await done(pond, 'push', 'r');
    const restored = join(folder, 'restored');
    const restore = ['restore', url, restored, '--endpoint', server.endpoint];
    for (const at of [1, 4, 3]) await expectInterrupted(restored, restore, at);
    await done(restored, ...restore);
    expect(await rootOf(restored)).toBe(await rootOf(pond));
  });

  test('in a collector ends it with 130, nothing was committed, and the next run has all of it once', async () => {
    const controller = new AbortController();
    let isAsked = false;
    const source = await httpReceiver((response, request, number) => {
      if (!isAsked) {
        isAsked = true;
        // The answer is under way when it is interrupted.
        response.writeHead(200, { 'content-type': 'text/csv' }).write('time,value\n');
        controller.abort();
        return;
      }
      const rows = 'time,value\n2026-01-01T00:00:00Z,1\n2026-01-01T01:00:00Z,2\n';
      answer(200, { 'content-type': 'text/csv' }, rows)(response, request, number);
    });
    try {
      const pond = join(folder, 'collecting');
      await done(pond, 'init');
      const config = {
        url: source.url,
        into: '/got.series',
        as: 'series',
        format: 'csv',
        time_column: 'time',
      };
      await done(pond, 'mknod', 'http-collect', '/collect', '--config', JSON.stringify(config));
      const { code, stderr } = await call(pond, ['run', '/collect'], { interrupt: controller.signal });
      expect([code, stderr]).toEqual([130, expect.stringContaining('nothing was committed')]);
      await done(pond, 'run', '/collect');
      await done(pond, 'run', '/collect');
      const counted = await done(pond, 'sql', "SELECT count(*) AS n FROM '/got.series'", '--format', 'csv');
      expect(counted.trim().split('\n').at(-1)).toBe('2');
    } finally {
      await source.close();
    }
  });
});

test('on a terminal a push and a restore say how far they are while they wait, and take the line away', async () => {
  const pond = await pondOf('shown', `${BUCKET}-shown`);
  /** What is shown by a command whose store waits, with such objects, until something is shown. */
  const shownBy = async (key: RegExp, args: readonly string[]): Promise<string> => {
    let shown = '';
    let isShown: () => void = () => undefined;
    const until = new Promise<void>((resolve) => {
      isShown = resolve;
    });
    held = { key, until };
    const { code } = await call(pond, args, {
      onTerminal: (text) => {
        shown += text;
        isShown();
      },
    });
    held = null;
    expect([args, code]).toEqual([args, 0]);
    return shown;
  };
  const pushed = await shownBy(/_delta_log\/0+1\.json/, ['push', 'r']);
  expect(pushed).toMatch(/\[Kversion 1 of \d+ \(\d+ requests, .* sent.*\) s3:\/\/bucket\/pond-shown/);
  expect(pushed.endsWith('\r\u001b[K')).toBe(true);
  const url = `${BUCKET}-shown`;
  const restored = ['restore', url, join(folder, 'shown-again'), '--endpoint', server.endpoint];
  const fetched = await shownBy(/_blobs/, restored);
  expect(fetched).toMatch(/of \d.*B \(\d+ requests, .* received\) s3:\/\/bucket\/pond-shown/);
  expect(fetched.endsWith('\r\u001b[K')).toBe(true);
});
