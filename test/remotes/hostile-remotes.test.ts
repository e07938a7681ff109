// Whoever may write a remote may write its history: what a pull, a push, a comparison or a prune makes of it is bounded.

import { isLeft } from 'fp-ts/lib/Either.js';
import { expect, test } from 'vitest';
import { uuidIds } from '../../src/adapters/node/uuid-ids.js';
import { encodePack } from '../../src/remotes/entry-packs.js';
import { prune } from '../../src/remotes/prune.js';
import { pull } from '../../src/remotes/pull/pull.js';
import { verify } from '../../src/remotes/pull/verify.js';
import { encodeLogEntry } from '../../src/tlogfs/log/log-entry.js';
import { type MemoryStore, memoryStore } from '../support/memory-store.js';
import {
  commitTo,
  DATA,
  emptyDisk,
  maintained,
  outcomeOf,
  over,
  pullInto,
  pusher,
  rootInStore,
  rootOf,
  samplePond,
  sorted,
} from './world.js';

const remoteOfPond = async () => {
  const pond = await samplePond();
  const store = memoryStore();
  expect((await pusher(pond).push(store)).outcome._tag).toBe('Right');
  return { pond, store };
};

/** Numbers of versions that no log has got to, and one for which no room could be made. */
const NUMBERS = ['4000000000', '9007199254740991'];
const entryOf = (version: string) => `_delta_log/${version.padStart(20, '0')}.json`;
const packOf = (to: string) => `_entries/${'0'.repeat(20)}-${to.padStart(20, '0')}.jsonl`;

test('a version far beyond the log is the damage of the remote, said at once, for a pull, a comparison and a push', async () => {
  const { pond, store } = await remoteOfPond();
  for (const version of NUMBERS) {
    for (const packed of [false, true]) {
      const hostile = memoryStore({}, new Map(store.objects));
      hostile.objects.set(entryOf(version), Buffer.from('{}'));
      if (packed) hostile.objects.set(packOf(version), Buffer.from('{"version":3999999999,"entry":"{}"}\n'));
      const damaged = { left: { _tag: 'RemoteDamaged', problem: 'the log entry is missing' } };
      expect(await pullInto(emptyDisk().files, hostile)).toMatchObject(damaged);
      const deps = {
        files: pond.disk.files,
        dataDir: DATA,
        store: over(hostile),
        ids: uuidIds,
        now: () => 0,
      };
      expect(await verify({ ...deps, scratch: '/scratch' })()).toMatchObject(damaged);
      const { outcome } = await pusher(pond).push(hostile);
      expect(outcome).toMatchObject({ left: { _tag: 'Diverged', how: 'ahead' } });
    }
  }
});

test('names of entries and packs that are not numbers of versions are nobody of interest', async () => {
  const { pond, store } = await remoteOfPond();
  store.objects.set(entryOf('9'.repeat(20)), Buffer.from('{}'));
  store.objects.set(packOf('9'.repeat(20)), Buffer.from('not a pack'));
  store.objects.set('_delta_log/../../etc/passwd', Buffer.from('x'));
  expect(await rootInStore(store.objects)).toBe(await rootOf(pond.disk.files));
});

test('empty objects that stand for folders, as the pages of many stores make them, are in nobody’s way', async () => {
  const { pond, store } = await remoteOfPond();
  const pushing = pusher(pond);
  const folders = [
    '',
    '_delta_log/',
    '_entries/',
    '_blobs/',
    '_blobs/sha256/',
    '_delta_log/_last_checkpoint/',
  ];
  for (const key of folders) store.objects.set(key, Buffer.of());
  expect(await rootInStore(store.objects)).toBe(await rootOf(pond.disk.files));
  await maintained(pond);
  expect((await pushing.push(store)).outcome._tag).toBe('Right');
  const root = await rootOf(pond.disk.files);
  expect(await rootInStore(store.objects)).toBe(root);
  const deps = { files: pond.disk.files, dataDir: DATA, store: over(store), ids: uuidIds, now: () => 0 };
  expect(await outcomeOf(verify({ ...deps, scratch: '/scratch' }))).toMatchObject({
    relation: 'up-to-date',
    missingBlobs: [],
  });
  await outcomeOf(prune({ ...deps, before: Number.MAX_SAFE_INTEGER }));
  expect(folders.filter((key) => !store.objects.has(key))).toEqual([]);
  expect(await rootInStore(store.objects)).toBe(root);
});

test('a pack does not replace entries of the log, and says nothing of versions that it is not asked for', async () => {
  const { pond, store } = await remoteOfPond();
  const forged = [0, 1, 2, 77].map((version) => JSON.stringify({ version, entry: '{"commitInfo":{}}' }));
  store.objects.set(packOf('99'), Buffer.from(forged.join('\n')));
  expect(await rootInStore(store.objects)).toBe(await rootOf(pond.disk.files));
});

test('a prune removes contents and data files by their names, and nothing else that lies in the same folders', async () => {
  const { pond, store } = await remoteOfPond();
  const digest = 'ab'.repeat(32);
  const strangers = [
    '_blobs/notes.txt',
    `_blobs/sha256/cd/${digest}`,
    `_blobs/sha256/ab/${digest}.txt`,
    '_blobs/sha256/ab/x',
    'part-of-a-letter.txt',
  ];
  for (const key of strangers) store.objects.set(key, Buffer.from('mine'));
  store.objects.set(`_blobs/sha256/ab/${digest}`, Buffer.from('unused'));
  const before = sorted(store.objects.keys());
  const deps = { files: pond.disk.files, dataDir: DATA, store: over(store), before: Number.MAX_SAFE_INTEGER };
  expect(await outcomeOf(prune(deps))).toMatchObject({ blobs: 1 });
  expect(before.filter((key) => !store.objects.has(key))).toEqual([`_blobs/sha256/ab/${digest}`]);
});

test('what a pull brings has the digest that the log says, or it is not there', async () => {
  const { store } = await remoteOfPond();
  for (const [key, content] of [...store.objects].filter(([name]) => /^part-|^_blobs/.test(name))) {
    const changed = Buffer.from(content);
    changed[changed.length >> 1] = (changed[changed.length >> 1] ?? 0) ^ 1;
    const disk = emptyDisk();
    const pulled = await pullInto(disk.files, memoryStore({}, new Map(store.objects).set(key, changed)));
    expect(pulled).toMatchObject({
      left: { _tag: 'RemoteDamaged', key, problem: 'it does not have its digest' },
    });
    expect(isLeft(disk.onlooker.stat(`${DATA}/${key}`)())).toBe(true);
  }
});

const pullBounded = (store: MemoryStore, maxLogBytes: number) =>
  pull(
    { files: emptyDisk().files, dataDir: DATA, store: over(store), ids: uuidIds, now: () => 0, maxLogBytes },
    { at: null },
  )();

test('the texts of a log are read up to a bound, which the error names, however many packs and entries there are', async () => {
  const { store } = await remoteOfPond();
  const tooLarge = { left: { _tag: 'RemoteTooLarge', maxLogBytes: 1000 } };
  expect(await pullBounded(store, 1000)).toMatchObject(tooLarge);
  // Packs for a version that the log does not have: each of them would be read for it.
  const packed = memoryStore({}, new Map(store.objects));
  packed.objects.delete(entryOf('1'));
  const pack = encodePack([{ version: 1, text: Buffer.alloc(100_000, ' ') }]);
  for (let to = 1; to <= 50; to += 1) packed.objects.set(packOf(`${to}`), pack);
  expect(await pullBounded(packed, 1_000_000)).toMatchObject({ left: { _tag: 'RemoteTooLarge' } });
  expect(
    packed.requests.filter(({ call, key }) => call === 'get' && key.startsWith('_entries')),
  ).toHaveLength(9);
  expect(await pullBounded(store, 1_000_000)).toMatchObject({ _tag: 'Right' });
});

/** A remote in which an entry says something else of a file that it adds. */
const withChangedAdd = (store: MemoryStore, change: Readonly<Record<string, unknown>>): MemoryStore => {
  const objects = new Map(store.objects);
  const lines: Record<string, Record<string, unknown>>[] = Buffer.from(objects.get(entryOf('1')) ?? '')
    .toString()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
  const [{ commitInfo = {} } = {}, ...actions] = lines;
  const forged = actions.map((action) =>
    action.add === undefined ? action : { add: { ...action.add, ...change } },
  );
  objects.set(entryOf('1'), encodeLogEntry(commitInfo, forged));
  return memoryStore({}, objects);
};

test.each([
  ['a size that no file has', { size: 1e15 }],
  ['a size below nothing', { size: -5 }],
  ['a place above the table', { path: '../../outside.parquet' }],
  ['a place from the root', { path: '/etc/passwd' }],
  ['a place above the table after a folder', { path: 'x/../../outside.parquet' }],
  ['a place above the table in escapes', { path: '%2e%2e/%2e%2e/outside.parquet' }],
  ['the place of a log entry', { path: '_delta_log/00000000000000000099.json' }],
  ['the place of a content', { path: `_blobs/sha256/ab/${'ab'.repeat(32)}` }],
  ['a place in the pond beside the table', { path: '../control/control.db' }],
])(
  'a file that the log says has %s is damage, told after few requests, and nothing is written for it',
  async (_what, change) => {
    const { store } = await remoteOfPond();
    const hostile = withChangedAdd(store, change);
    const disk = emptyDisk();
    expect(await pullInto(disk.files, hostile)).toMatchObject({ left: { _tag: 'RemoteDamaged' } });
    expect(hostile.requests.length).toBeLessThan(60);
    expect(isLeft(disk.onlooker.stat('/etc')())).toBe(true);
    expect(isLeft(disk.onlooker.stat('/outside.parquet')())).toBe(true);
    expect(isLeft(disk.onlooker.stat('/pond/control')())).toBe(true);
    expect(isLeft(disk.onlooker.stat(`${DATA}/_delta_log/00000000000000000099.json`)())).toBe(true);
  },
);

test.each([
  ['a file of the host', { path: 'file:///etc/passwd' }],
  ['a file of another bucket', { path: 's3://elsewhere/part.parquet' }],
])(
  'an entry that names %s, as other engines may write it, is an error that says so',
  async (_what, change) => {
    const { pond, store } = await remoteOfPond();
    const unsupported = { left: { _tag: 'UnsupportedData' } };
    const hostile = withChangedAdd(store, change);
    expect(await pullInto(emptyDisk().files, hostile)).toMatchObject(unsupported);
    const deps = { files: pond.disk.files, dataDir: DATA, store: over(hostile), ids: uuidIds, now: () => 0 };
    expect(isLeft(await verify({ ...deps, scratch: '/scratch' })())).toBe(true);
  },
);

test('a checkpoint that is not one, where it would stand for the oldest entries, is the damage of the remote', async () => {
  const { pond, store } = await remoteOfPond();
  for (let count = 0; count < 9; count += 1) await commitTo(pond, `more-${count}`);
  await pusher(pond).push(store);
  const [checkpoint = ''] = sorted(store.objects.keys()).filter((key) => key.endsWith('.checkpoint.parquet'));
  for (let version = 0; version < 3; version += 1) store.objects.delete(entryOf(`${version}`));
  expect(await rootInStore(store.objects)).toBe(await rootOf(pond.disk.files));
  for (const content of ['', 'PAR1', 'x'.repeat(1000), `PAR1${'x'.repeat(1000)}PAR1`]) {
    store.objects.set(checkpoint, Buffer.from(content));
    expect([content.length, await pullInto(emptyDisk().files, store)]).toMatchObject([
      content.length,
      { left: { _tag: 'RemoteDamaged', key: checkpoint } },
    ]);
  }
});
