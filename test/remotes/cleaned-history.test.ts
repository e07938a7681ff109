// Histories whose oldest log entries another engine has removed, as it may do with those that a checkpoint stands for.

import { describe, expect, test } from 'vitest';
import type { MemoryFileSystem } from '../../src/adapters/memory/file-system/memory-file-system.js';
import { loseNothing } from '../../src/adapters/memory/file-system/power-loss.js';
import { uuidIds } from '../../src/adapters/node/uuid-ids.js';
import { prune } from '../../src/remotes/prune.js';
import { verify } from '../../src/remotes/pull/verify.js';
import { pushStepwise } from '../../src/remotes/push/push-stepwise.js';
import { type Pushing, UNKNOWN_REMOTE } from '../../src/remotes/push/pushing.js';
import { tableLayout } from '../../src/tlogfs/table-layout.js';
import { memoryStore } from '../support/memory-store.js';
import { commitFile, newTable, START } from '../tlogfs/table-fixture.js';
import { DATA, emptyDisk, outcomeOf, over, pullInto, pusher, rootOf } from './world.js';

/** Ten commits, a checkpoint, two more; then the oldest entries are removed. */
const cleaned = async (removed = 8): Promise<MemoryFileSystem> => {
  const disk = emptyDisk();
  const { log } = await newTable(DATA, disk.files);
  for (let count = 1; count <= 10; count += 1) await commitFile(log, `${count}`, { name: `f-${count}` });
  await outcomeOf(log.maintain(START));
  for (let count = 1; count <= 2; count += 1) await commitFile(log, `x${count}`, { name: `x-${count}` });
  for (let version = 0; version < removed; version += 1) {
    disk.files.remove(tableLayout(DATA).logEntry(version))();
  }
  return disk;
};

describe('a pond whose oldest log entries were cleaned up', () => {
  test('is pushed, pushed again, compared, pruned and restored', async () => {
    const disk = await cleaned();
    const root = await rootOf(disk.files);
    const store = memoryStore();
    const pushing = pusher({ disk });
    expect((await pushing.push(store)).outcome).toMatchObject({ right: { how: 'jumped' } });
    expect((await pushing.push(store)).outcome).toMatchObject({ right: { how: 'up-to-date' } });
    const deps = { files: disk.files, dataDir: DATA, store: over(store), ids: uuidIds, now: () => 0 };
    disk.files.makeDirectories('/scratch/one')();
    expect(await outcomeOf(verify({ ...deps, scratch: '/scratch/one' }))).toMatchObject({
      relation: 'up-to-date',
      localRoot: root,
      remoteRoot: root,
    });
    expect(await outcomeOf(prune({ ...deps, before: 0 }))).toEqual({ dataFiles: 0, blobs: 0 });
    const restored = emptyDisk();
    expect(await pullInto(restored.files, store)).toMatchObject({ right: { from: -1, txnSeq: 13 } });
    expect(await rootOf(restored.files)).toBe(root);
    expect(await pullInto(restored.files, store)).toMatchObject({ right: { entries: 0 } });
    const old = emptyDisk();
    expect(await pullInto(old.files, store, 12)).toMatchObject({ left: { _tag: 'NotWhole', whole: [13] } });
  });

  test('goes on with a remote that has the removed ones', async () => {
    const disk = await cleaned(0);
    const store = memoryStore();
    const pushing = pusher({ disk });
    await pushing.push(store);
    for (let version = 0; version < 8; version += 1) {
      disk.files.remove(tableLayout(DATA).logEntry(version))();
    }
    expect((await pushing.push(store)).outcome).toMatchObject({ right: { how: 'up-to-date' } });
    const restored = emptyDisk();
    await pullInto(restored.files, store);
    expect(await rootOf(restored.files)).toBe(await rootOf(disk.files));
  });

  test('is not pushed over a remote that ends before them: nothing tells whether it continues that', async () => {
    const disk = await cleaned(0);
    const store = memoryStore();
    await pusher({ disk }).push(store);
    const early = memoryStore(
      {},
      new Map(
        [...store.objects].filter(([key]) => !/_delta_log\/0+([4-9]|1\d)\.|_last_checkpoint/.test(key)),
      ),
    );
    for (let version = 0; version < 8; version += 1) {
      disk.files.remove(tableLayout(DATA).logEntry(version))();
    }
    const before = [...early.objects.keys()];
    expect((await pusher({ disk: disk.crash(loseNothing) }).push(early)).outcome).toMatchObject({
      left: { _tag: 'Diverged', how: 'unknown', version: 3 },
    });
    expect([...early.objects.keys()]).toEqual(before);
  });
});

test('a push that finds in the middle that only the newest version is whole says how far it has come', async () => {
  const store = memoryStore();
  const sendings = ['sent', null] as const;
  let asked = 0;
  const stub = {
    store: over(store),
    known: UNKNOWN_REMOTE,
    tip: -1,
    local: {
      state: { version: 204, metaData: { id: 'pond' } },
      hasFile: () => true,
      textAndEntry: (version: number) => async () => ({
        _tag: 'Right',
        right: {
          text: Buffer.from(`entry ${version}`),
          entry: { adds: [], removes: [], txns: [{ appId: 'pond', version: version + 1 }] },
        },
      }),
    },
    contents: {
      send: () => async () => {
        asked += 1;
        return { _tag: 'Right', right: sendings[asked - 1] ?? null };
      },
    },
    save: () => async () => ({ _tag: 'Right', right: undefined }),
  };
  const stepped = await outcomeOf(pushStepwise(stub as unknown as Pushing));
  expect(stepped).toMatchObject({ tip: 199, known: { version: 199, txnSeq: 200 } });
  expect(store.objects.size).toBe(200);
});
