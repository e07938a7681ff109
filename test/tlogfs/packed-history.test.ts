import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { left } from 'fp-ts/lib/IOEither.js';
import { expect, test } from 'vitest';
import { nodeFileSystem as files } from '../../src/adapters/node/files/node-file-system.js';
import type { FileSystem } from '../../src/ports/file-system.js';
import { checkTable } from '../../src/tlogfs/check/check-table.js';
import { initTLog } from '../../src/tlogfs/init-tlog.js';
import { readEntryText } from '../../src/tlogfs/log/entry-text.js';
import { openTLog } from '../../src/tlogfs/open-tlog.js';
import { tableLayout } from '../../src/tlogfs/table-layout.js';
import type { TLog } from '../../src/tlogfs/tlog.js';
import { begin, failure, INFO, identityOf, newTable, ok, POND_ID, putFile, START } from './table-fixture.js';

const NOW = START + 3_000_000_000;
const LATER = { before: Math.floor(NOW / 1000), dryRun: false };

const commit = async (log: TLog, name: string): Promise<void> => {
  const writer = await begin(log);
  await putFile(writer, `content of ${name}`, { name });
  await ok(writer.commit(INFO));
  await ok(log.maintain(NOW));
};

const grown = async (commits: number) => {
  const { dataDir, log } = await newTable();
  for (let n = 0; n < commits; n += 1) await commit(log, `f${n}`);
  return { dataDir, log };
};

/** Every entry's text, by version. */
const textsOf = (dataDir: string, newest: number): readonly string[] =>
  Array.from({ length: newest + 1 }, (_, version) =>
    Buffer.from(readEntryText(files, tableLayout(dataDir), version)).toString(),
  );

const findingsIn = async (dataDir: string, { commits = 0 } = {}) => {
  const checked = await checkTable(files, dataDir, {
    quick: false,
    onBytes: () => undefined,
    named: (path) => path.slice(dataDir.length + 1),
  });
  if (commits > 0) expect(checked.commits.length).toBe(commits);
  return checked.findings;
};

const entryFiles = (dataDir: string) =>
  readdirSync(join(dataDir, '_delta_log')).filter((name) => name.endsWith('.json'));

test('what is packed is read as before: each text, each commit, each state, and by who opened the log before', async () => {
  const { dataDir, log } = await grown(80);
  const { version } = await ok(log.head());
  const texts = textsOf(dataDir, version);
  const commits = await ok(log.commitsAfter(0));
  const early = await ok(openTLog({ files })(dataDir));
  const packed = await ok(log.packHistory(NOW, LATER));
  expect(packed.entries).toBeGreaterThan(80);
  expect(entryFiles(dataDir).length).toBeLessThan(5);
  expect(textsOf(dataDir, version)).toEqual(texts);
  for (const reader of [log, early, await ok(openTLog({ files })(dataDir))]) {
    expect(await ok(reader.commitsAfter(0))).toEqual(commits);
    expect(await ok(reader.commitOf(17))).toEqual(commits[16]);
    expect((await ok((await ok(reader.snapshot(30))).rowsAfter(0))).length).toBe(30);
  }
  expect(await findingsIn(dataDir, { commits: 81 })).toEqual([]);
  expect(await ok(log.packHistory(NOW, LATER))).toEqual({ entries: 0 });
});

test('a small pack becomes part of the next one, and a full log is read without any checkpoint', async () => {
  const { dataDir, log } = await grown(60);
  await ok(log.packHistory(NOW, LATER));
  for (let n = 0; n < 60; n += 1) await commit(log, `g${n}`);
  const texts = textsOf(dataDir, (await ok(log.head())).version);
  await ok(log.packHistory(NOW, LATER));
  expect(readdirSync(join(dataDir, '_history')).length).toBe(1);
  expect(textsOf(dataDir, texts.length - 1)).toEqual(texts);
  const names = readdirSync(join(dataDir, '_delta_log')).filter((name) => name.includes('checkpoint'));
  for (const name of names) writeFileSync(join(dataDir, '_delta_log', name), 'no checkpoint');
  const reader = await ok(openTLog({ files })(dataDir));
  expect((await ok((await ok(reader.snapshot())).rowsAfter(0))).length).toBe(121);
});

test('young entries and those that no checkpoint stands for stay files of their own', async () => {
  const { dataDir, log } = await grown(70);
  const before = entryFiles(dataDir).length;
  expect(await ok(log.packHistory(NOW, { before: Math.floor(START / 1000), dryRun: false }))).toEqual({
    entries: 0,
  });
  expect((await ok(log.packHistory(NOW, { ...LATER, dryRun: true }))).entries).toBeGreaterThan(70);
  expect(entryFiles(dataDir).length).toBe(before);
  expect(existsSync(join(dataDir, '_history'))).toBe(false);
});

test('a version that does not know packs is stopped by the format, and no second pond is made where the first entry is packed', async () => {
  const { dataDir, log } = await grown(60);
  await ok(log.packHistory(NOW, LATER));
  const entry = Buffer.from(
    readEntryText(files, tableLayout(dataDir), (await ok(log.head())).version),
  ).toString();
  expect(entry).toContain('"pond.format":"3"');
  await commit(log, 'after');
  expect(await findingsIn(dataDir, { commits: 62 })).toEqual([]);
  const again = initTLog({ files })(dataDir, {
    pondId: POND_ID,
    birthplace: 'here',
    identity: identityOf(1),
  });
  expect((await failure(again))._tag).toBe('PondExists');
});

test('packing that dies at any of its steps loses nothing, and the next one does the rest', async () => {
  const { dataDir, log } = await grown(60);
  const { version } = await ok(log.head());
  const texts = textsOf(dataDir, version);
  let died = true;
  for (let step = 0; died; step += 1) {
    const dying = await ok(openTLog({ files: failingFrom(step) })(dataDir));
    died = (await dying.packHistory(NOW, LATER)())._tag === 'Left';
    expect(textsOf(dataDir, version)).toEqual(texts);
    const reader = await ok(openTLog({ files })(dataDir));
    expect((await ok(reader.commitsAfter(0))).length).toBe(61);
    if (step % 7 === 0)
      expect(
        (await findingsIn(dataDir, { commits: 61 })).filter(({ _tag }) => _tag !== 'StagedLeftover'),
      ).toEqual([]);
  }
  expect(entryFiles(dataDir).length).toBeLessThan(14);
});

/** A filesystem that fails at every change after so many, as it does for who is dead. */
const failingFrom = (step: number): FileSystem => {
  let changes = 0;
  const orDie =
    <Args extends readonly [string, ...unknown[]], A>(change: (...args: Args) => A) =>
    (...args: Args): A =>
      changes++ < step
        ? change(...args)
        : (left({ _tag: 'FileSystemError', call: 'write', path: args[0], code: 'EIO' }) as A);
  return {
    ...files,
    writeNewFile: orDie(files.writeNewFile),
    rename: orDie(files.rename),
    link: orDie(files.link),
    remove: orDie(files.remove),
    fsyncDirectory: orDie(files.fsyncDirectory),
    makeDirectories: orDie(files.makeDirectories),
  };
};

test('a damaged pack is found once and named, and what a checkpoint stands for is read', async () => {
  const { dataDir, log } = await grown(60);
  await ok(log.packHistory(NOW, LATER));
  const [name = ''] = readdirSync(join(dataDir, '_history'));
  const path = join(dataDir, '_history', name);
  const bytes = readFileSync(path);
  for (const [at, problem] of [
    [100, 'it is not what was written'],
    [bytes.length - 1, 'not a pack of log entries'],
    [bytes.length - 14, 'its index is not JSON'],
  ] as const) {
    const damaged = Buffer.from(bytes);
    damaged.writeUInt8((damaged.readUInt8(at) ^ 0xff) & 0xff, at);
    writeFileSync(path, damaged);
    expect(await findingsIn(dataDir)).toEqual([
      { _tag: 'LogPackDamaged', file: `_history/${name}`, problem },
    ]);
    expect(
      (await ok((await ok((await ok(openTLog({ files })(dataDir))).snapshot())).rowsAfter(0))).length,
    ).toBe(61);
  }
});
