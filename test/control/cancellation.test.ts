import { expect, test } from 'vitest';
import { claimOne, commit, first, must, run, start, task } from './steps.js';
import { newTable, openTable, temporaryDirectory } from './table.js';

const id = { parentTxnSeq: 1, executionSeq: 1 };
const end = { attempt: 1, timestamp: 60, durationMs: 7 };
const at = { timestamp: 55, message: 'cancelled by me' };

/** A task that the runner `a` runs. */
const running = async () => {
  const table = await newTable();
  await run(table, 'a');
  const claim = first(await commit(table, 1, [task(1, '/x')], 'a'));
  await start(table, claim);
  const state = async () => first(await must(table.getPostCommitTasks(1)));
  return { table, claim, state };
};

test('a pending task is cancelled at once, also where a runner has claimed it, which then finds that it has ended', async () => {
  const table = await newTable();
  await run(table, 'a');
  const claim = first(await commit(table, 1, [task(1, '/x')], 'a'));
  expect(await must(table.recordPostCommitCancelled([id], at))).toEqual({ cancelled: [id], requested: [] });
  expect(await must(table.getPostCommitTasks(1))).toMatchObject([
    { state: 'cancelled', attempts: 0, errorMessage: 'cancelled by me', completedAt: 55 },
  ]);
  expect(await start(table, claim)).toEqual({ _tag: 'AlreadyEnded', state: 'cancelled' });
  expect(await must(table.recordPostCommitCancelled([id], at))).toEqual({ cancelled: [], requested: [] });
  const again = { timestamp: 70, configTxnSeq: null };
  expect((await must(table.recordPostCommitPending('a', [id], again))).claimed).toHaveLength(1);
});

test('a claimed task that is cancelled and then to be skipped stays cancelled, and its claim is given back', async () => {
  const table = await newTable();
  await run(table, 'a');
  const claim = first(await commit(table, 1, [task(1, '/x')], 'a'));
  await must(table.recordPostCommitCancelled([id], at));
  await must(table.recordPostCommitSkipped(claim, { timestamp: 60, errorMessage: 'x' }));
  expect(await must(table.getPostCommitTasks(1))).toMatchObject([{ state: 'cancelled' }]);
  expect(await must(table.endRunner('a'))).toEqual([]);
});

test('the runner of a running task is asked, the first request counts, and its failure is recorded as that', async () => {
  const { table, claim, state } = await running();
  expect(await must(table.cancelledAttempts('a'))).toEqual([]);
  const asked = { task: id, runner: { runnerId: 'a', pid: 1, command: 'pond a' } };
  const requested = { cancelled: [], requested: [asked] };
  expect(await must(table.recordPostCommitCancelled([id], at))).toEqual(requested);
  const later = { timestamp: 56, message: 'cancelled by another one' };
  expect(await must(table.recordPostCommitCancelled([id], later))).toEqual(requested);
  expect(await must(table.cancelledAttempts('a'))).toEqual([{ ...id, attempt: 1 }]);
  expect(await must(table.cancelledAttempts('b'))).toEqual([]);
  expect(await state()).toMatchObject({ state: 'started' });
  await must(table.recordPostCommitFailed(claim, { ...end, errorMessage: 'killed', next: 'release' }));
  expect(await state()).toMatchObject({
    state: 'cancelled',
    attempts: 1,
    durationMs: 7,
    errorMessage: 'cancelled by me',
  });
  expect(await must(table.cancelledAttempts('a'))).toEqual([]);
});

test.each([['retry' as const], [{ notBefore: 99 }]])(
  'an attempt that would be tried again (%j) is cancelled for good',
  async (next) => {
    const { table, claim, state } = await running();
    await must(table.recordPostCommitCancelled([id], at));
    await must(table.recordPostCommitFailed(claim, { ...end, errorMessage: 'killed', next }));
    expect(await state()).toMatchObject({ state: 'cancelled', attempts: 1 });
    if (next === 'retry') {
      expect(await start(table, claim, 70)).toEqual({ _tag: 'AlreadyEnded', state: 'cancelled' });
    }
    expect(await must(table.endRunner('a'))).toEqual([]);
  },
);

test('an attempt that completes all the same has completed, and a later attempt is not ended by it', async () => {
  const { table, claim, state } = await running();
  await must(table.recordPostCommitCancelled([id], at));
  await must(table.recordPostCommitCompleted(claim, end));
  expect(await state()).toMatchObject({ state: 'completed', errorMessage: null });
  expect(await must(table.cancelledAttempts('a'))).toEqual([]);
});

test('the request outlives the runner: whoever takes the task up records it, and begins nothing', async () => {
  const directory = temporaryDirectory();
  const dying = await openTable(directory);
  const table = await openTable(directory);
  await run(dying, 'dying');
  await start(dying, first(await commit(dying, 1, [task(1, '/x')], 'dying')));
  await must(table.recordPostCommitCancelled([id], at));
  dying.abandonRunner('dying');
  await run(table, 'next');
  const claim = await claimOne(table, 'next', 1);
  expect(await start(table, claim, 80)).toEqual({ _tag: 'AlreadyEnded', state: 'cancelled' });
  expect(await must(table.getPostCommitTasks(1))).toMatchObject([
    { state: 'cancelled', attempts: 1, errorMessage: 'cancelled by me' },
  ]);
});

test('a task whose runner has died is cancelled at once', async () => {
  const directory = temporaryDirectory();
  const dying = await openTable(directory);
  const table = await openTable(directory);
  await run(dying, 'dying');
  await start(dying, first(await commit(dying, 1, [task(1, '/x')], 'dying')));
  dying.abandonRunner('dying');
  await run(table, 'next');
  expect(await must(table.recordPostCommitCancelled([id], at))).toEqual({ cancelled: [id], requested: [] });
  expect(await must(table.getPostCommitTasks(1))).toMatchObject([{ state: 'cancelled', attempts: 1 }]);
});

test('who runs tasks, what they do now, and how many have not begun', async () => {
  const { table } = await running();
  await run(table, 'b');
  await must(table.markBackground('b', true));
  await commit(table, 2, [task(1, '/y'), task(2, '/z')]);
  expect(await must(table.fleetStatus())).toMatchObject({
    workers: [
      {
        runnerId: 'a',
        pid: 1,
        command: 'pond a',
        isInBackground: false,
        waiting: 0,
        running: [{ task: id, configPath: '/x', attempt: 1, startedAt: 50 }],
      },
      { runnerId: 'b', isInBackground: true, running: [], waiting: 0 },
    ],
    queue: { pending: 2, oldestAt: 2_005_000 },
  });
  table.abandonRunner('b');
});
