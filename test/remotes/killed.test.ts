// Pushes and pulls that are killed at every step: what lies there is whole at any moment, and repeating makes it good.

import { isLeft, isRight } from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import {
  loseEverything,
  loseNothing,
  type PowerLoss,
} from '../../src/adapters/memory/file-system/power-loss.js';
import { createMemoryPond } from '../../src/memory-pond.js';
import type { FileSystem } from '../../src/ports/file-system.js';
import { openTLog } from '../../src/tlogfs/open-tlog.js';
import { chosenSeed } from '../crash/machinery/chosen-seed.js';
import { memoryStore } from '../support/memory-store.js';
import { sampleOf } from '../support/sample-of.js';
import { SHARE } from '../support/times.js';
import { commitFile, newTable, ok, START } from '../tlogfs/table-fixture.js';
import {
  commitTo,
  DATA,
  emptyDisk,
  killedAt,
  maintained,
  pullInto,
  pusher,
  rootInStore,
  rootOf,
  samplePond,
} from './world.js';

/** Every other change that was not fsynced is lost, in the order in which they were made. */
const loseEveryOther = (): PowerLoss => {
  let asked = 0;
  return {
    survives: () => {
      asked += 1;
      return asked % 2 === 0;
    },
    keptBytes: ({ synced }) => synced,
  };
};

/** A pull makes hundreds of calls, and looking at what a killed one leaves takes as long as the pull: `npm test` tries few. */
const fewOf = (count: number): readonly number[] => sampleOf(count).filter((_, index) => index % SHARE === 0);

const entryNames = (files: FileSystem): readonly string[] => {
  const names = files.readDirectory(`${DATA}/_delta_log`)();
  return isLeft(names) ? [] : names.right.filter((name) => name.endsWith('.json')).sort();
};

/** Version of the newest checkpoint in 20 digits; null: there is none. */
const newestCheckpoint = (files: FileSystem): string | null => {
  const names = files.readDirectory(`${DATA}/_delta_log`)();
  const found = isLeft(names) ? [] : names.right.filter((name) => name.endsWith('.checkpoint.parquet'));
  return found.sort().at(-1)?.slice(0, 20) ?? null;
};

/** Milliseconds that a test which kills at every step may take, on a machine that has other things to do. */
const LONG = 600_000;

describe('a push', { timeout: LONG }, () => {
  test('that is killed before any of its requests leaves a whole older state, and repeating it sends nothing twice', async () => {
    const pond = await samplePond();
    const root = await rootOf(pond.disk.files);
    const total = (await pusher(pond).push(memoryStore())).usage.requests;
    expect(total).toBeGreaterThan(10);
    for (const count of sampleOf(total)) {
      const killed = memoryStore(killedAt(count));
      const pushing = pusher(pond);
      expect(isLeft((await pushing.push(killed)).outcome)).toBe(true);
      await rootInStore(killed.objects);
      const before = new Set(killed.objects.keys());
      const store = memoryStore({}, killed.objects);
      const { outcome } = await pusher(pond, pushing.known()).push(store);
      expect([count, isRight(outcome)]).toEqual([count, true]);
      const again = store.requests.filter(
        ({ call, key }) =>
          call === 'put' && before.has(key) && !/_probe|_last_checkpoint|checkpoint/.test(key),
      );
      expect([count, again]).toEqual([count, []]);
      expect(await rootInStore(store.objects)).toBe(root);
    }
  });

  test('over a jump leaves a whole state, too, wherever it is killed', async () => {
    const pond = await samplePond();
    const store = memoryStore();
    const pushing = pusher(pond);
    await pushing.push(store);
    await maintained(pond);
    const root = await rootOf(pond.disk.files);
    const total = (await pusher(pond, pushing.known()).push(memoryStore({}, new Map(store.objects)))).usage
      .requests;
    for (const count of sampleOf(total)) {
      const killed = memoryStore(killedAt(count), new Map(store.objects));
      const dying = pusher(pond, pushing.known());
      await dying.push(killed);
      expect(await rootInStore(killed.objects)).not.toBeNull();
      const { outcome } = await pusher(pond, dying.known()).push(memoryStore({}, killed.objects));
      expect([count, isRight(outcome)]).toEqual([count, true]);
      expect(await rootInStore(killed.objects)).toBe(root);
    }
  });
});

/** A pond, a store that it was pushed to, and a disk with a replica of it. */
const pulledOnce = async () => {
  const pond = await samplePond(2);
  const store = memoryStore();
  const pushing = pusher(pond);
  await pushing.push(store);
  const old = emptyDisk();
  await pullInto(old.files, store);
  return { pond, store, pushing, old };
};

describe('a pull', { timeout: LONG }, () => {
  test('that is killed at any of its steps leaves a whole state, and is simply repeated', async () => {
    const { pond, store, pushing, old } = await pulledOnce();
    const oldRoot = await rootOf(old.files);
    await commitTo(pond, 'x');
    await maintained(pond);
    await pushing.push(store);
    const root = await rootOf(pond.disk.files);
    const whole = old.crash(loseNothing);
    await pullInto(whole.files, store);
    const calls = whole.calls();
    expect(calls).toBeGreaterThan(50);
    for (const count of fewOf(calls)) {
      const disk = old.crash(loseNothing, (call) => (call.count >= count ? 'EIO' : null));
      expect([count, isLeft(await pullInto(disk.files, store))]).toEqual([count, true]);
      const found = await rootOf(disk.onlooker);
      expect([oldRoot, root]).toContain(found);
      expect([count, isRight(await pullInto(disk.onlooker, store))]).toEqual([count, true]);
      expect(await rootOf(disk.onlooker)).toBe(root);
    }
  });

  test('over a jump publishes its newest entry before those that are history, so that a checkpoint is without one for a moment only', async () => {
    const { pond, store, pushing, old } = await pulledOnce();
    const before = [entryNames(old.files), newestCheckpoint(old.files)];
    for (const name of ['x', 'y', 'z']) await commitTo(pond, name);
    await maintained(pond);
    await pushing.push(store);
    const whole = old.crash(loseNothing);
    await pullInto(whole.files, store);
    let without = 0;
    // From the end on, to where the new checkpoint is not there yet.
    for (let count = whole.calls(); count > 0; count -= 1) {
      const disk = old.crash(loseNothing, (call) => (call.count >= count ? 'EIO' : null));
      await pullInto(disk.files, store);
      const names = entryNames(disk.onlooker);
      const checkpoint = newestCheckpoint(disk.onlooker);
      if (checkpoint === null || checkpoint === before[1]) break;
      if (names.some((name) => name.slice(0, 20) >= checkpoint)) continue;
      without += 1;
      expect([count, names]).toEqual([count, before[0]]);
    }
    expect(without).toBeGreaterThan(0);
  });

  test('into an empty directory that is killed, or loses its power, at any of its steps is simply repeated, and brings the whole history durably', async () => {
    const pond = await samplePond(4);
    const store = memoryStore();
    await pusher(pond).push(store);
    const empty = emptyDisk();
    for (const at of [null, 3]) {
      const root = await rootOf(pond.disk.files, at ?? undefined);
      const whole = empty.crash(loseNothing);
      await pullInto(whole.files, store, at);
      const names = entryNames(whole.onlooker);
      expect(names).toHaveLength(at ?? 5);
      const counts = fewOf(whole.calls());
      for (const [index, count] of counts.entries()) {
        const dying = empty.crash(loseNothing, (call) => (call.count >= count ? 'EIO' : null));
        expect([count, isLeft(await pullInto(dying.files, store, at))]).toEqual([count, true]);
        const loss = [loseNothing, loseEverything, loseEveryOther()][index % 3] ?? loseNothing;
        const repeated = dying.crash(loss);
        expect([count, await pullInto(repeated.files, store, at)]).toMatchObject([count, { _tag: 'Right' }]);
        const { onlooker } = repeated.crash(loseEverything);
        expect([count, entryNames(onlooker)]).toEqual([count, names]);
        const pointer = onlooker.stat(`${DATA}/_delta_log/_last_checkpoint`)();
        expect([count, isRight(pointer)]).toEqual([count, true]);
        expect([count, await rootOf(onlooker)]).toEqual([count, root]);
      }
    }
  });

  test('fetches an entry of the history that is missing, however far below the newest checkpoint', async () => {
    const pond = await createMemoryPond();
    for (let count = 0; count < 140; count += 1) {
      await pond.promises.write(({ fs }) => fs.write('/a.txt', Buffer.from(`${count}`)));
    }
    const store = memoryStore();
    await pusher(pond).push(store);
    const { files } = emptyDisk();
    await pullInto(files, store);
    const names = entryNames(files);
    expect(names.length).toBeGreaterThan(140);
    for (const version of [1, 3]) files.remove(`${DATA}/_delta_log/${names[version]}`)();
    expect(await pullInto(files, store)).toMatchObject({ right: { entries: 2 } });
    expect(entryNames(files)).toEqual(names);
  });
});

describe('a replica', { timeout: LONG }, () => {
  test('that is pulled every few commits of two hundred, with kills and power losses on both sides, is whole at any time and ends as the pond is', async () => {
    const disk = emptyDisk();
    await newTable(DATA, disk.files);
    const log = await ok(openTLog({ files: disk.files })(DATA));
    const objects = new Map<string, Uint8Array>();
    let state = Math.abs(chosenSeed()) % 2_147_483_647;
    const below = (limit: number): number => {
      state = (state * 48_271 + 11) % 2_147_483_647;
      return state % limit;
    };
    let pushing = pusher({ disk });
    let replica = emptyDisk();
    const commits = Math.ceil(200 / SHARE);
    for (let commit = 1; commit <= commits; commit += 1) {
      const content = commit % 15 === 0 ? Buffer.alloc(70_000, commit) : `${commit}`;
      await commitFile(log, content, { name: `f-${commit}` });
      if (commit % 10 === 0) await ok(log.maintain(START));
      if (commit % 30 === 0) {
        await ok(log.sweep({ mergedAwayBefore: Number.MAX_SAFE_INTEGER, dryRun: false }));
      }
      if (commit % 4 !== 0) continue;
      await pushing.push(memoryStore(killedAt(1 + below(16)), objects));
      // Another process knows of the remote what was kept, or nothing.
      pushing = below(5) === 0 ? pusher({ disk }) : pusher({ disk }, pushing.known());
      const at = 1 + below(300);
      const dying = replica.crash(loseNothing, (call) => (call.count >= at ? 'EIO' : null));
      await pullInto(dying.files, memoryStore({}, objects));
      replica = dying.crash([loseNothing, loseEverything, loseEveryOther()][below(3)] ?? loseNothing);
      if (entryNames(replica.files).length > 0 && below(4) === 0) await rootOf(replica.files);
    }
    expect((await pushing.push(memoryStore({}, objects))).outcome).toMatchObject({ _tag: 'Right' });
    expect(await pullInto(replica.files, memoryStore({}, objects))).toMatchObject({ _tag: 'Right' });
    expect(await rootOf(replica.files)).toBe(await rootOf(disk.files));
    expect(entryNames(replica.files)).toEqual(entryNames(disk.files));
  });
});
