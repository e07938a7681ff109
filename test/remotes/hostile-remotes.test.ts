// Whoever may write a remote may write its history: what a pull, a push, a comparison or a prune makes of it is bounded.

import { isLeft } from 'fp-ts/lib/Either.js';
import { expect, test } from 'vitest';
import { uuidIds } from '../../src/adapters/node/uuid-ids.js';
import { prune } from '../../src/remotes/prune.js';
import { verify } from '../../src/remotes/verify.js';
import { memoryStore } from '../support/memory-store.js';
import {
  DATA,
  emptyDisk,
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
