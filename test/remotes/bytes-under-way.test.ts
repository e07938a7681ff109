// Contents that are larger than memory should be: what is under way at once does not grow with their number.

import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { expect, test } from 'vitest';
import { createMemoryPond } from '../../src/memory-pond.js';
import type { ObjectStore } from '../../src/ports/object-store.js';
import { memoryStore } from '../support/memory-store.js';
import { emptyDisk, outcomeOf, pullInto, pusher, rootOf } from './world.js';

const MIB = 1024 * 1024;

/** A store that counts the bytes of contents that are on their way, there or back. */
const counting = <S extends ObjectStore>(store: S) => {
  let [now, most] = [0, 0];
  const counted =
    <E, A>(bytes: number, call: TaskEither<E, A>): TaskEither<E, A> =>
    async () => {
      now += bytes;
      most = Math.max(most, now);
      // Whatever else is begun at once is under way by then.
      await new Promise((resolve) => setImmediate(resolve));
      const outcome = await call();
      now -= bytes;
      return outcome;
    };
  const counts: S = {
    ...store,
    put: (request, signal) => counted(request.content.length, store.put(request, signal)),
    get: (request, signal) => counted(request.range?.length ?? 0, store.get(request, signal)),
    uploads: {
      ...store.uploads,
      put: (upload, part, signal) => counted(part.content.length, store.uploads.put(upload, part, signal)),
    },
  };
  return { store: counts, most: () => most };
};

test('of many large contents, as much is under way at once as of a few', async () => {
  const pond = await createMemoryPond();
  await pond.promises.write(async ({ fs }) => {
    for (let count = 0; count < 6; count += 1)
      await fs.write(`/${count}`, Buffer.alloc(17 * MIB, `${count}`));
  });
  const sent = counting(memoryStore());
  await outcomeOf(async () => (await pusher(pond).push(sent.store)).outcome);
  expect(sent.most()).toBeGreaterThan(16 * MIB);
  expect(sent.most()).toBeLessThan(33 * MIB);
  const fetched = counting(sent.store);
  const disk = emptyDisk();
  await outcomeOf(() => pullInto(disk.files, fetched.store, null));
  expect(fetched.most()).toBeGreaterThan(4 * MIB);
  expect(fetched.most()).toBeLessThan(17 * MIB);
  expect(await rootOf(disk.files)).toBe(await rootOf(pond.disk.files));
});
