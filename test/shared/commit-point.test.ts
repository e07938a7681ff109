// What surrounds the commit point of a table in a store: the lock that may be lost, the version that is written down, and those who
// came between.

import { readdirSync } from 'node:fs';
import { right } from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { expect, it } from 'vitest';
import { nodeFileSystem } from '../../src/adapters/node/files/node-file-system.js';
import { nodeClock } from '../../src/adapters/node/node-clock.js';
import { uuidIds } from '../../src/adapters/node/uuid-ids.js';
import { openSharedTLog } from '../../src/shared-table/shared-tlog.js';
import type { WriterTurn } from '../../src/shared-table/writer-turns.js';
import { outcomeOf, over } from '../remotes/world.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { createWorld, entryKeyOf, pondIdIn, versionsIn, type World } from './world.js';

const FOREIGN = {
  commitInfo: { timestamp: 1, operation: 'OPTIMIZE', engineInfo: 'delta-rs', operationParameters: {} },
};
const encoded = (...actions: readonly object[]) =>
  Buffer.from(actions.map((action) => `${JSON.stringify(action)}\n`).join(''));

const CHECKSUM = 'c'.repeat(64);
const INFO = { operation: 'write', cliArgs: [], planChecksum: CHECKSUM, plannerVersion: 2, suppressed: null };

/** The table of a pond that was just made, as a machine opens it. */
const opened = async (world: World, machine: string, store = over(world.store)) => {
  const bucket = {
    store,
    files: nodeFileSystem,
    dataDir: `${world.folder}/${machine}/data`,
    ids: uuidIds,
    now: () => 0,
    giveWay: nodeClock.giveWay,
  };
  return outcomeOf(openSharedTLog(bucket, { cacheBytes: 2 ** 30, pondId: pondIdIn(world.store) }));
};

const newWorld = async (name: string): Promise<World> => {
  const world = createWorld(temporaryFolder(`commit-point-${name}`));
  await world.init();
  return world;
};

const turn = (number: number | null = null, isHeld = true): WriterTurn => ({
  turn: number,
  isHeldStill: async () => isHeld,
});

/** Begins a write of one directory; what is written down of its version is told to `onMove`. */
const writer = async (
  tlog: Awaited<ReturnType<typeof opened>>,
  onMove: (version: number) => void = () => undefined,
) => {
  const head = await outcomeOf(tlog.head());
  const identity = { txnSeq: head.txnSeq + 1, txnId: uuidIds.uuidV7(), timestamp: 0 };
  const intention = {
    version: head.version + 1,
    move: (version: number) => TE.fromIO(() => onMove(version)),
  };
  return { identity, write: await outcomeOf(tlog.beginWrite(identity, intention)) };
};

it('a writer whose lock is lost puts no entry and no fence, and what it had sent is taken away', async () => {
  const world = await newWorld('lost');
  const tlog = await opened(world, 'one');
  const { write } = await writer(tlog);
  const objects = [...world.store.objects.keys()].length;
  const over = tlog.alone(turn(null, false));
  expect(await write.commit(INFO)()).toMatchObject({ left: { _tag: 'LockLost', version: 1 } });
  expect(await tlog.fence(0, [1])()).toMatchObject({ left: { _tag: 'LockLost', version: 1 } });
  over();
  expect(versionsIn(world.store)).toEqual([0]);
  expect([...world.store.objects.keys()].length).toBe(objects);
});

it('a version is written down before an entry is put as it, also where another engine came between', async () => {
  const world = await newWorld('written-down');
  const tlog = await opened(world, 'one');
  const seen: string[] = [];
  const { write } = await writer(tlog, (version) => seen.push(`written down: ${version}`));
  world.store.objects.set(entryKeyOf(1), encoded(FOREIGN));
  world.store.objects.set(entryKeyOf(2), encoded(FOREIGN));
  world.fail(({ call, key }) => {
    if (call === 'put' && key.startsWith('_delta_log/')) seen.push(`put: ${Number(key.slice(11, 31))}`);
    return null;
  });
  expect(await write.commit(INFO)()).toMatchObject({ right: { version: 3 } });
  expect(seen).toEqual(['put: 1', 'written down: 2', 'put: 2', 'written down: 3', 'put: 3']);
});

it('what is recorded before the commit point is there before the entry is put; where it cannot be, no entry is, and what was sent is taken away', async () => {
  const world = await newWorld('beside');
  const tlog = await opened(world, 'one');
  const objects = [...world.store.objects.keys()];
  const withRow = async () => {
    const { identity, write } = await writer(tlog);
    const [row] = await outcomeOf(write.rowsAfter(0));
    if (row === undefined) throw new Error('a new pond has rows');
    write.put({ ...row, txnSeq: identity.txnSeq, version: row.version + 1 }, null);
    return write;
  };
  const refused = { _tag: 'ControlFailed', code: 'gone' };
  const failing = await withRow();
  expect(await failing.commit(INFO, TE.left(refused))()).toMatchObject({ left: refused });
  expect([...world.store.objects.keys()]).toEqual(objects);

  const seen: string[] = [];
  world.fail(({ call, key }) => {
    if (call === 'put') seen.push(key.startsWith('_delta_log/') ? 'entry' : 'data file');
    return null;
  });
  const slow = async () => {
    for (let turns = 0; turns < 20; turns += 1) await nodeClock.giveWay();
    seen.push('recorded');
    return right(undefined);
  };
  const landing = await withRow();
  expect(await landing.commit(INFO, slow)()).toMatchObject({ right: { version: 1 } });
  expect(seen).toEqual(['data file', 'recorded', 'entry']);
});

it('a version that cannot be written down is not put', async () => {
  const world = await newWorld('not-written');
  const tlog = await opened(world, 'one');
  const { identity } = await writer(tlog);
  const refused = { _tag: 'StorageFailed', path: 'control', call: 'record', code: 'gone' } as const;
  const write = await outcomeOf(tlog.beginWrite(identity, { version: 0, move: () => TE.left(refused) }));
  expect(await write.commit(INFO)()).toMatchObject({ left: refused });
  expect(versionsIn(world.store)).toEqual([0]);
});

it('an entry that says that it changes nothing, and loses rows or removes what the table never had, is not gone on after', async () => {
  for (const lie of ['rows', 'files'] as const) {
    const world = await newWorld(`lie-${lie}`);
    const tlog = await opened(world, 'one');
    const { write } = await writer(tlog);
    const first = Buffer.from(world.store.objects.get(entryKeyOf(0)) ?? []).toString();
    const { add } = JSON.parse(first.split('\n').find((line) => line.startsWith('{"add"')) ?? '{}');
    const { numRecords } = JSON.parse(add.stats);
    const stats = JSON.stringify({ numRecords: numRecords - (lie === 'rows' ? 1 : 0) });
    const path = lie === 'files' ? 'part-never.parquet' : add.path;
    world.store.objects.set(
      entryKeyOf(1),
      encoded(
        FOREIGN,
        { remove: { path, dataChange: false, deletionTimestamp: 1 } },
        { add: { path: 'merged.parquet', size: 1, modificationTime: 1, dataChange: false, stats } },
      ),
    );
    expect(await write.commit(INFO)()).toMatchObject({ left: { _tag: 'VersionTaken', version: 1 } });
    expect(versionsIn(world.store)).toEqual([0, 1]);
  }
});

it('a dead writer gets a fence only where nothing of this product has the version that it was to become', async () => {
  const world = await newWorld('fence');
  const [one, two] = [await opened(world, 'one'), await opened(world, 'two')];
  const dead = await writer(one);
  await outcomeOf((await writer(two)).write.commit(INFO));
  await outcomeOf(two.fence(0, [1]));
  expect(versionsIn(world.store)).toEqual([0, 1]);
  expect(await dead.write.commit(INFO)()).toMatchObject({ left: { _tag: 'VersionTaken' } });
  // Nobody knows what it was to become.
  await outcomeOf(two.fence(0, [1, null]));
  expect(versionsIn(world.store)).toEqual([0, 1, 2]);
  await outcomeOf(two.fence(0, [3]));
  expect(versionsIn(world.store)).toEqual([0, 1, 2, 3]);
  world.store.objects.set(entryKeyOf(4), encoded(FOREIGN));
  await outcomeOf(two.fence(0, [4]));
  expect(versionsIn(world.store)).toEqual([0, 1, 2, 3, 4, 5]);
});

it('a writer whose turn follows on its own asks the store nothing; any other asks once', async () => {
  const world = await newWorld('turns');
  const tlog = await opened(world, 'one');
  const asked = async (number: number | null) => {
    const over = tlog.alone(turn(number));
    const made = await world.requestsOf(async () => {
      await outcomeOf(tlog.head());
      await outcomeOf(tlog.snapshot());
    });
    over();
    return made.length;
  };
  expect(await asked(7)).toBe(1);
  expect(await asked(8)).toBe(0);
  expect(await asked(9)).toBe(0);
  expect(await asked(11)).toBe(1);
  expect(await asked(null)).toBe(1);
  expect(await asked(12)).toBe(1);
  const over = tlog.alone(turn(13));
  world.store.objects.set(
    entryKeyOf(1),
    encoded({ ...FOREIGN, txn: undefined }, { txn: { appId: 'x', version: 1 } }),
  );
  expect(await (await writer(tlog)).write.commit(INFO)()).toMatchObject({ left: { _tag: 'VersionTaken' } });
  over();
  expect(await asked(14)).toBe(1);
});

it('who is told at which version a commit lies asks for entries alone, and for all that there is where they are of another history', async () => {
  const world = await newWorld('told');
  const [one, other] = [await opened(world, 'one'), await opened(world, 'other')];
  const commit = async () => {
    const { identity, write } = await writer(one);
    const { version } = await outcomeOf(write.commit(INFO));
    return { txnSeq: identity.txnSeq, version };
  };
  const callsOf = async ({ txnSeq, version }: Awaited<ReturnType<typeof commit>>) => {
    const found: unknown[] = [];
    const requests = await world.requestsOf(async () => {
      found.push(await outcomeOf(other.commitOf(txnSeq, version)));
    });
    expect(found).toMatchObject([{ txnSeq, version }]);
    return requests.map(({ call }) => call);
  };
  await commit();
  expect(await callsOf(await commit())).toEqual(['get', 'get']);
  // An older copy of the table is put back, and the next number follows on that.
  const [gone, next] = [await commit(), await commit()];
  world.store.objects.set(
    entryKeyOf(gone.version),
    world.store.objects.get(entryKeyOf(next.version)) ?? Buffer.alloc(0),
  );
  world.store.objects.delete(entryKeyOf(next.version));
  expect(await callsOf({ ...next, version: gone.version })).toEqual(['get', 'list', 'get']);
});

it('what a machine was told of and has taken in is copied when it asks for what is newest', async () => {
  const world = await newWorld('copied-later');
  const [one, other] = [await opened(world, 'one'), await opened(world, 'other')];
  const commit = async () => {
    const { identity, write } = await writer(one);
    const { version } = await outcomeOf(write.commit(INFO));
    return { txnSeq: identity.txnSeq, version };
  };
  const copies = () =>
    readdirSync(`${world.folder}/other/data/_delta_log`).filter((name) => name.endsWith('.json'));
  const before = copies();
  for (let count = 0; count < 3; count += 1) {
    const { txnSeq, version } = await commit();
    expect(await outcomeOf(other.commitOf(txnSeq, version))).toMatchObject({ txnSeq, version });
  }
  expect(copies()).toEqual(before);
  // Its newest entry is compared with that of the store, and nothing of it is fetched again.
  const requests = await world.requestsOf(() => outcomeOf(other.head()));
  expect(requests.map(({ call }) => call)).toEqual(['list']);
  expect(copies().length).toBe(before.length + 3);
});

it('an answer that is older than what was taken in meanwhile is passed over', async () => {
  const world = await newWorld('older-answer');
  const one = await opened(world, 'one');
  const store = over(world.store);
  let answer = Promise.resolve();
  const other = await opened(world, 'other', {
    ...store,
    list: (asked) => async () => {
      const listed = await store.list(asked)();
      await answer;
      return listed;
    },
  });
  await outcomeOf((await writer(one)).write.commit(INFO));
  await outcomeOf(other.head());
  let arrive: () => void = () => undefined;
  answer = new Promise((resolve) => {
    arrive = resolve;
  });
  const requests = await world.requestsOf(async () => {
    const asked = outcomeOf(other.head());
    const { identity, write } = await writer(one);
    const { version } = await outcomeOf(write.commit(INFO));
    await outcomeOf(other.commitOf(identity.txnSeq, version));
    arrive();
    expect(await asked).toMatchObject({ version, txnSeq: identity.txnSeq });
  });
  expect(requests.map(({ call }) => call).filter((call) => call !== 'put')).toEqual(['list', 'list', 'get']);
});
