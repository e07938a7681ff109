import { expect, test } from 'vitest';
import type { ControlTable } from '../../src/control/control-table.js';
import { SERVER } from './server/on-server.js';
import { claimOne, commit, failure, first, must, run, start, task } from './steps.js';
import { newTable, openTable, temporaryDirectory } from './table.js';

const end = { attempt: 1, timestamp: 60, durationMs: 1 };
const only = async (table: ControlTable, parentTxnSeq = 1) =>
  first(await must(table.getPostCommitTasks(parentTxnSeq)));
const types = async (table: ControlTable) =>
  (await must(table.records({ txnSeq: 1 })))
    .filter(({ transactionType }) => transactionType === 'post_commit')
    .map(({ recordType, attempt }) => `${recordType.slice('post_commit_'.length)} ${attempt ?? '-'}`);

/** A runner that begins an attempt and dies. */
const crashDuringAttempt = async (directory: string, runnerId: string, parentTxnSeq = 1) => {
  const dying = await openTable(directory);
  await run(dying, runnerId);
  const claim = await claimOne(dying, runnerId, parentTxnSeq);
  const started = await start(dying, claim);
  dying.close();
  return { claim, started };
};

test('a task is pending, started and completed, each with its times, and its claim is given back', async () => {
  const table = await newTable();
  await run(table, 'a');
  const claim = first(await commit(table, 1, [task(1, '/x')], 'a'));
  expect(await only(table)).toMatchObject({
    state: 'pending',
    attempts: 0,
    startedAt: null,
    traceParent: '00-1',
  });
  expect(await start(table, claim, 50)).toEqual({
    _tag: 'Started',
    attempt: 1,
    supersededBy: null,
    outcomes: [],
    // A server says it with the start; in a database of this process it costs nothing to look later.
    nothingDerived: SERVER !== undefined,
  });
  expect(await only(table)).toMatchObject({
    state: 'started',
    attempts: 1,
    startedAt: 50,
    completedAt: null,
  });
  await must(table.recordPostCommitCompleted(claim, { attempt: 1, timestamp: 90, durationMs: 4 }));
  expect(await only(table)).toEqual({
    parentTxnSeq: 1,
    executionSeq: 1,
    txnId: 'txn-1',
    factoryName: 'test-executor',
    configPath: '/x',
    state: 'completed',
    attempts: 1,
    startedAt: 50,
    completedAt: 90,
    durationMs: 4,
    errorMessage: null,
    configTxnSeq: 1,
    traceParent: 'attempt at 50',
    commitTraceParent: '00-1',
    report: null,
    notBefore: null,
    skipCause: null,
    dueAt: null,
  });
  expect(await must(table.claim('a', [claim]))).toEqual({ claimed: [], busy: [] });
});

test('an outcome is recorded once, and only for the attempt that runs', async () => {
  const table = await newTable();
  await run(table, 'a');
  const claim = first(await commit(table, 1, [task(1, '/x')], 'a'));
  expect(await failure(table.recordPostCommitCompleted(claim, end))).toMatchObject({
    code: 'ILLEGAL_SEQUENCE',
  });
  await start(table, claim);
  expect(await failure(table.recordPostCommitCompleted(claim, { ...end, attempt: 2 }))).toMatchObject({
    code: 'ILLEGAL_SEQUENCE',
  });
  await must(table.recordPostCommitCompleted(claim, end));
  expect(await failure(table.recordPostCommitCompleted(claim, end))).toMatchObject({ _tag: 'StaleToken' });
});

test('a failed attempt with a retry is failed and pending in one transaction, and the claim is kept', async () => {
  const table = await newTable();
  await run(table, 'a');
  const claim = first(await commit(table, 1, [task(1, '/x')], 'a'));
  await start(table, claim);
  await must(table.recordPostCommitFailed(claim, { ...end, errorMessage: 'no', next: 'retry' }));
  expect(await start(table, claim, 70)).toMatchObject({ _tag: 'Started', attempt: 2 });
  await must(
    table.recordPostCommitFailed(claim, { ...end, attempt: 2, errorMessage: 'no', next: 'release' }),
  );
  expect(await types(table)).toEqual([
    'pending -',
    'started 1',
    'failed 1',
    'pending 2',
    'started 2',
    'failed 2',
  ]);
  expect(await must(table.findFailedTasks())).toMatchObject([{ attempts: 2, errorMessage: 'no' }]);
});

test('a failed attempt whose work goes on keeps its path until it is released', async () => {
  const table = await newTable();
  await run(table, 'a');
  await run(table, 'b');
  const claim = first(await commit(table, 1, [task(1, '/x')], 'a'));
  const later = first(await commit(table, 2, [task(1, '/x')], 'b'));
  await start(table, claim);
  await must(table.recordPostCommitFailed(claim, { ...end, errorMessage: 'timeout', next: 'hold' }));
  expect(await start(table, later)).toMatchObject({ _tag: 'Blocked', by: { token: claim.token } });
  const retried = await must(
    table.recordPostCommitPending('b', [claim], { timestamp: 1, configTxnSeq: null }),
  );
  expect(retried).toMatchObject({ claimed: [], busy: [{ runner: { runnerId: 'a' } }] });
  expect(await only(table)).toMatchObject({ state: 'failed' });
  await must(table.release(claim));
  expect(await start(table, later)).toMatchObject({ _tag: 'Started' });
});

test('a retry by hand is pending again with the asked configuration; completed tasks never run again', async () => {
  const table = await newTable();
  await run(table, 'a');
  const [one, two] = await commit(table, 1, [task(1, '/x'), task(2, '/y'), task(3, '/z', 'bad')], 'a');
  if (one === undefined || two === undefined) throw new Error('not claimed');
  await start(table, one);
  await must(table.recordPostCommitCompleted(one, end));
  await must(table.recordPostCommitSkipped(two, { timestamp: 1, errorMessage: 'cause' }));
  const again = [1, 2, 3].map((executionSeq) => ({ parentTxnSeq: 1, executionSeq }));
  const { claimed } = await must(
    table.recordPostCommitPending('a', again, { timestamp: 5, configTxnSeq: 7 }),
  );
  expect(claimed.map(({ executionSeq }) => executionSeq)).toEqual([2, 3]);
  expect(await must(table.getPostCommitTasks(1))).toMatchObject([
    { state: 'completed' },
    { state: 'pending', configTxnSeq: 7, errorMessage: null, completedAt: null },
    { state: 'pending', configTxnSeq: 7 },
  ]);
});

test('two tasks of one path never run side by side, and the earlier commit goes first', async () => {
  const table = await newTable();
  await run(table, 'a');
  await run(table, 'b');
  const earlier = first(await commit(table, 1, [task(1, '/x')], 'a'));
  const later = first(await commit(table, 2, [task(1, '/x')], 'b'));
  const other = first(await commit(table, 3, [task(1, '/other')], 'b'));
  expect(await start(table, later)).toMatchObject({ _tag: 'Blocked', by: { token: earlier.token } });
  expect(await start(table, other)).toMatchObject({ _tag: 'Started' });
  await must(table.release(earlier));
  expect(await start(table, later)).toMatchObject({ _tag: 'Started' });
  const again = await claimOne(table, 'a', 1);
  expect(await start(table, again)).toMatchObject({ _tag: 'Blocked', by: { token: later.token } });
  await must(table.recordPostCommitCompleted(later, end));
  expect(await start(table, again)).toMatchObject({
    _tag: 'Started',
    attempt: 1,
    supersededBy: 2,
    outcomes: [],
  });
});

test('an interrupted attempt is closed together with the next start, and after three the task is given up', async () => {
  const directory = temporaryDirectory();
  const table = await openTable(directory);
  await commit(table, 1, [task(1, '/x')]);
  for (const attempt of [1, 2, 3]) {
    expect((await crashDuringAttempt(directory, `r${attempt}`)).started).toMatchObject({ attempt });
  }
  await run(table, 'last');
  const claim = await claimOne(table, 'last', 1);
  expect(await start(table, claim)).toEqual({ _tag: 'GivenUp', errorMessage: 'interrupted 3 times' });
  expect(await types(table)).toEqual([
    'pending -',
    'started 1',
    'failed 1',
    'started 2',
    'failed 2',
    'started 3',
    'failed 3',
  ]);
  expect(await must(table.claim('last', [claim]))).toEqual({ claimed: [], busy: [] });
  expect(await must(table.findFailedTasks())).toMatchObject([{ errorMessage: 'interrupted 3 times' }]);
});

test('a retry by hand gives an interrupted task three more chances', async () => {
  const directory = temporaryDirectory();
  const table = await openTable(directory);
  await commit(table, 1, [task(1, '/x')]);
  for (const runner of ['1', '2', '3']) await crashDuringAttempt(directory, runner);
  await run(table, 'a');
  await start(table, await claimOne(table, 'a', 1));
  const id = { parentTxnSeq: 1, executionSeq: 1 };
  const { claimed } = await must(
    table.recordPostCommitPending('a', [id], { timestamp: 1, configTxnSeq: null }),
  );
  await must(table.release(first(claimed)));
  for (const attempt of [4, 5, 6]) {
    expect((await crashDuringAttempt(directory, `r${attempt}`)).started).toMatchObject({ attempt });
  }
  expect(await start(table, await claimOne(table, 'a', 1))).toMatchObject({ _tag: 'GivenUp' });
});

test("a dead runner's process group is to be ended before the path runs again, for whichever commit", async () => {
  const directory = temporaryDirectory();
  const table = await openTable(directory);
  await commit(table, 1, [task(1, '/x')]);
  const dying = await openTable(directory);
  await run(dying, 'dying');
  const old = await claimOne(dying, 'dying', 1);
  await start(dying, old);
  const group = { pgid: 4711, marker: 'attempt 1' };
  const recorded = { token: old.token, configPath: '/x', group, origin: '{}' };
  await must(dying.recordGroup(old, group, '{}'));
  await run(table, 'next');
  const later = first(await commit(table, 2, [task(1, '/x')], 'next'));
  expect(await start(table, later)).toMatchObject({ _tag: 'Blocked' });
  expect(await must(table.groupsLeftBehind())).toEqual([]);
  dying.close();
  expect(await must(table.groupsLeftBehind())).toEqual([recorded]);
  expect(await start(table, later)).toEqual({ _tag: 'GroupLeftBehind', ...recorded });
  // Taking the dead runner's task over does not lose its group.
  const taken = await claimOne(table, 'next', 1);
  expect(await start(table, taken)).toEqual({ _tag: 'GroupLeftBehind', ...recorded });
  await must(table.forgetGroup(old.token));
  expect(await start(table, taken)).toMatchObject({ _tag: 'Started', attempt: 2 });
});

test('a task that another runner has ended meanwhile is not started again', async () => {
  const directory = temporaryDirectory();
  const table = await openTable(directory);
  await run(table, 'a');
  const claim = first(await commit(table, 1, [task(1, '/x')], 'a'));
  await start(table, claim);
  await must(table.recordPostCommitFailed(claim, { ...end, errorMessage: 'x', next: 'hold' }));
  expect(await start(table, claim)).toEqual({ _tag: 'AlreadyEnded', state: 'failed' });
  await run(table, 'b');
  expect(await must(table.claim('b', [claim]))).toMatchObject({
    claimed: [],
    busy: [{ runner: { runnerId: 'a' } }],
  });
});
