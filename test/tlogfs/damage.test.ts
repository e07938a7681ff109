import { appendFileSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { expect, test } from 'vitest';
import { nodeFileSystem as files } from '../../src/adapters/node/files/node-file-system.js';
import { ROOT_ID } from '../../src/domain/tree/node-row.js';
import { openTLog } from '../../src/tlogfs/open-tlog.js';
import { commitFile, failure, filesBelow, logEntry, newTable, ok } from './table-fixture.js';

const table = async () => {
  const made = await newTable();
  for (const name of ['a', 'b', 'c']) await commitFile(made.log, name, { name });
  return made.dataDir;
};

const open = (dataDir: string) => openTLog({ files })(dataDir);

const rowsOfRoot = async (dataDir: string) => {
  const snapshot = await ok((await ok(open(dataDir))).snapshot());
  return snapshot.rowsOf(ROOT_ID);
};

const dataFileOf = (dataDir: string, version: number): string => {
  const path = /"path":"([^"]+)"/.exec(readFileSync(logEntry(dataDir, version), 'utf8'))?.[1];
  return join(dataDir, path ?? '');
};

test('a truncated Parquet file is named', async () => {
  const dataDir = await table();
  const path = dataFileOf(dataDir, 2);
  truncateSync(path, 700);
  expect(await failure(await rowsOfRoot(dataDir))).toMatchObject({ _tag: 'CorruptData', path });
});

test('a Parquet file whose bytes were changed is named, wherever they were', async () => {
  const dataDir = await table();
  const path = dataFileOf(dataDir, 2);
  const good = readFileSync(path);
  let noticed = 0;
  for (let at = 0; at < good.length; at += 13) {
    const bad = Buffer.from(good);
    bad[at] = (bad[at] ?? 0) ^ 0xff;
    writeFileSync(path, bad);
    const outcome = await (await rowsOfRoot(dataDir))();
    // Not every byte says something that can be checked; what matters is that nothing crashes or hangs.
    if (outcome._tag === 'Left') {
      noticed += 1;
      expect(outcome.left).toMatchObject({ _tag: 'CorruptData', path });
    }
  }
  expect(noticed).toBeGreaterThan(20);
});

test('a missing data file is named', async () => {
  const dataDir = await table();
  const path = dataFileOf(dataDir, 2);
  rmSync(path);
  expect(await failure(await rowsOfRoot(dataDir))).toEqual({
    _tag: 'CorruptData',
    path,
    problem: 'missing data file',
  });
});

test('a row that is not one of the op log is named with its column', async () => {
  const dataDir = await table();
  const path = dataFileOf(dataDir, 2);
  const foreign = Buffer.from(
    parquetWriteBuffer({ columnData: [{ name: 'part_id', data: [ROOT_ID], type: 'STRING' }] }),
  );
  writeFileSync(path, foreign);
  const entry = readFileSync(logEntry(dataDir, 2), 'utf8');
  writeFileSync(logEntry(dataDir, 2), entry.replace(/"size":\d+/, `"size":${foreign.length}`));
  expect(await failure(await rowsOfRoot(dataDir))).toMatchObject({ _tag: 'CorruptData', path });
});

test.each([
  ['cut in a line', (text: string) => text.slice(0, text.length - 40)],
  ['cut between lines', (text: string) => `${text.split('\n').slice(0, 2).join('\n')}\n`],
  ['empty', () => ''],
  ['not JSON', () => 'PAR1'],
  ['a line that is not an object', (text: string) => `${text}[1]\n`],
  ['an add without a path', (text: string) => text.replace(/"path":"[^"]+",/, '')],
  ['a path out of the table', (text: string) => text.replace(/"path":"/, '"path":"../../')],
  ['unreadable statistics', (text: string) => text.replace(/"stats":"/, '"stats":"x')],
  ['a transaction without an id', (text: string) => text.replace(/"txn_id":"[^"]+",/, '')],
])('a log entry that is damaged is named: %s', async (_, damage) => {
  const dataDir = await table();
  const path = logEntry(dataDir, 2);
  writeFileSync(path, damage(readFileSync(path, 'utf8')));
  expect(await failure(open(dataDir))).toMatchObject({ _tag: 'CorruptData', path });
});

test('a gap in the versions is named', async () => {
  const dataDir = await table();
  for (const version of [0, 2]) {
    const path = logEntry(dataDir, version);
    renameSync(path, `${path}.away`);
    expect(await failure(open(dataDir))).toMatchObject({ _tag: 'CorruptData', path });
    renameSync(`${path}.away`, path);
  }
  const log = await ok(open(dataDir));
  writeFileSync(logEntry(dataDir, 5), readFileSync(logEntry(dataDir, 3)));
  expect(await failure(log.head())).toMatchObject({ _tag: 'CorruptData', path: logEntry(dataDir, 4) });
});

test('a table that needs a newer reader is refused, one that needs a newer writer is read only', async () => {
  const dataDir = await table();
  const upgrade = (protocol: object) =>
    writeFileSync(logEntry(dataDir, 4), `${JSON.stringify({ protocol })}\n`);
  upgrade({ minReaderVersion: 1, minWriterVersion: 5 });
  const log = await ok(open(dataDir));
  expect(await ok((await ok(log.snapshot())).rowsOf(ROOT_ID))).toHaveLength(4);
  const next = { txnSeq: 5, txnId: '01890a5d-ac96-774b-bcce-b302099a8057', timestamp: 1 };
  expect(await failure(log.beginWrite(next))).toMatchObject({ _tag: 'UnsupportedTable' });
  expect(await failure(log.maintain(1))).toMatchObject({ _tag: 'UnsupportedTable' });
  upgrade({ minReaderVersion: 3, minWriterVersion: 7 });
  expect(await failure(open(dataDir))).toMatchObject({ _tag: 'UnsupportedTable' });
});

test('actions and fields that are not known are passed over', async () => {
  const dataDir = await table();
  appendFileSync(logEntry(dataDir, 3), '');
  writeFileSync(
    logEntry(dataDir, 4),
    `${JSON.stringify({ commitInfo: { anything: 1 } })}\n${JSON.stringify({ domainMetadata: { domain: 'x' } })}\n`,
  );
  const log = await ok(open(dataDir));
  expect(await ok(log.head())).toEqual({ version: 4, txnSeq: 4 });
  expect(await ok(log.commitsAfter(3))).toHaveLength(1);
});

test('an inline content that does not have its digest is reported', async () => {
  const { dataDir, log } = await newTable();
  const row = await commitFile(log, 'precious content');
  const path = dataFileOf(dataDir, 1);
  const bytes = readFileSync(path);
  const at = bytes.indexOf('precious');
  expect(at).toBeGreaterThan(0);
  bytes.write('worthles', at);
  writeFileSync(path, bytes);
  const snapshot = await ok((await ok(open(dataDir))).snapshot());
  await expect(
    (async () => {
      for await (const _ of snapshot.open(row));
    })(),
  ).rejects.toMatchObject({ _tag: 'CorruptData' });
  expect(filesBelow(dataDir).length).toBeGreaterThan(0);
});
