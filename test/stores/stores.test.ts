import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isLeft } from 'fp-ts/lib/Either.js';
import { describe, expect, test, vi } from 'vitest';
import { createMemoryFileSystem } from '../../src/adapters/memory/file-system/memory-file-system.js';
import { memoryLocks } from '../../src/adapters/memory/memory-locks.js';
import { uuidIds } from '../../src/adapters/node/uuid-ids.js';
import { objectStores } from '../../src/adapters/stores/open-store.js';
import { storeDirectory } from '../../src/live-ports.js';
import type { ObjectStore, StorePlace } from '../../src/ports/object-store.js';
import { startFakeS3 } from '../support/fake-s3.js';
import { memoryStore } from '../support/memory-store.js';
import { guaranteesOf } from './guarantees.js';

const onNode = { directory: storeDirectory, variables: {} };

const openAt = async (
  place: StorePlace,
  ports: Parameters<typeof objectStores>[0] = onNode,
): Promise<ObjectStore> => {
  const opened = await objectStores(ports).open(place)();
  if (isLeft(opened)) throw new Error(opened.left.problem);
  return opened.right;
};

guaranteesOf('in memory', async () => ({ store: memoryStore(), stop: async () => undefined }));

guaranteesOf('a directory', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'pond-store-'));
  return {
    store: await openAt({ url: `file://${directory}/store` }),
    stop: async () => rmSync(directory, { recursive: true }),
  };
});

guaranteesOf('a directory of a filesystem in memory', async () => {
  let now = 0;
  const tick = () => {
    now += 1;
    return now;
  };
  const { files } = createMemoryFileSystem({ now: tick });
  const directory = () => ({ files, locks: memoryLocks(new Set()), ids: uuidIds });
  const ports = { ...onNode, directory };
  return { store: await openAt({ url: 'file:///store' }, ports), stop: async () => undefined };
});

guaranteesOf('a bucket of S3', async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'key-of-a-test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'what-nobody-else-says');
  const server = await startFakeS3();
  const store = await openAt({ url: 's3://bucket/pre/fix', endpoint: server.endpoint });
  return {
    store,
    stop: async () => {
      vi.unstubAllEnvs();
      store.close();
      await server.stop();
    },
  };
});

// `ENDPOINT BUCKET` of a server that is there: interop runs the guarantees against one of somebody else's.
const [endpoint, bucket] = (process.env.POND_TEST_S3 ?? '').split(' ');
if (endpoint !== undefined && bucket !== undefined) {
  guaranteesOf(`a bucket at ${endpoint}`, async () => {
    const store = await openAt({ url: `s3://${bucket}/guarantees-${uuidIds.uuidV7()}`, endpoint });
    return { store, stop: async () => store.close() };
  });
}

describe('a directory as a store', () => {
  test('says in words what is in its place', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'pond-store-'));
    try {
      const link = join(folder, 'link');
      symlinkSync(join(folder, 'nothing'), link);
      const store = await openAt({ url: `file://${link}` });
      expect(await store.head('key', new AbortController().signal)()).toMatchObject({
        left: { _tag: 'StoreFailed', message: `${link} is a symlink that leads nowhere` },
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('is rid of what killed processes left there a long time ago, and of nothing that may still be in use', async () => {
    const { files } = createMemoryFileSystem({ now: () => 0 });
    const directory = () => ({ files, locks: memoryLocks(new Set()), ids: uuidIds });
    const store = await openAt({ url: 'file:///store' }, { ...onNode, directory });
    const { signal } = new AbortController();
    const idOf = (daysAgo: number) => {
      const time = (Date.now() - daysAgo * 86_400_000).toString(16).padStart(12, '0');
      return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-000000000000`;
    };
    const own = '/store/.pond-store';
    const there = (path: string) => !isLeft(files.stat(`${own}/${path}`)());
    const make = (path: string) => {
      files.makeDirectories(`${own}/${path}`.slice(0, `${own}/${path}`.lastIndexOf('/')))();
      files.writeNewFile(`${own}/${path}`, Buffer.from('x'))();
    };
    const old = [`staged/${idOf(2)}`, `uploads/k/${idOf(8)}/1-${'a'.repeat(32)}`];
    const young = [`staged/${idOf(0.5)}`, `uploads/k/${idOf(6)}/1-${'a'.repeat(32)}`, 'staged/notes.txt'];
    for (const path of [...old, ...young]) make(path);
    await store.put({ key: 'a', content: Buffer.from('x') }, signal)();
    expect(old.map(there)).toEqual([false, false]);
    expect(young.map(there)).toEqual([true, true, true]);
  });
});

describe('addresses of stores', () => {
  test.each([
    ['ftp://x/y', 'it begins with s3:// or file:///'],
    ['file://relative', 'a directory is named by its absolute path, file:///srv/backup'],
    ['file:///a/../b', 'a path with .. is not taken'],
    [
      's3://',
      'a bucket is named as in s3://bucket/prefix, by 3 to 63 small letters, digits, dots and hyphens',
    ],
    [
      's3://key:secret@bucket/x',
      'a bucket is named as in s3://bucket/prefix, by 3 to 63 small letters, digits, dots and hyphens',
    ],
  ])('%s is refused in words', async (url, problem) => {
    expect(await objectStores(onNode).open({ url })()).toEqual({
      _tag: 'Left',
      left: { _tag: 'InvalidPlace', url, problem },
    });
  });

  test('an endpoint with credentials in it is refused', async () => {
    const opened = await objectStores(onNode).open({ url: 's3://bucket', endpoint: 'https://a:b@host' })();
    expect(opened).toMatchObject({
      left: { problem: 'credentials come from the environment, not from an endpoint' },
    });
  });
});
