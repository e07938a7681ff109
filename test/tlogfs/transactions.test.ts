import { readdirSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { right } from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { expect, test } from 'vitest';
import { nodeFileSystem as files } from '../../src/adapters/node/files/node-file-system.js';
import { ROOT_ID } from '../../src/domain/tree/node-row.js';
import { checkTable } from '../../src/tlogfs/check/check-table.js';
import { openTLog } from '../../src/tlogfs/open-tlog.js';
import {
  begin,
  commitFile,
  failure,
  filesBelow,
  INFO,
  identityOf,
  newTable,
  ok,
  putFile,
  rowOf,
  textOf,
} from './table-fixture.js';

test('a writer sees its own rows and contents before the commit, and nobody else does', async () => {
  const { dataDir, log } = await newTable();
  const reader = await ok(openTLog({ files })(dataDir));
  const writer = await begin(log);
  const small = await putFile(writer, 'small', { name: 'small' });
  const large = await putFile(writer, Buffer.alloc(70_000, 'l'), { name: 'large' });
  const names = (await ok(writer.rowsOf(ROOT_ID))).map(({ name }) => name);
  expect(names).toEqual(['etc', 'small', 'large']);
  expect(await ok(writer.rowsOfNode(small.nodeId))).toEqual([small]);
  expect(await ok(writer.rowsOfTransaction(2))).toEqual([small, large]);
  expect(writer.written()).toEqual([small, large]);
  expect(await textOf(writer.open(small))).toBe('small');
  expect(await textOf(writer.open(large))).toBe('l'.repeat(70_000));
  expect(await ok((await ok(reader.snapshot())).rowsOf(ROOT_ID))).toHaveLength(1);
});

test('whoever changes the bytes that it was handed of its own content changes nothing', async () => {
  const { log } = await newTable();
  const writer = await begin(log);
  const row = await putFile(writer, 'mine');
  for await (const bytes of writer.open(row)) bytes.fill(0);
  expect(await textOf(writer.open(row))).toBe('mine');
  await ok(writer.commit(INFO));
  expect(await textOf((await ok(log.snapshot())).open(row))).toBe('mine');
});

test('a row that is put twice counts once, and a discarded one not at all', async () => {
  const { log } = await newTable();
  const writer = await begin(log);
  const row = await putFile(writer, 'one');
  const again = await putFile(writer, 'two', { nodeId: row.nodeId });
  const gone = await putFile(writer, 'three');
  writer.discard(gone);
  await ok(writer.commit(INFO));
  const snapshot = await ok(log.snapshot());
  expect(await ok(snapshot.rowsOfTransaction(2))).toEqual([again]);
  expect(await textOf(snapshot.open(again))).toBe('two');
});

test('the entry that a process has published itself is what its file says, also once somebody has put another one of the same size there', async () => {
  const { dataDir, log } = await newTable();
  await commitFile(log, 'here');
  const path = join(dataDir, '_delta_log/00000000000000000001.json');
  const own = await ok(log.commitOf(2, 1));
  const other = own.txnId.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
  const text = readFileSync(path, 'utf8').replaceAll(own.txnId, other);
  writeFileSync(`${path}.new`, text);
  // Two files that are written within one tick of the clock have one time.
  utimesSync(`${path}.new`, 1, 1);
  renameSync(`${path}.new`, path);
  expect(await ok(log.commitOf(2, 1))).toEqual({ ...own, txnId: other });
  rmSync(path);
  expect(await failure(log.commitOf(2, 1))).toMatchObject({ _tag: 'CorruptData', path });
});

test('a reader keeps its snapshot while others write', async () => {
  const { dataDir, log } = await newTable();
  await commitFile(log, 'before', { name: 'before' });
  const reader = await ok(openTLog({ files })(dataDir));
  const snapshot = await ok(reader.snapshot());
  await commitFile(log, 'after', { name: 'after' });
  expect((await ok(snapshot.rowsOf(ROOT_ID))).map(({ name }) => name)).toEqual(['etc', 'before']);
  const newer = await ok(reader.snapshot());
  expect((await ok(newer.rowsOf(ROOT_ID))).map(({ name }) => name)).toEqual(['etc', 'before', 'after']);
});

test('reading at a transaction shows the rows up to it', async () => {
  const { log } = await newTable();
  for (const name of ['a', 'b', 'c']) await commitFile(log, name, { name });
  const names = async (at: number) =>
    (await ok((await ok(log.snapshot(at))).rowsOf(ROOT_ID))).map(({ name }) => name);
  expect(await names(1)).toEqual(['etc']);
  expect(await names(3)).toEqual(['etc', 'a', 'b']);
  for (const at of [0, 5, 1.5]) {
    expect(await failure(log.snapshot(at))).toEqual({
      _tag: 'TransactionNotFound',
      txnSeq: at,
      lastTxnSeq: 4,
    });
  }
});

test('a reopened log shows what was committed, whoever wrote it', async () => {
  const { dataDir, log } = await newTable();
  const row = await commitFile(log, 'hello', {
    name: 'näme 💧',
    attributes: '{"a":1}',
    fileType: 'series',
    minEventTime: -5,
    maxEventTime: 1_700_000_000_123_456,
  });
  const reopened = await ok(openTLog({ files })(dataDir));
  expect(await ok(reopened.head())).toEqual({ version: 1, txnSeq: 2 });
  const snapshot = await ok(reopened.snapshot());
  const [stored] = await ok(snapshot.rowsOfTransaction(2));
  expect(stored).toEqual(row);
  expect(await textOf(snapshot.open(row))).toBe('hello');
});

test('an aborted transaction leaves nothing', async () => {
  const { dataDir, log } = await newTable();
  const before = filesBelow(dataDir);
  const writer = await begin(log);
  await putFile(writer, Buffer.alloc(100_000, 7));
  expect(filesBelow(dataDir)).not.toEqual(before);
  await ok(writer.abort());
  expect(filesBelow(dataDir)).toEqual(before);
  expect(await ok(log.head())).toEqual({ version: 0, txnSeq: 1 });
});

test('two writers never share a version, and the loser leaves nothing', async () => {
  const { dataDir, log } = await newTable();
  const other = await ok(openTLog({ files })(dataDir));
  const loser = await begin(other);
  await putFile(loser, 'loser');
  await putFile(loser, Buffer.alloc(100_000, 9));
  await commitFile(log, 'winner', { name: 'winner' });
  const before = filesBelow(dataDir).filter((name) => !name.startsWith('_staging'));
  expect(await failure(loser.commit(INFO))).toMatchObject({ _tag: 'VersionTaken', version: 1 });
  expect(filesBelow(dataDir)).toEqual(before);
  expect((await ok((await ok(other.snapshot())).rowsOf(ROOT_ID))).map(({ name }) => name)).toEqual([
    'etc',
    'winner',
  ]);
});

test('nothing is committed before what is to be durable with it, and where that fails nothing is left', async () => {
  const { dataDir, log } = await newTable();
  const before = filesBelow(dataDir);
  const entry = '_delta_log/00000000000000000001.json';
  const refused = await begin(log);
  await putFile(refused, Buffer.alloc(100_000, 7));
  expect(await failure(refused.commit(INFO, TE.left({ _tag: 'Refused' as const })))).toEqual({
    _tag: 'Refused',
  });
  expect(filesBelow(dataDir)).toEqual(before);
  const writer = await begin(log);
  await putFile(writer, 'hello');
  const there: boolean[] = [];
  const slow = async () => {
    await new Promise((resolve) => setTimeout(resolve, 50));
    there.push(filesBelow(dataDir).includes(entry));
    return right(undefined);
  };
  expect(await ok(writer.commit(INFO, slow))).toMatchObject({ version: 1 });
  expect(there).toEqual([false]);
  expect(filesBelow(dataDir)).toContain(entry);
});

test('a transaction whose number is taken cannot begin', async () => {
  const { log } = await newTable();
  for (const taken of [0, 1])
    expect(await failure(log.beginWrite(identityOf(taken)))).toMatchObject({ _tag: 'VersionTaken' });
});

test('numbers that are passed over are told by the entry after them, found as gone, and nothing is wrong with the table', async () => {
  const { log, dataDir } = await newTable();
  await commitFile(log, 'two');
  const writer = await ok(log.beginWrite(identityOf(7)));
  await putFile(writer, Buffer.from('x'));
  await ok(writer.commit(INFO));
  await commitFile(log, 'eight');
  expect((await ok(log.commitsAfter(0))).map(({ txnSeq, basedOnSeq }) => [txnSeq, basedOnSeq])).toEqual([
    [1, 0],
    [2, 1],
    [7, 2],
    [8, 7],
  ]);
  for (const found of [1, 2, 7, 8]) expect(await ok(log.commitOf(found))).toMatchObject({ txnSeq: found });
  for (const gone of [3, 6])
    expect(await failure(log.commitOf(gone))).toMatchObject({ _tag: 'CommitGone', txnSeq: gone });
  expect(await failure(log.commitOf(9))).toMatchObject({ _tag: 'TransactionNotFound' });
  const { findings } = await checkTable(files, dataDir, {
    quick: false,
    onBytes: () => undefined,
    named: (path) => path,
  });
  expect(findings.filter(({ _tag }) => _tag.startsWith('LogEntry'))).toEqual([]);
});

test('what a dead transaction staged is removed, and nothing else', async () => {
  const { dataDir, log } = await newTable();
  await commitFile(log, 'kept');
  const before = filesBelow(dataDir);
  const [dead, alive] = [identityOf(3), identityOf(3)];
  const staged = await ok(log.beginWrite(dead));
  await putFile(staged, Buffer.alloc(100_000, 1));
  const other = await ok(log.beginWrite(alive));
  await putFile(other, Buffer.alloc(100_000, 2));
  await ok(async () =>
    files.writeNewFile(join(dataDir, `part-${dead.txnId}.parquet`), Buffer.from('half'))(),
  );
  await ok(log.discardStaged(dead.txnId));
  expect(filesBelow(dataDir)).toEqual([...before, `_staging/${alive.txnId}-1.blob`].sort());
});

test('a committed file survives being discarded by mistake', async () => {
  const { dataDir, log } = await newTable();
  const identity = identityOf(2);
  const writer = await ok(log.beginWrite(identity));
  const row = await putFile(writer, 'kept');
  await ok(writer.commit(INFO));
  await ok(log.discardStaged(identity.txnId));
  expect(readdirSync(dataDir)).toContain(`part-${identity.txnId}.parquet`);
  const reopened = await ok((await ok(openTLog({ files })(dataDir))).snapshot());
  expect(await textOf(reopened.open(row))).toBe('kept');
});

test('rows come in ascending order of version, and a node is found wherever it was', async () => {
  const { dataDir, log } = await newTable();
  const elsewhere = rowOf({ txnSeq: 1 }).nodeId;
  const row = await commitFile(log, '1');
  for (let version = 2; version < 5; version += 1) {
    await commitFile(log, `${version}`, { nodeId: row.nodeId, version });
  }
  const writer = await begin(log);
  writer.put(
    { ...row, version: 5, txnSeq: 6, deleted: true, storageFormat: 'none', size: 0, sha256: null },
    null,
  );
  writer.put({ ...row, partId: elsewhere, version: 6, txnSeq: 6, storageFormat: 'none' }, null);
  await ok(writer.commit(INFO));
  const snapshot = await ok((await ok(openTLog({ files })(dataDir))).snapshot());
  const versions = (await ok(snapshot.rowsOfNode(row.nodeId))).map(({ version, partId }) => [
    version,
    partId,
  ]);
  expect(versions).toEqual([...[1, 2, 3, 4, 5].map((version) => [version, ROOT_ID]), [6, elsewhere]]);
});
