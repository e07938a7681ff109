// Pushers of two histories at once: whatever the order of their requests, one wins, the other says so, and what lies there
// is whole at every moment.

import { createHash } from 'node:crypto';
import { isLeft, isRight } from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import type { MemoryFileSystem } from '../../src/adapters/memory/file-system/memory-file-system.js';
import { loseNothing } from '../../src/adapters/memory/file-system/power-loss.js';
import type { ObjectStore } from '../../src/ports/object-store.js';
import { openTLog } from '../../src/tlogfs/open-tlog.js';
import { type MemoryStore, memoryStore } from '../support/memory-store.js';
import { sampleOf } from '../support/sample-of.js';
import { commitFile, newTable, ok, START } from '../tlogfs/table-fixture.js';
import { DATA, emptyDisk, pullInto, pusher, rootInStore, rootOf } from './world.js';

/** How a history goes on: by small commits; so that they are merged; so that what was merged away is gone, too. */
type Kind = 'commits' | 'merged' | 'swept';

const goOn = async (disk: MemoryFileSystem, name: string, kind: Kind, commits: number): Promise<void> => {
  const log = await ok(openTLog({ files: disk.files })(DATA));
  for (let count = 1; count <= commits; count += 1) {
    await commitFile(log, `${name} ${count}`, { name: `${name}-${count}` });
  }
  if (kind !== 'commits') await ok(log.maintain(START));
  if (kind === 'swept') await ok(log.sweep({ mergedAwayBefore: Number.MAX_SAFE_INTEGER, dryRun: false }));
};

/** Content roots of the commits that a history has gone on by; where it can only jump, that of the last one. */
const rootsOf = async ({ files }: MemoryFileSystem, kind: Kind): Promise<readonly string[]> => {
  const { txnSeq } = await ok((await ok(openTLog({ files })(DATA))).head());
  const roots: string[] = [];
  for (let at = kind === 'swept' ? txnSeq : 6; at <= txnSeq; at += 1) roots.push(await rootOf(files, at));
  return roots;
};

/** One history that was pushed, as two machines have it. */
const twins = async () => {
  const disk = emptyDisk();
  await newTable(DATA, disk.files);
  await goOn(disk, 'both', 'commits', 4);
  const store = memoryStore();
  const pushing = pusher({ disk });
  await pushing.push(store);
  const twin = () => disk.crash(loseNothing);
  return { twin, objects: store.objects, known: pushing.known() };
};

/** The store as one pusher sees it: before one of its requests something else happens. */
const interrupted = (store: MemoryStore, at: number, meanwhile: () => Promise<void>): ObjectStore => {
  let count = 0;
  const before =
    <A extends readonly unknown[], R>(call: (...given: A) => () => Promise<R>) =>
    (...given: A) =>
    async (): Promise<R> => {
      count += 1;
      if (count === at) await meanwhile();
      return call(...given)();
    };
  const { put, get, head, list } = store;
  return { ...store, put: before(put), get: before(get), head: before(head), list: before(list) };
};

/** Content roots by what lies in a store: many orders of requests lead to the same. */
const roots = new Map<string, string | null>();
const rootOnce = async (objects: ReadonlyMap<string, Uint8Array>): Promise<string | null> => {
  const digest = createHash('sha256');
  for (const key of [...objects.keys()].sort()) digest.update(key).update(objects.get(key) ?? '');
  const name = digest.digest('hex');
  const known = roots.get(name);
  if (known !== undefined) return known;
  const root = await rootInStore(objects);
  roots.set(name, root);
  return root;
};

describe('of two pushers of different histories', () => {
  test.each<readonly [Kind, Kind, number]>([
    ['commits', 'commits', 2],
    ['merged', 'merged', 5],
    ['swept', 'swept', 5],
    ['swept', 'swept', 6],
    ['swept', 'commits', 3],
    ['commits', 'swept', 5],
  ])(
    'one wins and the other says so, whenever it comes in between: %s here, %s there',
    async (here, there, commits) => {
      const { twin, objects, known } = await twins();
      const base = await rootInStore(objects);
      const [a, b] = [twin(), twin()];
      await goOn(a, 'a', here, 5);
      await goOn(b, 'b', there, commits);
      const [ofA, ofB] = [await rootsOf(a, here), await rootsOf(b, there)];
      const alone = memoryStore({}, new Map(objects));
      await pusher({ disk: a }, known).push(alone);
      for (const at of sampleOf(alone.requests.length)) {
        const moments: Map<string, Uint8Array>[] = [];
        const store = memoryStore(
          {
            fault: ({ key }) => {
              if (key.startsWith('_delta_log/')) moments.push(new Map(store.objects));
              return null;
            },
          },
          new Map(objects),
        );
        const second = { isRight: false };
        const first = await pusher({ disk: a }, known).push(
          interrupted(store, at, async () => {
            const { outcome } = await pusher({ disk: b }, known).push(store);
            second.isRight = isRight(outcome);
            if (isLeft(outcome)) expect(outcome.left).toMatchObject({ _tag: 'Diverged' });
          }),
        );
        if (isLeft(first.outcome)) expect(first.outcome.left).toMatchObject({ _tag: 'Diverged' });
        expect([at, isRight(first.outcome) !== second.isRight]).toEqual([at, true]);
        const end = await rootOnce(store.objects);
        const winner = second.isRight ? ofB : ofA;
        expect([at, end]).toEqual([at, winner.at(-1)]);
        for (const moment of moments) expect([base, ...winner]).toContain(await rootOnce(moment));
      }
    },
  );
});

describe('a jump that was killed', () => {
  test('at any of its requests is gone on with by a pusher of the same history, and stops one of another', async () => {
    const { twin, objects, known } = await twins();
    const [a, b] = [twin(), twin()];
    await goOn(a, 'a', 'swept', 5);
    await goOn(b, 'b', 'swept', 5);
    const root = await rootOf(a.files);
    const alone = memoryStore({}, new Map(objects));
    await pusher({ disk: a }, known).push(alone);
    const claimed = alone.requests.find(({ key }) => key.endsWith('05.json'))?.count ?? 0;
    const entry = alone.requests.findLast(({ key }) => key.endsWith('.json'))?.count ?? 0;
    expect(entry).toBeGreaterThan(claimed);
    for (let at = claimed + 1; at <= entry; at += 1) {
      const fault = ({ count }: { readonly count: number }) => (count >= at ? ('denied' as const) : null);
      const store = memoryStore({ fault }, new Map(objects));
      expect(isLeft((await pusher({ disk: a }, known).push(store)).outcome)).toBe(true);
      const others = await pusher({ disk: b }, known).push(memoryStore({}, store.objects));
      expect([at, others.outcome]).toMatchObject([at, { left: { _tag: 'Diverged' } }]);
      // Another machine that has the same history, and more of it by now.
      const later = a.crash(loseNothing);
      await goOn(later, 'later', 'commits', 1);
      const after = new Map(store.objects);
      const { outcome } = await pusher({ disk: later }).push(memoryStore({}, after));
      expect([at, outcome]).toMatchObject([at, { right: { how: 'jumped' } }]);
      expect(await rootOnce(after)).toBe(await rootOf(later.files));
      await pusher({ disk: a }, known).push(memoryStore({}, store.objects));
      expect(await rootOnce(store.objects)).toBe(root);
    }
  });

  test('and one that has ended, leave a history of which a replica gets every entry as it was committed', async () => {
    const { twin, objects, known } = await twins();
    const a = twin();
    await goOn(a, 'a', 'swept', 5);
    await pusher({ disk: a }, known).push(memoryStore({}, objects));
    const { files } = emptyDisk();
    expect(await pullInto(files, memoryStore({}, objects))).toMatchObject({ _tag: 'Right' });
    for (let version = 0; version <= 10; version += 1) {
      const name = `${DATA}/_delta_log/${String(version).padStart(20, '0')}.json`;
      expect([version, files.readFile(name)()]).toEqual([version, a.files.readFile(name)()]);
    }
  });
});
