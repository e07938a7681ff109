import { expect, test } from 'vitest';
import { betterSqlite } from '../../src/adapters/sqlite/better-sqlite.js';
import type { SqlDatabases } from '../../src/ports/sql-database.js';
import { begin, capabilities, commit, first, must, run, start, task } from './steps.js';
import { openTable, temporaryDirectory } from './table.js';

/** Notes with which `PRAGMA synchronous` each transaction that wrote is about to commit. */
const spying = (levels: string[]): SqlDatabases => ({
  open: (path, options) => () => {
    const opened = betterSqlite.open(path, options)();
    if (opened._tag === 'Left') return opened;
    const { right: database } = opened;
    return {
      _tag: 'Right',
      right: {
        ...database,
        transaction: (durability, body) =>
          database.transaction(durability, (transaction) => {
            const answer = body(transaction);
            levels.push(transaction.all('PRAGMA synchronous')[0]?.synchronous === 2 ? 'FULL' : 'NORMAL');
            return answer;
          }),
      },
    };
  },
});

test('what must survive power loss is committed with FULL in one transaction each, the rest with NORMAL', async () => {
  const levels: string[] = [];
  const table = await openTable(temporaryDirectory(), { ...capabilities, databases: spying(levels) });
  const levelsOf = async (work: () => Promise<unknown>) => {
    levels.length = 0;
    await work();
    return levels.join(' ');
  };
  const end = { attempt: 1, timestamp: 60, durationMs: 1 };
  expect(await levelsOf(() => begin(table, 9))).toBe('NORMAL');
  expect(
    await levelsOf(() =>
      must(table.recordPlanPrepared({ txnId: 'txn-9', txnSeq: 9 }, { checksum: 'c', plan: [] })),
    ),
  ).toBe('FULL');
  expect(
    await levelsOf(() =>
      must(table.recordFailed('txn-9', { timestamp: 1, durationMs: 1, errorMessage: '' })),
    ),
  ).toBe('FULL');
  await begin(table, 8, 'read');
  expect(
    await levelsOf(() =>
      must(table.recordFailed('txn-8', { timestamp: 1, durationMs: 1, errorMessage: '' })),
    ),
  ).toBe('NORMAL');
  await run(table, 'r');
  expect(await levelsOf(() => commit(table, 1))).toBe('NORMAL FULL');
  const claim = first(await commit(table, 2, [task(1, '/a'), task(2, '/b')], 'r'));
  expect(await levelsOf(() => start(table, claim))).toBe('FULL');
  expect(await levelsOf(() => must(table.recordGroup(claim, { pgid: 1, marker: 'm' }, null)))).toBe('FULL');
  expect(
    await levelsOf(() =>
      must(table.recordPostCommitFailed(claim, { ...end, errorMessage: 'x', next: 'retry' })),
    ),
  ).toBe('FULL');
  await start(table, claim);
  expect(await levelsOf(() => must(table.recordPostCommitCompleted(claim, { ...end, attempt: 2 })))).toBe(
    'FULL',
  );
  expect(await levelsOf(() => must(table.completeIfEnded('txn-2', 1)))).toBe('FULL');
});
