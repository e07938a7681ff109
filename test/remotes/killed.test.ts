// Pushes and pulls that are killed at every step: what lies there is whole at any moment, and repeating makes it good.

import { isLeft, isRight } from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import { loseNothing } from '../../src/adapters/memory/power-loss.js';
import { memoryStore } from '../support/memory-store.js';
import { sampleOf } from '../support/sample-of.js';
import {
  commitTo,
  emptyDisk,
  killedAt,
  maintained,
  pullInto,
  pusher,
  rootInStore,
  rootOf,
  samplePond,
} from './world.js';

describe('a push', () => {
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

describe('a pull', () => {
  test('that is killed at any of its steps leaves a whole state, and is simply repeated', async () => {
    const pond = await samplePond(2);
    const store = memoryStore();
    const pushing = pusher(pond);
    await pushing.push(store);
    const old = emptyDisk();
    await pullInto(old.files, store);
    const oldRoot = await rootOf(old.files);
    await commitTo(pond, 'x');
    await maintained(pond);
    await pushing.push(store);
    const root = await rootOf(pond.disk.files);
    const whole = old.crash(loseNothing);
    await pullInto(whole.files, store);
    const calls = whole.calls();
    expect(calls).toBeGreaterThan(50);
    for (const count of sampleOf(calls)) {
      const disk = old.crash(loseNothing, (call) => (call.count >= count ? 'EIO' : null));
      expect([count, isLeft(await pullInto(disk.files, store))]).toEqual([count, true]);
      const found = await rootOf(disk.onlooker);
      expect([oldRoot, root]).toContain(found);
      expect([count, isRight(await pullInto(disk.onlooker, store))]).toEqual([count, true]);
      expect(await rootOf(disk.onlooker)).toBe(root);
    }
  });
});
