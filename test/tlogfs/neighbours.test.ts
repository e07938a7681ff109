import { execFileSync } from 'node:child_process';
import { readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { nodeFileSystem as files } from '../../src/adapters/node/files/node-file-system.js';
import { ROOT_ID } from '../../src/domain/tree/node-row.js';
import { checkTable } from '../../src/tlogfs/check/check-table.js';
import { openTLog } from '../../src/tlogfs/open-tlog.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { actionsOf, commitFile, failure, logEntry, newTable, ok } from './table-fixture.js';

/* What other Delta engines do to a pond's table by the protocol; `test/interop` has real ones do it. */

const named = (path: string) => path;
const check = (dataDir: string) =>
  checkTable(files, dataDir, { quick: false, onBytes: () => undefined, named });

const table = async (commits = 3) => {
  const made = await newTable();
  for (let count = 1; count <= commits; count += 1)
    await commitFile(made.log, `text ${count}`, { name: `f${count}` });
  return made;
};

const reopen = async (dataDir: string) => ok(openTLog({ files })(dataDir));

const namesIn = async (dataDir: string): Promise<readonly string[]> => {
  const snapshot = await ok((await reopen(dataDir)).snapshot());
  return (await ok(snapshot.rowsOf(ROOT_ID))).map(({ name }) => name).sort();
};

/** Replaces an entry by one of another engine, which counts nothing and signs nothing. */
const rewriteEntry = (
  dataDir: string,
  version: number,
  change: (action: Record<string, unknown>) => Record<string, unknown>,
): void => {
  const actions = actionsOf(dataDir, version).map((action) => {
    const { commitInfo } = action as { commitInfo?: Record<string, unknown> };
    if (commitInfo === undefined) return change(action);
    const { action_count: _, entry_sha256: __, ...rest } = commitInfo;
    return { commitInfo: { ...rest, engineInfo: 'another engine' } };
  });
  writeFileSync(logEntry(dataDir, version), actions.map((action) => `${JSON.stringify(action)}\n`).join(''));
};

type AddAction = { add?: { path: string; stats?: string | null } };

test('a data file whose name is percent-encoded in the log is found', async () => {
  const { dataDir } = await table();
  const before = await namesIn(dataDir);
  rewriteEntry(dataDir, 2, (action) => {
    const { add } = action as AddAction;
    if (add === undefined) return action;
    renameSync(join(dataDir, add.path), join(dataDir, 'a b %25.parquet'));
    return { add: { ...add, path: 'a%20b%20%2525.parquet' } };
  });
  expect(await namesIn(dataDir)).toEqual(before);
  expect(await check(dataDir)).toMatchObject({ findings: [], strays: [] });
});

test('a percent-encoded way out of the table is not followed', async () => {
  const { dataDir } = await table();
  rewriteEntry(dataDir, 2, (action) =>
    'add' in action
      ? { add: { ...(action as AddAction).add, path: '%2e%2e/%2e%2e/secret.parquet' } }
      : action,
  );
  expect(await failure(openTLog({ files })(dataDir))).toMatchObject({ _tag: 'CorruptData' });
});

test('a file of a shallow clone is said to be not supported, and not damaged', async () => {
  const { dataDir } = await table();
  rewriteEntry(dataDir, 2, (action) =>
    'add' in action ? { add: { ...(action as AddAction).add, path: 's3://other/part-0.parquet' } } : action,
  );
  expect(await failure(openTLog({ files })(dataDir))).toMatchObject({
    _tag: 'UnsupportedData',
    problem: expect.stringContaining('shallow clone'),
  });
  expect((await check(dataDir)).findings).toMatchObject([
    { _tag: 'LogEntryNotSupported', version: 2, problem: expect.stringContaining('shallow clone') },
  ]);
});

test('a file with a deletion vector is refused, though the protocol does not say that there are any', async () => {
  const { dataDir } = await table();
  const deletionVector = {
    storageType: 'u',
    pathOrInlineDv: 'x',
    offset: 4,
    sizeInBytes: 40,
    cardinality: 1,
  };
  rewriteEntry(dataDir, 2, (action) =>
    'add' in action ? { add: { ...(action as AddAction).add, deletionVector } } : action,
  );
  expect(await failure(openTLog({ files })(dataDir))).toMatchObject({
    _tag: 'UnsupportedData',
    problem: expect.stringContaining('deletionVectors'),
  });
  expect((await check(dataDir)).findings).toMatchObject([
    { _tag: 'LogEntryNotSupported', version: 2, problem: expect.stringContaining('deletionVectors') },
  ]);
});

test('of an action with very many problems a few are said', async () => {
  const { dataDir } = await table();
  rewriteEntry(dataDir, 2, (action) =>
    'add' in action
      ? { metaData: { partitionColumns: Array.from({ length: 20_000 }, () => 1), configuration: {} } }
      : action,
  );
  const { problem } = Object(await failure(openTLog({ files })(dataDir)));
  expect(problem).toMatch(/; and \d+ more$/);
  expect(problem.length).toBeLessThan(1_000);
});

test.each([
  ['none', null],
  ['without a number of rows', '{}'],
  ['with bounds of other types', '{"numRecords":1,"minValues":{"txn_seq":"a","part_id":7},"maxValues":null}'],
])('statistics %s hide no row', async (_, stats) => {
  const { dataDir } = await table();
  const before = await namesIn(dataDir);
  rewriteEntry(dataDir, 2, (action) =>
    'add' in action ? { add: { ...(action as AddAction).add, stats } } : action,
  );
  expect(await namesIn(dataDir)).toEqual(before);
});

test('actions that are not known are passed over', async () => {
  const { dataDir } = await table();
  const before = await namesIn(dataDir);
  const lines = [
    '{"domainMetadata":{"domain":"x","configuration":"{}","removed":false}}',
    '{"sidecar":{"path":"x"}}',
  ];
  rewriteEntry(dataDir, 2, (action) => action);
  writeFileSync(logEntry(dataDir, 2), `${lines.join('\n')}\n`, { flag: 'a' });
  expect(await namesIn(dataDir)).toEqual(before);
});

/** Removes the entries before the newest checkpoint, and older checkpoints, as engines do whose retention is over. */
const cleanUp = (dataDir: string): number => {
  const logDir = join(dataDir, '_delta_log');
  const checkpoints = readdirSync(logDir).filter((name) => name.endsWith('.checkpoint.parquet'));
  const newest = Math.max(...checkpoints.map((name) => Number.parseInt(name, 10)));
  for (let version = 0; version < newest; version += 1) rmSync(logEntry(dataDir, version));
  for (const name of checkpoints) if (Number.parseInt(name, 10) < newest) rmSync(join(logDir, name));
  return newest;
};

const cleanedUp = async () => {
  const made = await table(0);
  for (let count = 1; count <= 14; count += 1) {
    await commitFile(made.log, `text ${count}`, { name: `f${count}` });
    await ok(made.log.maintain(Date.UTC(2026, 0, 1) * 1000));
  }
  return { dataDir: made.dataDir, first: cleanUp(made.dataDir) };
};

test('a pond whose oldest log entries another engine removed reads, writes, checks and maintains', async () => {
  const { dataDir, first } = await cleanedUp();
  expect(first).toBeGreaterThan(5);
  const log = await reopen(dataDir);
  await commitFile(log, 'after', { name: 'after' });
  await ok(log.maintain(Date.UTC(2026, 0, 2) * 1000));
  await ok(log.sweep({ mergedAwayBefore: Date.UTC(2030, 0, 1), dryRun: false }));
  expect(await ok(log.repairCheckpoints(Date.UTC(2026, 0, 2) * 1000, { dryRun: false }))).toBe(0);
  expect(await namesIn(dataDir)).toHaveLength(16);
  const checked = await check(dataDir);
  expect(checked.findings).toEqual([
    { _tag: 'LogCleanedUp', file: join(dataDir, '_delta_log'), version: first },
  ]);
  expect(checked.contentRoot).not.toBeNull();
});

test('commits whose entries are gone are left out of the history, and asked for one by one they are said to be forgotten', async () => {
  const { dataDir } = await cleanedUp();
  const log = await reopen(dataDir);
  const commits = await ok(log.commitsAfter(0));
  expect(commits.at(-1)?.txnSeq).toBe(15);
  expect(commits.length).toBeLessThan(15);
  expect(await ok(log.commitOf(15))).toMatchObject({ txnSeq: 15 });
  expect(await failure(log.commitOf(2))).toMatchObject({ _tag: 'CommitForgotten', txnSeq: 2 });
});

test('log entries that are missing without a checkpoint that stands for them are damage', async () => {
  const { dataDir } = await table();
  rmSync(logEntry(dataDir, 0));
  expect((await check(dataDir)).findings).toContainEqual(
    expect.objectContaining({ _tag: 'LogEntryMissing', version: 0 }),
  );
});

test('a table says that its log is kept, and one that does not yet says so with its next commit', async () => {
  const { dataDir, log } = await table(1);
  const configuration = {
    'delta.enableExpiredLogCleanup': 'false',
    'delta.logRetentionDuration': 'interval 36500 days',
  };
  const metaDataOf = (version: number) =>
    actionsOf(dataDir, version).find((action) => 'metaData' in action)?.metaData;
  expect(metaDataOf(0)).toMatchObject({ configuration });
  expect(metaDataOf(1)).toBeUndefined();
  rewriteEntry(dataDir, 0, (action) => {
    const { metaData } = action as { metaData?: { configuration: Record<string, string> } };
    if (metaData === undefined) return action;
    return {
      metaData: { ...metaData, configuration: { 'delta.appendOnly': 'true', 'pond.birthplace': 'there' } },
    };
  });
  expect(await ok(log.head())).toMatchObject({ txnSeq: 2 });
  const old = await reopen(dataDir);
  await commitFile(old, 'x', { name: 'x' });
  await commitFile(old, 'y', { name: 'y' });
  expect(metaDataOf(2)).toMatchObject({
    configuration: { ...configuration, 'delta.appendOnly': 'true', 'pond.birthplace': 'there' },
  });
  expect(metaDataOf(3)).toBeUndefined();
  expect((await check(dataDir)).findings).toEqual([]);
});

test('maintenance writes what another engine wrote again in its own way', async () => {
  const { dataDir } = await table();
  rewriteEntry(dataDir, 2, (action) => {
    const { add } = action as AddAction;
    if (add === undefined) return action;
    const path = 'part-00000-0b7c6c0e-5a1f-4c1e-9d55-2b8c9f6d2a11-c000.zstd.parquet';
    renameSync(join(dataDir, add.path), join(dataDir, path));
    return { add: { ...add, path } };
  });
  const before = await namesIn(dataDir);
  const log = await reopen(dataDir);
  await ok(log.maintain(Date.UTC(2026, 0, 1) * 1000));
  expect((await ok(log.head())).version).toBe(3);
  await ok(log.maintain(Date.UTC(2026, 0, 1) * 1000, { foreign: true }));
  expect((await ok(log.head())).version).toBe(4);
  await ok(log.maintain(Date.UTC(2026, 0, 1) * 1000, { foreign: true }));
  expect((await ok(log.head())).version).toBe(4);
  expect(await namesIn(dataDir)).toEqual(before);
  expect(await check(dataDir)).toMatchObject({ findings: [] });
});

/** A pond of 18 commits that Spark has compacted by its default settings: times are INT96, of nanoseconds. */
const compactedBySpark = (): string => {
  const folder = temporaryFolder('spark');
  const archive = fileURLToPath(new URL('../fixtures/pond-compacted-by-spark.tar.gz', import.meta.url));
  execFileSync('tar', ['-xzf', archive, '-C', folder]);
  return join(folder, 'pond/data');
};

const allRows = async (dataDir: string) => {
  const snapshot = await ok((await reopen(dataDir)).snapshot());
  const top = await ok(snapshot.rowsOf(ROOT_ID));
  const below = await Promise.all(top.map(({ nodeId }) => ok(snapshot.rowsOf(nodeId))));
  return [...top, ...below.flat()].sort((one, other) => (one.nodeId < other.nodeId ? -1 : 1));
};

test('a table that Spark has compacted is read as it was before, and is sound', async () => {
  const dataDir = compactedBySpark();
  const before = compactedBySpark();
  rmSync(logEntry(before, 19));
  const rows = await allRows(dataDir);
  expect(rows).toHaveLength(19);
  expect(rows).toEqual(await allRows(before));
  expect((await check(dataDir)).findings).toEqual([]);
});

test('a version of the protocol that is not known is told as that by fsck, not as a contradiction', async () => {
  const { dataDir } = await table();
  const raise = (protocol: object) => {
    const text = JSON.stringify({ protocol });
    writeFileSync(logEntry(dataDir, 4), `${JSON.stringify({ commitInfo: { timestamp: 1 } })}\n${text}\n`);
  };
  raise({ minReaderVersion: 3, minWriterVersion: 7, readerFeatures: ['deletionVectors'] });
  expect((await check(dataDir)).findings).toMatchObject([
    { _tag: 'LogEntryNotSupported', version: 4, problem: expect.stringContaining('reader version 3') },
  ]);
  expect(await failure(openTLog({ files })(dataDir))).toMatchObject({ _tag: 'UnsupportedTable' });
  raise({ minReaderVersion: 1, minWriterVersion: 7, writerFeatures: ['invariants'] });
  expect((await check(dataDir)).findings).toMatchObject([
    { _tag: 'LogEntryNotSupported', version: 4, problem: expect.stringContaining('writer version 7') },
  ]);
  expect(await namesIn(dataDir)).toEqual(['etc', 'f1', 'f2', 'f3']);
});
