import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { betterSqlite } from '../../src/adapters/sqlite/better-sqlite.js';
import { openControlTable } from '../../src/control/open-control-table.js';
import { remedyForPondError } from '../../src/documents/remedy.js';
import { SERVER } from './server/on-server.js';
import { begin, capabilities, commit, failure, must, run, task, txnIdOf } from './steps.js';
import { newTable, openTable, temporaryDirectory } from './table.js';

const all = { limit: null, txnSeq: null, transactionTypes: ['read', 'write'] } as const;
const at = { timestamp: 9_000_000, durationMs: 7 };

test('a missing control table is its own error, names the remedy and makes nothing', async () => {
  const directory = join(temporaryDirectory(), 'control');
  const error = await failure(openControlTable(capabilities)(directory, 'pond', { create: false }));
  expect(error._tag).toBe('ControlMissing');
  expect(remedyForPondError(error)).toContain('pond rebuild-control');
  expect(existsSync(directory)).toBe(false);
});

test.skipIf(SERVER !== undefined)(
  "another pond's table, a stranger's database and plain bytes are refused and left alone",
  async () => {
    const directory = temporaryDirectory();
    const table = await openTable(directory);
    table.close();
    expect(await failure(openControlTable(capabilities)(directory, 'other', { create: true }))).toMatchObject(
      {
        _tag: 'ControlUnusable',
        problem: 'it belongs to the pond pond',
      },
    );

    const foreign = temporaryDirectory();
    const database = betterSqlite.open(join(foreign, 'control.db'), { create: true })();
    if (database._tag === 'Right') {
      database.right.transaction('durable', ({ run }) => run('CREATE TABLE recipes (name TEXT)'))();
      database.right.close();
    }
    for (const create of [true, false]) {
      expect(await failure(openControlTable(capabilities)(foreign, 'pond', { create }))).toMatchObject({
        _tag: 'ControlUnusable',
      });
    }

    const bytes = temporaryDirectory();
    mkdirSync(bytes, { recursive: true });
    writeFileSync(join(bytes, 'control.db'), 'these are not tables '.repeat(100));
    const error = await failure(openControlTable(capabilities)(bytes, 'pond', { create: false }));
    expect(error._tag).toBe('ControlUnusable');
    expect(remedyForPondError(error)).toContain('pond rebuild-control');
  },
);

test('a commit without tasks is committed at once, one that fails or changes nothing uses up no sequence', async () => {
  const table = await newTable();
  await commit(table, 1);
  await begin(table, 2);
  await must(table.recordFailed(txnIdOf(2), { ...at, errorMessage: 'disk full' }));
  await begin(table, 3);
  await must(table.recordCompleted(txnIdOf(3), at));
  await begin(table, 4);
  const summaries = await must(table.transactions(all));
  expect(summaries.map(({ txnId, status }) => [txnId, status])).toEqual([
    ['txn-4', 'incomplete'],
    ['txn-3', 'completed'],
    ['txn-2', 'failed'],
    ['txn-1', 'committed'],
  ]);
  expect(summaries[3]).toEqual({
    txnSeq: 1,
    txnId: 'txn-1',
    transactionType: 'write',
    status: 'committed',
    cliArgs: ['copy', 'a', '/b'],
    startedAt: 1_000_000,
    durationMs: 5,
    dataFsVersion: 101,
    errorMessage: null,
    planChecksum: 'plan of 0',
    isGone: false,
    traceParent: '00-1',
    causedBy: [],
    factoryName: null,
    configPath: null,
    gates: [],
    tasks: [],
  });
  expect(summaries[2]?.errorMessage).toBe('disk full');
  expect((await must(table.newestCommit())).commit?.txnSeq).toBe(1);
  expect(await must(table.findIncompleteTransactions())).toMatchObject([
    { txnId: 'txn-4', dataCommitted: false, environment: { pid: 7 }, cliArgs: ['copy', 'a', '/b'] },
  ]);
});

test('a limit counts transactions of the wanted types, newest first', async () => {
  const table = await newTable();
  for (const txnSeq of [1, 2, 3]) await commit(table, txnSeq);
  for (const txnSeq of [4, 5, 6]) await begin(table, txnSeq, 'read');
  const seqs = async (
    limit: number | null,
    transactionTypes: readonly ('read' | 'write')[],
    txnSeq: number | null,
  ) => (await must(table.transactions({ limit, txnSeq, transactionTypes }))).map((one) => one.txnSeq);
  expect(await seqs(2, ['write'], null)).toEqual([3, 2]);
  expect(await seqs(4, ['read', 'write'], null)).toEqual([6, 5, 4, 3]);
  expect(await seqs(null, ['read', 'write'], 2)).toEqual([2]);
  expect(await seqs(null, [], null)).toEqual([]);
});

test('a record that cannot follow is refused and nothing is written', async () => {
  const table = await newTable();
  await commit(table, 1);
  await begin(table, 2);
  const before = await must(table.records({}));
  const refused = { _tag: 'ControlFailed', code: 'ILLEGAL_SEQUENCE' };
  expect(await failure(table.recordCompleted(txnIdOf(1), at))).toMatchObject(refused);
  expect(await failure(table.recordFailed('unknown', { ...at, errorMessage: '' }))).toMatchObject(refused);
  await expect(begin(table, 2)).rejects.toThrow('ILLEGAL_SEQUENCE');
  await expect(commit(table, 1)).rejects.toThrow('ILLEGAL_SEQUENCE');
  expect(await must(table.records({}))).toEqual(before);
});

test('a commit with tasks is incomplete until the last of them has ended, and is completed once', async () => {
  const table = await newTable();
  await run(table, 'r');
  const [claim] = await commit(table, 1, [task(1, '/a'), task(2, '/bad', 'unknown factory')], 'r');
  expect(await must(table.completeIfEnded(txnIdOf(1), 3_000_000))).toBe(false);
  expect(await must(table.findIncompleteTransactions())).toMatchObject([{ dataCommitted: true }]);
  expect(await must(table.commitsWithTasks())).toEqual([txnIdOf(1)]);
  if (claim === undefined) throw new Error('not claimed');
  await must(table.recordPostCommitSkipped(claim, { timestamp: 2, errorMessage: 'depends on x' }));
  // Without a last record it is open still, and nothing keeps it so.
  expect(await must(table.findIncompleteTransactions())).toHaveLength(1);
  expect(await must(table.commitsWithTasks())).toEqual([]);
  expect(await must(table.completeIfEnded(txnIdOf(1), 3_000_000))).toBe(true);
  expect(await must(table.completeIfEnded(txnIdOf(1), 4_000_000))).toBe(true);
  expect(await must(table.completeIfEnded('unknown', 4_000_000))).toBe(false);
  const records = await must(table.records({ txnSeq: 1 }));
  expect(records.map(({ recordType }) => recordType)).toEqual([
    'begin',
    'data_committed',
    'post_commit_pending',
    'post_commit_pending',
    'post_commit_failed',
    'post_commit_skipped',
    'completed',
  ]);
  expect(records[4]).toMatchObject({ attempt: 0, errorMessage: 'unknown factory', configPath: '/bad' });
});

test.skipIf(SERVER !== undefined)(
  'a prepared plan becomes active with its commit, goes with a failed one, and equal plans are stored once',
  async () => {
    const directory = temporaryDirectory();
    const table = await openTable(directory);
    const plan = { checksum: 'c', plan: { b: 1, a: [true, null, 'x'] } };
    await begin(table, 1);
    await must(table.recordPlanPrepared({ txnId: 'txn-1', txnSeq: 1 }, plan));
    expect(await must(table.planOf({ txnId: 'txn-1' }))).toEqual({
      ...plan,
      txnId: 'txn-1',
      txnSeq: 1,
      state: 'prepared',
    });
    expect(await must(table.planOf({ txnSeq: 1 }))).toBeNull();
    await must(table.recordFailed('txn-1', { ...at, errorMessage: 'no' }));
    expect(await must(table.planOf({ txnId: 'txn-1' }))).toBeNull();
    await commit(table, 2);
    await commit(table, 3);
    expect(await must(table.planOf({ txnSeq: 3 }))).toMatchObject({ state: 'active', txnId: 'txn-3' });
    const database = betterSqlite.open(join(directory, 'control.db'), { create: false })();
    if (database._tag === 'Left') throw new Error('not opened');
    expect(database.right.query('SELECT checksum FROM plans ORDER BY 1')()).toMatchObject({
      right: [{ checksum: 'c' }, { checksum: 'plan of 0' }],
    });
    database.right.close();
  },
);

test('rebuilding adds what is unknown, completes what is half known and leaves the rest alone', async () => {
  const table = await newTable();
  await run(table, 'r');
  await commit(table, 1, [task(1, '/a')], 'r');
  await begin(table, 2);
  const rebuilt = (txnSeq: number) => ({
    txnSeq,
    txnId: txnIdOf(txnSeq),
    basedOnSeq: txnSeq - 1,
    timestamp: txnSeq * 1_000_000,
    dataFsVersion: txnSeq,
    durationMs: null,
    plan: null,
    traceParent: null,
    cliArgs: ['from', 'the log'],
    tasks: [task(1, '/a')],
  });
  const known = await must(table.records({ txnSeq: 1 }));
  expect(await must(table.recordRebuilt([1, 2, 3].map(rebuilt)))).toBe(2);
  expect(await must(table.recordRebuilt([1, 2, 3].map(rebuilt)))).toBe(0);
  expect(await must(table.records({ txnSeq: 1 }))).toEqual(known);
  const [third, second] = await must(table.transactions(all));
  expect(second).toMatchObject({ txnSeq: 2, status: 'committed', cliArgs: ['copy', 'a', '/b'] });
  expect(third).toMatchObject({
    status: 'committed',
    cliArgs: ['from', 'the log'],
    tasks: [
      { state: 'skipped', errorMessage: 'control table rebuilt: whether it ran is not known', attempts: 0 },
    ],
  });
  expect((await must(table.newestCommit())).commit?.txnSeq).toBe(3);
});

test('pruning removes old reads that have ended and nothing else', async () => {
  const table = await newTable();
  await commit(table, 1);
  for (const txnSeq of [2, 3, 4]) await begin(table, txnSeq, 'read');
  await must(table.recordCompleted(txnIdOf(2), at));
  await must(table.recordCompleted(txnIdOf(4), at));
  expect(await must(table.pruneReads(3_500_000))).toBe(1);
  const left = await must(table.transactions(all));
  expect(left.map(({ txnSeq }) => txnSeq)).toEqual([4, 3, 1]);
});

test.skipIf(SERVER !== undefined)(
  'the log refuses updates, replacements and the deletion of writes from anybody',
  async () => {
    const directory = temporaryDirectory();
    const table = await openTable(directory);
    await commit(table, 1);
    const before = await must(table.records({}));
    const database = betterSqlite.open(join(directory, 'control.db'), { create: false })();
    if (database._tag === 'Left') throw new Error('not opened');
    for (const statement of [
      `UPDATE control_table SET error_message = 'x'`,
      'DELETE FROM control_table',
      `INSERT OR REPLACE INTO control_table (record_id, txn_seq, txn_id, record_type, transaction_type, timestamp)
     VALUES (1, 9, 'x', 'begin', 'write', 1)`,
      `INSERT INTO control_table (txn_seq, txn_id, record_type, transaction_type, timestamp)
     VALUES (9, 'x', 'invented', 'write', 1)`,
    ]) {
      expect(database.right.transaction('durable', (body) => body.run(statement))()).toMatchObject({
        left: { _tag: 'SqlError' },
      });
    }
    database.right.close();
    expect(await must(table.records({}))).toEqual(before);
  },
);
