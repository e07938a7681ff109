import { expect, test } from 'vitest';
import type { ControlTable } from '../../src/control/control-table.js';
import type { Claim } from '../../src/control/records/claim.js';
import { commit, first, must, run, start, task } from './steps.js';
import { newTable } from './table.js';

/** One commit of some entries, whose tasks end as they are told to, at a time that is their commit's number. */
const ending = async (
  table: ControlTable,
  txnSeq: number,
  entries: Readonly<Record<string, 'completed' | 'failed'>>,
) => {
  const tasks = Object.keys(entries).map((path, at) => task(at + 1, path));
  const claims = await commit(table, txnSeq, tasks, 'r');
  for (const claim of claims) {
    await start(table, claim);
    await end(table, claim, entries[claim.configPath] ?? 'failed', 1);
  }
};

const end = (table: ControlTable, claim: Claim, as: 'completed' | 'failed', attempt: number) => {
  const how = { attempt, timestamp: claim.parentTxnSeq, durationMs: 1 };
  return must(
    as === 'completed'
      ? table.recordPostCommitCompleted(claim, how)
      : table.recordPostCommitFailed(claim, { ...how, errorMessage: 'no', next: 'release' }),
  );
};

test('an entry fails since it last completed, however long ago, and no longer once it completes or is settled', async () => {
  const table = await newTable();
  await run(table, 'r');
  await ending(table, 1, { '/a': 'failed', '/b': 'failed', '/c': 'completed' });
  await ending(table, 2, { '/a': 'completed', '/c': 'completed' });
  await ending(table, 3, { '/a': 'failed' });
  await ending(table, 4, { '/a': 'failed', '/c': 'completed' });
  const failing = async () =>
    [...(await must(table.failingEntries()))].sort((a, b) => (a.configPath < b.configPath ? -1 : 1));
  expect(await failing()).toMatchObject([
    { configPath: '/a', failures: 2, since: 3, newest: { parentTxnSeq: 4, state: 'failed' } },
    { configPath: '/b', failures: 1, since: 1, newest: { parentTxnSeq: 1 } },
  ]);
  await ending(table, 5, { '/a': 'completed' });
  await must(
    table.recordPostCommitDismissed([{ parentTxnSeq: 1, executionSeq: 2 }], { timestamp: 6, reason: null }),
  );
  expect(await failing()).toEqual([]);
});

test('of failed tasks the oldest ones can be had, and the number of all grows in records when one is tried again', async () => {
  const table = await newTable();
  await run(table, 'r');
  for (const txnSeq of [1, 2, 3]) await ending(table, txnSeq, { '/a': 'failed', '/b': 'failed' });
  const oldest = await must(table.findFailedTasks({ oldest: 3 }));
  expect(oldest).toEqual((await must(table.findFailedTasks())).slice(0, 3));
  expect(oldest.map(({ parentTxnSeq, executionSeq }) => [parentTxnSeq, executionSeq])).toEqual([
    [1, 1],
    [1, 2],
    [2, 1],
  ]);
  expect(await must(table.findFailedTasks({ oldest: 0 }))).toEqual([]);
  const before = await must(table.countFailedTasks());
  expect(before).toEqual({ tasks: 6, records: 18 });
  const again = [{ parentTxnSeq: 3, executionSeq: 2 }];
  const { claimed } = await must(
    table.recordPostCommitPending('r', again, { timestamp: 9, configTxnSeq: null }),
  );
  expect(await must(table.countFailedTasks())).toEqual({ tasks: 5, records: 15 });
  await start(table, first(claimed));
  await end(table, first(claimed), 'failed', 2);
  expect(await must(table.countFailedTasks())).toEqual({ tasks: 6, records: 21 });
});

test('a summary that was asked for before has what has been recorded since', async () => {
  const table = await newTable();
  await run(table, 'r');
  await ending(table, 1, { '/a': 'failed' });
  const newest = () => must(table.transactions({ limit: 5, txnSeq: null, transactionTypes: ['write'] }));
  expect(await newest()).toMatchObject([{ txnSeq: 1, tasks: [{ state: 'failed', attempts: 1 }] }]);
  const { claimed } = await must(
    table.recordPostCommitPending('r', [{ parentTxnSeq: 1, executionSeq: 1 }], {
      timestamp: 9,
      configTxnSeq: null,
    }),
  );
  expect(await newest()).toMatchObject([{ tasks: [{ state: 'pending' }] }]);
  await start(table, first(claimed));
  await end(table, first(claimed), 'completed', 2);
  expect(await newest()).toMatchObject([{ tasks: [{ state: 'completed', attempts: 2 }] }]);
  await ending(table, 2, {});
  expect((await newest()).map(({ txnSeq }) => txnSeq)).toEqual([2, 1]);
});
