import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parquetMetadata } from 'hyparquet';
import { expect, test } from 'vitest';
import { nodeFileSystem as files } from '../../src/adapters/node/files/node-file-system.js';
import { initTLog } from '../../src/tlogfs/init-tlog.js';
import { decodeLogEntry, type LogEntry } from '../../src/tlogfs/log/log-entry.js';
import { openTLog } from '../../src/tlogfs/open-tlog.js';
import { tableLayout } from '../../src/tlogfs/table-layout.js';
import { openWriter } from '../../src/tlogfs/transactions/write-transaction.js';
import {
  actionsOf,
  begin,
  commitFile,
  failure,
  filesBelow,
  INFO,
  identityOf,
  newTable,
  ok,
  POND_ID,
  putFile,
  rowOf,
  START,
  temporaryDataDir,
} from './table-fixture.js';

test('version 0 holds protocol, metadata and the first transaction', async () => {
  const { dataDir } = await newTable();
  const [info, protocol, metaData, txn, add] = actionsOf(dataDir, 0);
  expect(info).toMatchObject({ commitInfo: { txn_seq: 1, operation: 'CREATE TABLE', action_count: 5 } });
  expect(protocol).toEqual({ protocol: { minReaderVersion: 1, minWriterVersion: 2 } });
  expect(metaData).toMatchObject({
    metaData: {
      id: POND_ID,
      partitionColumns: [],
      configuration: {
        'delta.appendOnly': 'true',
        'delta.checkpointInterval': '10',
        'pond.birthplace': 'here',
      },
    },
  });
  expect(txn).toMatchObject({ txn: { appId: POND_ID, version: 1 } });
  expect(add).toMatchObject({ add: { dataChange: true, partitionValues: {} } });
});

test('the schema has the columns of the op log in their order', async () => {
  const { dataDir } = await newTable();
  const [action] = actionsOf(dataDir, 0).filter((candidate) => 'metaData' in candidate);
  const { schemaString } = (action as { metaData: { schemaString: string } }).metaData;
  const { fields } = JSON.parse(schemaString) as { fields: { name: string; type: string }[] };
  expect(fields.map(({ name, type }) => `${name} ${type}`)).toEqual([
    'pond_id string',
    'part_id string',
    'node_id string',
    'name string',
    'file_type string',
    'version long',
    'timestamp timestamp',
    'txn_seq long',
    'deleted boolean',
    'content binary',
    'storage_format string',
    'size long',
    'sha256 string',
    'factory string',
    'min_event_time long',
    'max_event_time long',
    'attributes string',
  ]);
});

test('a commit is one Parquet file and one log entry that says what was done', async () => {
  const { dataDir, log } = await newTable();
  const identity = identityOf(2);
  const writer = await ok(log.beginWrite(identity));
  const row = await putFile(writer, 'hello');
  await ok(writer.commit({ ...INFO, suppressed: 'inside-task' }));
  const [info, txn, add] = actionsOf(dataDir, 1);
  expect(info).toEqual({
    commitInfo: {
      timestamp: Math.floor(identity.timestamp / 1000),
      operation: 'WRITE',
      operationParameters: {},
      engineInfo: 'pond-steward',
      txn_seq: 2,
      txn_id: identity.txnId,
      txn_timestamp: identity.timestamp,
      cli_args: ['copy', 'a', '/a'],
      plan_checksum: INFO.planChecksum,
      planner_version: 1,
      suppressed: 'inside-task',
      action_count: 3,
      entry_sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    },
  });
  expect(txn).toMatchObject({ txn: { appId: POND_ID, version: 2 } });
  const { path, size, stats } = (add as { add: { path: string; size: number; stats: string } }).add;
  expect(path).toBe(`part-${identity.txnId}.parquet`);
  expect(statSync(join(dataDir, path)).size).toBe(size);
  expect(JSON.parse(stats)).toMatchObject({
    numRecords: 1,
    minValues: { part_id: row.partId, node_id: row.nodeId, version: 1, txn_seq: 2 },
    maxValues: { part_id: row.partId, node_id: row.nodeId, version: 1, txn_seq: 2 },
  });
});

test('Parquet statistics keep ids whole and contents out', async () => {
  const { dataDir, log } = await newTable();
  const row = await commitFile(log, 'x'.repeat(1000));
  const [path] = filesBelow(dataDir).filter((name) => name.includes('part-') && !isFirst(dataDir, name));
  const { row_groups: groups } = parquetMetadata(new Uint8Array(readFileSync(join(dataDir, path ?? ''))));
  const statistics = (column: string) =>
    groups[0]?.columns.find(({ meta_data }) => meta_data?.path_in_schema[0] === column)?.meta_data;
  expect(statistics('node_id')?.statistics).toMatchObject({ min_value: row.nodeId, max_value: row.nodeId });
  expect(statistics('content')?.statistics?.min_value).toBeUndefined();
});

test('a content that is worth it is compressed', async () => {
  const { dataDir, log } = await newTable();
  await commitFile(log, 'x'.repeat(30_000));
  const [path] = filesBelow(dataDir).filter((name) => name.includes('part-') && !isFirst(dataDir, name));
  expect(statSync(join(dataDir, path ?? '')).size).toBeLessThan(10_000);
});

test('nothing is left in staging after a commit', async () => {
  const { dataDir, log } = await newTable();
  await commitFile(log, Buffer.alloc(100_000, 1));
  expect(filesBelow(join(dataDir, '_staging'))).toEqual([]);
});

test('an existing pond is not initialised again', async () => {
  const { dataDir } = await newTable();
  const again = { pondId: POND_ID, birthplace: 'there', identity: identityOf(1) };
  expect(await failure(initTLog({ files })(dataDir, again))).toEqual({ _tag: 'PondExists', path: dataDir });
});

test('an interrupted init leaves no pond and can be repeated', async () => {
  const dataDir = temporaryDataDir();
  const interrupted = await ok(
    initTLog({ files })(dataDir, { pondId: POND_ID, birthplace: 'a', identity: identityOf(1) }),
  );
  interrupted.put(rowOf({ txnSeq: 1 }), null);
  expect(await failure(openTLog({ files })(dataDir))).toEqual({ _tag: 'NotAPond', path: dataDir });
  const { log } = await newTable(dataDir);
  expect(log.pondId).toBe(POND_ID);
  expect(log.birthplace).toBe('here');
});

test('a place without a log is not a pond', async () => {
  const dataDir = temporaryDataDir();
  expect(await failure(openTLog({ files })(dataDir))).toEqual({ _tag: 'NotAPond', path: dataDir });
  expect(existsSync(dataDir)).toBe(false);
});

test('every log entry can be asked for as a commit', async () => {
  const { log } = await newTable();
  for (let n = 0; n < 3; n += 1) await commitFile(log, `${n}`);
  const commits = await ok(log.commitsAfter(1));
  expect(commits.map(({ txnSeq, version }) => [txnSeq, version])).toEqual([
    [2, 1],
    [3, 2],
    [4, 3],
  ]);
  expect(await ok(log.commitsAfter(4))).toEqual([]);
  expect(await ok(log.commitOf(3))).toMatchObject({
    ...INFO,
    txnSeq: 3,
    version: 2,
    timestamp: START + 3_000_369,
  });
  expect(await ok(log.commitOf(3, 2))).toMatchObject({ txnSeq: 3, version: 2 });
  expect(await ok(log.commitOf(3, 0))).toMatchObject({ txnSeq: 3, version: 2 });
  expect(await failure(log.commitOf(5))).toEqual({ _tag: 'TransactionNotFound', txnSeq: 5, lastTxnSeq: 4 });
});

test('a commit without rows is a log entry without a file', async () => {
  const { dataDir, log } = await newTable();
  await ok((await begin(log)).commit(INFO));
  expect(actionsOf(dataDir, 1).map((action) => Object.keys(action)[0])).toEqual(['commitInfo', 'txn']);
  await ok(log.secureHead());
  expect(await ok(log.head())).toEqual({ version: 1, txnSeq: 2 });
});

const isFirst = (dataDir: string, name: string) => JSON.stringify(actionsOf(dataDir, 0)).includes(name);

test('what a writer keeps of its log entry is what everybody else reads of it', async () => {
  const { dataDir, log } = await newTable();
  const layout = tableLayout(dataDir);
  const kept: LogEntry[] = [];
  const identity = identityOf(2);
  const writer = openWriter({
    store: { files, layout },
    identity,
    pondId: POND_ID,
    version: 1,
    view: await ok(log.snapshot()),
    protocol: null,
    metaData: null,
    foresee: () => null,
    onCommit: (entry) => {
      kept.push(entry);
      return null;
    },
  });
  const content = await ok(writer.store(Buffer.from('some text'), 'by-size'));
  writer.put(rowOf({ txnSeq: 2, name: 'b' }, content), content);
  writer.put(rowOf({ txnSeq: 2, name: 'a' }), null);
  await ok(writer.commit({ ...INFO, suppressed: 'no-post-commit' }));
  const path = layout.logEntry(1);
  // They read fields of Delta Lake besides, which nobody here asks for.
  expect([decodeLogEntry(path, readFileSync(path))]).toMatchObject(kept);
  expect(kept).toHaveLength(1);
});
