import { expect, test } from 'vitest';
import type { BeginningAttempt } from '../../src/control/records/commit-record.js';
import { commit, must, run, start, task } from './steps.js';
import { newTable } from './table.js';

const asked = (executionSeq: number): BeginningAttempt => ({
  executionSeq,
  timestamp: 70,
  traceParent: `attempt of ${executionSeq}`,
});

test('an attempt that begins with its commit is recorded after its task is pending, and ends like any other', async () => {
  const table = await newTable();
  await run(table, 'r');
  const [a, b] = await commit(table, 1, [task(1, '/a'), task(2, '/b')], 'r', [asked(1)]);
  if (a === undefined || b === undefined) throw new Error('not claimed');
  expect(a.begun).toMatchObject({ _tag: 'Started', attempt: 1, traceParent: 'attempt of 1' });
  expect(b.begun).toBeUndefined();
  const records = await must(table.records({ txnSeq: 1 }));
  expect(records.map(({ recordType, executionSeq }) => [recordType, executionSeq]).slice(2)).toEqual([
    ['post_commit_pending', 1],
    ['post_commit_pending', 2],
    ['post_commit_started', 1],
  ]);
  expect(records.at(-1)).toMatchObject({
    attempt: 1,
    timestamp: 70,
    configTxnSeq: 1,
    traceParent: 'attempt of 1',
  });
  expect((await must(table.runningTasks())).map(({ claim }) => claim.executionSeq)).toContain(1);
  await must(table.recordPostCommitCompleted(a, { attempt: 1, timestamp: 80, durationMs: 1 }));
  await start(table, b);
  expect((await must(table.getPostCommitTasks(1))).map(({ state, startedAt }) => [state, startedAt])).toEqual(
    [
      ['completed', 70],
      ['started', 50],
    ],
  );
});

test('an attempt before which something of its path has to end does not begin with its commit', async () => {
  const table = await newTable();
  await run(table, 'r');
  const [earlier] = await commit(table, 1, [task(1, '/a')], 'r');
  if (earlier === undefined) throw new Error('not claimed');
  const [waiting, free] = await commit(table, 2, [task(1, '/a'), task(2, '/b')], 'r', [asked(1), asked(2)]);
  expect(waiting?.begun).toBeUndefined();
  expect(free?.begun).toMatchObject({ attempt: 1 });
  expect((await must(table.getPostCommitTasks(2))).map(({ state }) => state)).toEqual(['pending', 'started']);
  if (waiting === undefined) throw new Error('not claimed');
  expect(await start(table, waiting)).toMatchObject({ _tag: 'Blocked', by: { parentTxnSeq: 1 } });
});

test('nothing begins of a commit that nobody has claimed', async () => {
  const table = await newTable();
  expect(await commit(table, 1, [task(1, '/a')], null, [asked(1)])).toEqual([]);
  expect(await must(table.getPostCommitTasks(1))).toMatchObject([{ state: 'pending', attempts: 0 }]);
});
