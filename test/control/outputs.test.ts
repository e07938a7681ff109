import { expect, test } from 'vitest';
import { commit, failure, first, must, run, start, task } from './steps.js';
import { newTable } from './table.js';

const TASK = { parentTxnSeq: 1, executionSeq: 1 };

test('what an attempt said is kept with its end, also of one that is tried again', async () => {
  const table = await newTable();
  await run(table, 'a');
  const claim = first(await commit(table, 1, [task(1, '/x'), task(2, '/y')], 'a'));
  await start(table, claim, 50);
  const failed = { timestamp: 60, durationMs: 1, errorMessage: 'no', next: 'retry' } as const;
  await must(table.recordPostCommitFailed(claim, { ...failed, attempt: 1, output: 'first\n' }));
  await start(table, claim, 70);
  await must(
    table.recordPostCommitCompleted(claim, { attempt: 2, timestamp: 90, durationMs: 4, output: 'été\n' }),
  );
  expect(await must(table.outputsOf(TASK))).toEqual([
    { attempt: 1, lines: 'first\n' },
    { attempt: 2, lines: 'été\n' },
  ]);
  expect(await must(table.outputsOf({ ...TASK, executionSeq: 2 }))).toEqual([]);
});

test('several that end together keep what each said, and one that said nothing has nothing', async () => {
  const table = await newTable();
  await run(table, 'a');
  const claims = await commit(table, 1, [task(1, '/x'), task(2, '/y')], 'a');
  for (const claim of claims) await start(table, claim, 50);
  const end = { attempt: 1, timestamp: 60, durationMs: 1 };
  await table.recordAttempts(
    claims.map((claim) => ({
      _tag: 'Completed',
      claim,
      end: claim.executionSeq === 1 ? { ...end, output: 'one\n' } : end,
    })),
  )();
  expect(await must(table.outputsOf(TASK))).toEqual([{ attempt: 1, lines: 'one\n' }]);
  expect(await must(table.outputsOf({ ...TASK, executionSeq: 2 }))).toEqual([]);
});

test('an end that is refused keeps nothing', async () => {
  const table = await newTable();
  await run(table, 'a');
  const claim = first(await commit(table, 1, [task(1, '/x')], 'a'));
  await start(table, claim, 50);
  const stale = { ...claim, token: claim.token + 100 };
  const end = { attempt: 1, timestamp: 60, durationMs: 1, output: 'said\n' };
  expect(await failure(table.recordPostCommitCompleted(stale, end))).toMatchObject({ _tag: 'StaleToken' });
  expect(await must(table.outputsOf(TASK))).toEqual([]);
});

test('what is older than it is kept for is removed, and counted before', async () => {
  const table = await newTable();
  await run(table, 'a');
  const claims = await commit(table, 1, [task(1, '/x'), task(2, '/y')], 'a');
  for (const claim of claims) {
    await start(table, claim, 50);
    const timestamp = 100 * claim.executionSeq;
    await must(
      table.recordPostCommitCompleted(claim, { attempt: 1, timestamp, durationMs: 1, output: 'été\n' }),
    );
  }
  expect(await must(table.removeOutputs(200, { dryRun: true }))).toEqual({ attempts: 1, bytes: 6 });
  expect(await must(table.outputsOf(TASK))).toHaveLength(1);
  expect(await must(table.removeOutputs(200, { dryRun: false }))).toEqual({ attempts: 1, bytes: 6 });
  expect(await must(table.outputsOf(TASK))).toEqual([]);
  expect(await must(table.outputsOf({ ...TASK, executionSeq: 2 }))).toHaveLength(1);
});
