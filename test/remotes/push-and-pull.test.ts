import { isLeft, isRight } from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import { loseNothing } from '../../src/adapters/memory/file-system/power-loss.js';
import { uuidIds } from '../../src/adapters/node/uuid-ids.js';
import type { MemoryPond } from '../../src/memory-pond.js';
import { prune } from '../../src/remotes/prune.js';
import { verify } from '../../src/remotes/pull/verify.js';
import { memoryStore, type StoreFault } from '../support/memory-store.js';
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

describe('a push', () => {
  test('sends all, and what lies there is the data directory: the restored pond has the same content root', async () => {
    const pond = await samplePond();
    const store = memoryStore();
    const { outcome } = await pusher(pond).push(store);
    expect(outcome).toMatchObject({ right: { how: 'continued', from: -1, txnSeq: 4, entries: 4, blobs: 3 } });
    for (const [key, content] of store.objects) {
      const here = pond.disk.onlooker.readFile(`${DATA}/${key}`)();
      if (key.includes('checkpoint')) continue;
      expect([key, isRight(here) && Buffer.compare(here.right, content)]).toEqual([key, 0]);
    }
    expect(await rootInStore(store.objects)).toBe(await rootOf(pond.disk.files));
  });

  test('of one commit makes four requests, and one for each blob', async () => {
    const pond = await samplePond();
    const store = memoryStore();
    const pushing = pusher(pond);
    await pushing.push(store);
    for (let count = 0; count < 13; count += 1) {
      await pond.promises.write(({ fs }) => fs.write('/one.txt', Buffer.from(`${count}`)));
      const { outcome, usage } = await pushing.push(store);
      // A merge is a version of its own.
      const most = isRight(outcome) && outcome.right.entries === 1 ? 4 : 6;
      expect(usage.requests).toBeLessThanOrEqual(most);
    }
    await commitTo(pond, 'with a blob');
    const before = store.requests.length;
    const { outcome, usage } = await pushing.push(store);
    expect(outcome).toMatchObject({ right: { entries: 1 } });
    expect(store.requests.slice(before).map(({ call }) => call)).toEqual(['list', 'put', 'put', 'put']);
    expect(usage.requests).toBe(4);
    expect((await pushing.push(store)).usage.requests).toBeLessThanOrEqual(2);
    expect(pushing.known().checkpoint).toBeGreaterThan(0);
    expect(store.objects.has('_delta_log/_last_checkpoint')).toBe(true);
  });

  test('of many commits makes a request for each file and each entry, and looks for no file that it has not sent', async () => {
    const pond = await samplePond();
    const store = memoryStore({ pageSize: 2 });
    const pushing = pusher(pond);
    await pushing.push(store);
    for (let count = 0; count < 40; count += 1)
      await pond.promises.write(({ fs }) => fs.write('/one.txt', Buffer.from(`${count}`)));
    const before = store.requests.length;
    const { outcome } = await pushing.push(store);
    if (!isRight(outcome)) throw new Error(outcome.left._tag);
    const { dataFiles, entries } = outcome.right;
    expect(dataFiles).toBeGreaterThanOrEqual(40);
    const calls = store.requests.slice(before).map(({ call }) => call);
    // Besides them a look at the log, a checkpoint, and what points at it.
    expect(calls.filter((call) => call === 'put')).toHaveLength(dataFiles + entries + 2);
    expect(calls.filter((call) => call !== 'put')).toEqual(['list']);
    expect(await rootInStore(store.objects)).toBe(await rootOf(pond.disk.files));
  });

  test('of a few contents asks for each of them, and for none of the others that are there', async () => {
    const pond = await samplePond();
    const store = memoryStore({ pageSize: 2 });
    const pushing = pusher(pond);
    await pushing.push(store);
    const pushed = async (path: string, content: string): Promise<readonly string[]> => {
      await pond.promises.write(({ fs }) => fs.write(path, Buffer.alloc(70 * 1024, content)));
      const before = store.requests.length;
      const { outcome } = await pushing.push(store);
      expect(outcome).toMatchObject({ right: { how: 'continued' } });
      return store.requests
        .slice(before)
        .flatMap(({ call, key }) => (key.startsWith('_blobs/') ? [call] : []));
    };
    // The versions that merge files are among these.
    for (let count = 0; count < 12; count += 1)
      expect(await pushed(`/${count}`, `new ${count}`)).toEqual(['put']);
    const keys = [...store.objects.keys()].filter((key) => key.startsWith('_blobs/'));
    expect(await pushed('/copy', 'new 0')).toEqual(['head']);
    expect([...store.objects.keys()].filter((key) => key.startsWith('_blobs/'))).toEqual(keys);
    expect(await rootInStore(store.objects)).toBe(await rootOf(pond.disk.files));
  });

  test('of contents that somebody else has sent sends none, and replaces what is not whole', async () => {
    const pond = await samplePond();
    const [store, twin] = [memoryStore(), memoryStore()];
    const [pushing, other] = [pusher(pond), pusher(pond)];
    for (const each of [pushing.push(store), other.push(twin)]) await each;
    await commitTo(pond, 'whole');
    await commitTo(pond, 'cut');
    await other.push(twin);
    const [whole = '', cut = ''] = [...twin.objects.keys()].filter(
      (key) => key.startsWith('_blobs/') && !store.objects.has(key),
    );
    store.objects.set(whole, twin.objects.get(whole) ?? new Uint8Array());
    store.objects.set(cut, new Uint8Array(3));
    expect((await pushing.push(store)).outcome).toMatchObject({ right: { how: 'continued', blobs: 1 } });
    expect(await rootInStore(store.objects)).toBe(await rootOf(pond.disk.files));
  });

  test('sends the newest version alone where the files of older ones are gone, and the skipped entries beside it', async () => {
    const pond = await samplePond();
    const store = memoryStore();
    const pushing = pusher(pond);
    await pushing.push(store);
    await maintained(pond);
    expect((await pushing.push(store)).outcome).toMatchObject({ right: { how: 'jumped' } });
    expect(sorted(store.objects.keys()).filter((key) => key.startsWith('_entries/'))).toHaveLength(1);
    await commitTo(pond, 'after');
    expect((await pushing.push(store)).outcome).toMatchObject({ right: { how: 'continued', entries: 1 } });
    expect(await rootInStore(store.objects)).toBe(await rootOf(pond.disk.files));
  });

  test('to a store that ignores conditions is refused before anything is sent', async () => {
    const store = memoryStore({ ignoresConditions: true });
    const { outcome } = await pusher(await samplePond()).push(store);
    expect(outcome).toMatchObject({ left: { _tag: 'ConditionsIgnored' } });
    expect([...store.objects.keys()]).toEqual([]);
  });

  test("of a log that does not continue the remote's is refused, and changes nothing there", async () => {
    const pond = await samplePond();
    const store = memoryStore();
    await pusher(pond).push(store);
    const twin = pond.disk.crash(loseNothing);
    const pushed = { disk: twin };
    await commitTo(pond, 'here');
    await pusher(pond).push(store);
    const before = sorted(store.objects.keys());
    // The twin has a history of its own from here on.
    expect((await pusher(pushed).push(store)).outcome).toMatchObject({
      left: { _tag: 'Diverged', how: 'ahead' },
    });
    const other = await samplePond();
    expect((await pusher(other).push(store)).outcome).toMatchObject({ left: { _tag: 'OtherPond' } });
    expect(sorted(store.objects.keys())).toEqual(before);
  });

  test('of the same log by two pushers at once succeeds for both, and sends one history', async () => {
    const pond = await samplePond();
    const store = memoryStore();
    const both = await Promise.all([pusher(pond).push(store), pusher(pond).push(store)]);
    expect(both.map(({ outcome }) => outcome._tag)).toEqual(['Right', 'Right']);
    expect(await rootInStore(store.objects)).toBe(await rootOf(pond.disk.files));
  });

  test('goes on where a store loses answers, is not reached, or answers 409', async () => {
    const faults: StoreFault[] = ['lost', 'unreached', 'conflict', null, null];
    const pond = await samplePond();
    const store = memoryStore({
      fault: ({ count, key }) => (key.startsWith('_probe') ? null : (faults[count % 5] ?? null)),
    });
    expect(isRight((await pusher(pond).push(store)).outcome)).toBe(true);
    expect(await rootInStore(store.objects)).toBe(await rootOf(pond.disk.files));
  });

  test('begins again where everything that was there is gone', async () => {
    const pond = await samplePond();
    const store = memoryStore();
    const pushing = pusher(pond);
    await pushing.push(store);
    store.objects.clear();
    expect((await pushing.push(store)).outcome).toMatchObject({ right: { entries: 4 } });
    expect(await rootInStore(store.objects)).toBe(await rootOf(pond.disk.files));
  });

  test('is followed by what maintenance removed: files that nobody names any more, once they are old', async () => {
    const pond = await samplePond();
    const store = memoryStore({ now: () => 5_000_000 });
    const pushing = pusher(pond);
    await pushing.push(store);
    await maintained(pond);
    await pushing.push(store);
    const deps = { files: pond.disk.files, dataDir: DATA, store: over(store) };
    expect(await outcomeOf(prune({ ...deps, before: 1 }))).toEqual({ dataFiles: 0, blobs: 0 });
    const { dataFiles } = await outcomeOf(prune({ ...deps, before: Number.MAX_SAFE_INTEGER }));
    expect(dataFiles).toBeGreaterThan(0);
    expect(await rootInStore(store.objects)).toBe(await rootOf(pond.disk.files));
  });
});

describe('a pull', () => {
  test('brings what is new, commit by commit, also over a jump', async () => {
    const pond = await samplePond();
    const store = memoryStore();
    const pushing = pusher(pond);
    await pushing.push(store);
    const replica = emptyDisk();
    expect(await pullInto(replica.files, store)).toMatchObject({ right: { from: -1, txnSeq: 4 } });
    await commitTo(pond, 'new');
    await pushing.push(store);
    expect(await pullInto(replica.files, store)).toMatchObject({
      right: { txnSeq: 5, entries: 1, blobs: 1, dataFiles: 1 },
    });
    expect(await pullInto(replica.files, store)).toMatchObject({
      right: { entries: 0, blobs: 0, dataFiles: 0 },
    });
    await maintained(pond);
    await pushing.push(store);
    expect(isRight(await pullInto(replica.files, store))).toBe(true);
    expect(await rootOf(replica.files)).toBe(await rootOf(pond.disk.files));
    for (let version = 0; version <= 17; version += 1) {
      const name = `${DATA}/_delta_log/${String(version).padStart(20, '0')}.json`;
      expect([name, isRight(replica.files.readFile(name)())]).toEqual([name, true]);
    }
  });

  test.each([
    ['a blob', /^_blobs/],
    ['a data file', /^part-/],
    ['a log entry', /_delta_log\/0+1\.json/],
  ])('refuses %s that is not what was pushed, and leaves nothing of it', async (_name, which) => {
    const pond = await samplePond();
    const store = memoryStore();
    await pusher(pond).push(store);
    const key = sorted(store.objects.keys()).find((name) => which.test(name)) ?? '';
    const content = Uint8Array.from(store.objects.get(key) ?? []);
    const at = content.length >> 1;
    content[at] = (content[at] ?? 0) ^ 1;
    store.objects.set(key, content);
    const disk = emptyDisk();
    expect(await pullInto(disk.files, store)).toMatchObject({ left: { _tag: 'RemoteDamaged', key } });
    expect(isLeft(disk.files.stat(`${DATA}/${key}`)())).toBe(true);
  });

  test('refuses a remote that is behind, or has another history', async () => {
    const pond = await samplePond();
    const store = memoryStore();
    const pushing = pusher(pond);
    await pushing.push(store);
    const before = new Map(store.objects);
    await commitTo(pond, 'x');
    await pushing.push(store);
    const replica = emptyDisk();
    await pullInto(replica.files, store);
    expect(await pullInto(replica.files, memoryStore({}, before))).toMatchObject({
      left: { _tag: 'Diverged', how: 'behind' },
    });
    const other = memoryStore();
    await pusher(await samplePond(6)).push(other);
    expect(await pullInto(replica.files, other)).toMatchObject({ left: { _tag: 'OtherPond' } });
    expect(await pullInto(emptyDisk().files, memoryStore())).toMatchObject({ left: { _tag: 'NotARemote' } });
  });

  test('restores any commit of which all is there, and names the nearest ones where it is not', async () => {
    const pond = await samplePond();
    const store = memoryStore();
    const pushing = pusher(pond);
    await pushing.push(store);
    for (const at of [1, 2, 3, 4]) {
      const disk = emptyDisk();
      expect(await pullInto(disk.files, store, at)).toMatchObject({ right: { txnSeq: at } });
      expect(await rootOf(disk.files)).toBe(await rootOf(pond.disk.files, at));
    }
    expect(await pullInto(emptyDisk().files, store, 9)).toMatchObject({
      left: { _tag: 'TransactionNotFound' },
    });
    await maintained(pond);
    await pushing.push(store);
    expect(await pullInto(emptyDisk().files, store, 6)).toMatchObject({
      left: { _tag: 'NotWhole', txnSeq: 6, whole: [4, expect.any(Number)] },
    });
  });
});

describe('a comparison with a remote', () => {
  const comparison = async (pond: MemoryPond, store: ReturnType<typeof memoryStore>) => {
    const { files } = pond.disk;
    files.makeDirectories('/scratch')();
    return outcomeOf(
      verify({
        files,
        dataDir: DATA,
        store: over(store),
        ids: uuidIds,
        now: () => 0,
        scratch: `/scratch/${uuidIds.uuidV7()}`,
      }),
    );
  };

  test('says by how many commits the remote is behind, with equal content roots of what both have', async () => {
    const pond = await samplePond();
    const store = memoryStore();
    await pusher(pond).push(store);
    const root = await rootOf(pond.disk.files);
    expect(await comparison(pond, store)).toMatchObject({
      relation: 'up-to-date',
      commits: 0,
      localRoot: root,
      remoteRoot: root,
      missingBlobs: [],
    });
    await commitTo(pond, 'x');
    await commitTo(pond, 'y');
    expect(await comparison(pond, store)).toMatchObject({
      relation: 'behind',
      commits: 2,
      localRoot: root,
      remoteRoot: root,
    });
  });

  test('finds a blob that is missing there', async () => {
    const pond = await samplePond();
    const store = memoryStore();
    await pusher(pond).push(store);
    const blob = sorted(store.objects.keys()).find((key) => key.startsWith('_blobs')) ?? '';
    store.objects.delete(blob);
    expect((await comparison(pond, store)).missingBlobs).toEqual([blob.slice(-64)]);
  });
});
