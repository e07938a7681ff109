import { expect, test } from 'vitest';
import { cutPowerAt, PowerCut } from '../../../src/adapters/memory/file-system/faults.js';
import {
  createMemoryFileSystem,
  type MemoryFileSystem,
} from '../../../src/adapters/memory/file-system/memory-file-system.js';
import { loseEverything, loseNothing } from '../../../src/adapters/memory/file-system/power-loss.js';
import { ROOT_ID } from '../../../src/domain/tree/node-row.js';
import { openTLog } from '../../../src/tlogfs/open-tlog.js';
import { begin, commitFile, failure, newTable, ok, putFile, textOf } from '../../tlogfs/table-fixture.js';
import { done } from './outcomes.js';

const DATA = '/ponds/pond/data';

/** A disk with a table on it, all of it durable. */
const tableDisk = async (): Promise<MemoryFileSystem> => {
  const memory = createMemoryFileSystem({ now: () => 0 });
  done(memory.files.makeDirectories('/ponds'));
  const disk = memory.crash(loseNothing);
  await newTable(DATA, disk.files);
  return disk;
};

const contentsOf = async ({ files }: MemoryFileSystem): Promise<Readonly<Record<string, string>>> => {
  const snapshot = await ok((await ok(openTLog({ files })(DATA))).snapshot());
  const rows = (await ok(snapshot.rowsOf(ROOT_ID))).filter(({ fileType }) => fileType === 'file');
  return Object.fromEntries(
    await Promise.all(rows.map(async (row) => [row.name, await textOf(snapshot.open(row))])),
  );
};

test('a table in memory is made, written, reopened and read at every transaction', async () => {
  const disk = await tableDisk();
  const log = await ok(openTLog({ files: disk.files })(DATA));
  const large = 'l'.repeat(100_000);
  await commitFile(log, 'small', { name: 'small' });
  await commitFile(log, large, { name: 'large' });
  expect(await contentsOf(disk)).toEqual({ small: 'small', large });
  const before = await ok(log.snapshot(2));
  expect((await ok(before.rowsOf(ROOT_ID))).map(({ name }) => name)).toEqual(['etc', 'small']);
});

test('of two writers in memory one gets the version', async () => {
  const { files } = await tableDisk();
  const [log, other] = [await ok(openTLog({ files })(DATA)), await ok(openTLog({ files })(DATA))];
  const loser = await begin(other);
  await putFile(loser, 'loser');
  await commitFile(log, 'winner');
  const lost = await failure(
    loser.commit({ operation: 'WRITE', cliArgs: [], planChecksum: '', plannerVersion: 1, suppressed: null }),
  );
  expect(lost).toMatchObject({ _tag: 'VersionTaken', version: 1 });
});

test('checkpoints and merged files in memory lose nothing', async () => {
  const disk = await tableDisk();
  const log = await ok(openTLog({ files: disk.files })(DATA));
  for (let n = 0; n < 25; n += 1) await commitFile(log, `${n}`, { name: `f${n}` });
  const expected = Object.fromEntries(Array.from({ length: 25 }, (_, n) => [`f${n}`, `${n}`]));
  expect(await contentsOf(disk)).toEqual(expected);
});

test('what was committed survives a power loss that takes everything it may', async () => {
  const disk = await tableDisk();
  const large = 'l'.repeat(100_000);
  await commitFile(await ok(openTLog({ files: disk.files })(DATA)), large, { name: 'large' });
  expect(await contentsOf(disk.crash(loseEverything))).toEqual({ large });
});

test('a power loss at any call of a commit leaves the old table or the new one', async () => {
  const disk = (await tableDisk()).crash(loseNothing);
  const commit = async ({ files }: MemoryFileSystem) =>
    commitFile(await ok(openTLog({ files })(DATA)), 'l'.repeat(100_000), { name: 'large' });
  const rehearsal = disk.crash(loseNothing);
  await commit(rehearsal);
  const found: number[] = [];
  for (let count = 1; count <= rehearsal.calls(); count += 1) {
    const cut = disk.crash(loseNothing, cutPowerAt(count));
    await expect(commit(cut)).rejects.toThrow(PowerCut);
    for (const loss of [loseEverything, loseNothing]) {
      const contents = await contentsOf(cut.crash(loss));
      expect(Object.values(contents).every((content) => content.length === 100_000)).toBe(true);
      found.push(Object.keys(contents).length);
    }
  }
  expect(new Set(found)).toEqual(new Set([0, 1]));
});
