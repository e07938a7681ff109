import { expect, test } from 'vitest';
import { sha256 } from '../../src/domain/documents/sha256.js';
import { createMemoryPond } from '../../src/memory-pond.js';
import { prune } from '../../src/remotes/prune.js';
import { openTLog } from '../../src/tlogfs/open-tlog.js';
import { memoryStore } from '../support/memory-store.js';
import { DATA, emptyDisk, outcomeOf, over, pullInto, pusher, rootInStore, rootOf } from './world.js';

const OLD = Buffer.alloc(70_000, 'old');
const NEW = Buffer.alloc(70_000, 'new');

/** A pond whose `/large` was pushed with an old content, got another one, and forgot the old one. */
const forgetful = async () => {
  const pond = await createMemoryPond();
  const store = memoryStore();
  const pushing = pusher(pond);
  const replica = emptyDisk();
  for (const content of [OLD, NEW]) await pond.promises.write(({ fs }) => fs.write('/large', content));
  await pushing.push(store);
  await pullInto(replica.files, store);
  const { forgotten } = await pond.promises.maintain({ forget: { before: 3 } });
  expect(forgotten).toMatchObject({ contents: 1, bytes: 70_000 });
  return { pond, store, pushing, replica };
};

const hasOld = (keys: Iterable<string>): boolean => [...keys].some((key) => key.endsWith(sha256(OLD)));

test('a push after forgetting goes on, and the remote keeps the old content until it is pruned', async () => {
  const { pond, store, pushing } = await forgetful();
  expect((await pushing.push(store)).outcome).toMatchObject({ right: { txnSeq: 3, blobs: 0 } });
  expect(hasOld(store.objects.keys())).toBe(true);
  expect(await pullInto(emptyDisk().files, store, 2)).toMatchObject({ right: { txnSeq: 2 } });
  await outcomeOf(
    prune({ files: pond.disk.files, dataDir: DATA, store: over(store), before: Number.MAX_SAFE_INTEGER }),
  );
  expect(hasOld(store.objects.keys())).toBe(false);
  expect(await rootInStore(store.objects)).toBe(await rootOf(pond.disk.files));
});

test('a first push after forgetting sends what is there', async () => {
  const { pond } = await forgetful();
  const store = memoryStore();
  expect((await pusher(pond).push(store)).outcome).toMatchObject({ right: { how: 'jumped', blobs: 1 } });
  expect(hasOld(store.objects.keys())).toBe(false);
  expect(await rootInStore(store.objects)).toBe(await rootOf(pond.disk.files));
});

test('a replica that pulls what was forgotten lets go of the old content when it is maintained', async () => {
  const { pond, store, pushing, replica } = await forgetful();
  await pushing.push(store);
  await pullInto(replica.files, store);
  const log = await outcomeOf(openTLog({ files: replica.files })(DATA));
  const { removed } = await outcomeOf(
    log.sweep({ mergedAwayBefore: Number.MAX_SAFE_INTEGER, dryRun: false }),
  );
  expect(removed.orphaned_blobs).toBe(1);
  expect(await rootOf(replica.files)).toBe(await rootOf(pond.disk.files));
});

test('a replaced file that is kept for its readers keeps the contents that it refers to', async () => {
  const { store, pushing, replica } = await forgetful();
  await pushing.push(store);
  await pullInto(replica.files, store);
  const log = await outcomeOf(openTLog({ files: replica.files })(DATA));
  expect(await outcomeOf(log.sweep({ mergedAwayBefore: 0, dryRun: false }))).toMatchObject({ bytes: 0 });
});
