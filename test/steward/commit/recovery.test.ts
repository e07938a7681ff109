import { expect, test } from 'vitest';
import { newMachine } from '../../power-loss/machine.js';
import {
  addingTask,
  endsOf,
  entry,
  exists,
  type MemoryPond,
  memoryPond,
  ok,
  writing,
} from '../memory-steward.js';

const withTask = async (): Promise<MemoryPond> => {
  const pond = await memoryPond();
  await pond.on(addingTask('10-ok', { message: 'yes' }));
  return pond;
};

test('wherever a write is killed, recovery records it as failed or rolls it forward, runs its tasks, and then has nothing to do', async () => {
  const before = (await withTask()).machine();
  const seen = { failed: 0, rolledForward: 0, tasksOnly: 0 };
  for (let at = 1; ; at += 1) {
    const pond = await memoryPond(before);
    if (await pond.killed(at, writing('/in/a'))) break;
    const report = await pond.on((steward) => steward.recover());
    const landed = await pond.on(exists('/in/a'));
    if (report.rolledForward.length > 0) seen.rolledForward += 1;
    else if (report.failed.length > 0) seen.failed += 1;
    else if (report.tasks.length > 0) seen.tasksOnly += 1;
    expect(report.failed.length > 0 && landed, `step ${at}`).toBe(false);
    expect(
      report.tasks.every(({ state }) => state === 'completed'),
      `step ${at}`,
    ).toBe(true);
    expect(report.remaining, `step ${at}`).toMatchObject({ transactions: [], tasks: [], failedTasks: [] });
    const again = await pond.on((steward) => steward.recover());
    expect(again, `step ${at}`).toMatchObject({ rolledForward: [], failed: [], rebuilt: 0, tasks: [] });
  }
  expect(
    Object.values(seen).every((count) => count > 0),
    JSON.stringify(seen),
  ).toBe(true);
});

test('a dry run says what recovery would do, and does nothing', async () => {
  const pond = await withTask();
  await pond.on(addingTask('20-fails', { message: 'no', fail: true }));
  await pond.on(writing('/in/a'));
  const dry = await pond.on((steward) => steward.recover({ dryRun: true, failed: true }));
  expect(dry).toMatchObject({ dryRun: true, tasks: [{ configPath: '/etc/system.d/20-fails', attempts: 1 }] });
  expect((await pond.on((steward) => steward.tasks(4))).map(({ attempts }) => attempts)).toEqual([1, 1]);
});

test('the next writer rolls a killed one forward, and leaves its tasks to recovery', async () => {
  const before = (await withTask()).machine();
  for (let at = 1; ; at += 1) {
    const pond = await memoryPond(before);
    expect(await pond.killed(at, writing('/in/a')), 'it has come to its end').toBe(false);
    const { incomplete } = await pond.on((steward) => steward.status());
    const open = incomplete.transactions.find(({ transactionType }) => transactionType === 'write');
    if (open === undefined || !(await pond.on(exists('/in/a')))) continue;
    expect(await pond.on(writing('/in/b'))).toMatchObject({ _tag: 'Committed', txnSeq: 4 });
    expect(await pond.on((steward) => steward.tasks(3))).toMatchObject([{ state: 'pending' }]);
    break;
  }
});

test('a retry runs a failed task at its own commit, and nothing that has completed', async () => {
  const pond = await withTask();
  await pond.on(addingTask('20-once', { message: 'no', fail_times: 1 }));
  await pond.on(writing('/in/a'));
  const retried = await pond.on((steward) => steward.retry({ txnSeq: 4 }));
  expect(retried).toMatchObject([{ configPath: '/etc/system.d/20-once', state: 'completed', attempts: 2 }]);
  expect(await pond.on((steward) => steward.tasks(4))).toMatchObject([
    { configPath: '/etc/system.d/10-ok', attempts: 1 },
    { configPath: '/etc/system.d/20-once', attempts: 2 },
  ]);
});

test('a retry of a completed task, of a task and of a commit that are not there are refused', async () => {
  const pond = await withTask();
  await pond.on(writing('/in/a'));
  const tagOf = async (txnSeq: number, executionSeq: number) => {
    const answer = await pond.ask((steward) => steward.retry({ txnSeq, executionSeq }));
    return answer._tag === 'Left' ? answer.left._tag : 'done';
  };
  expect(await tagOf(3, 1)).toBe('NotRetryable');
  expect(await tagOf(3, 7)).toBe('TaskNotFound');
  expect(await tagOf(99, 1)).not.toBe('done');
});

test('a factory that is run by hand is a write of its own, and a failure of it leaves none', async () => {
  const pond = await withTask();
  await pond.on(addingTask('20-fails', { message: 'no', fail: true }));
  const done = await pond.on((steward) => steward.run('/etc/system.d/10-ok'));
  expect(done).toMatchObject({ mode: 'InTransactionWriter', outcome: { _tag: 'Unchanged' } });
  const reader = await pond.on((steward) => steward.run('/etc/system.d/10-ok', { mode: 'PostCommitReader' }));
  expect(reader).toEqual({ mode: 'PostCommitReader', txnSeq: 3, report: null });
  const failed = await pond.ask((steward) => steward.run('/etc/system.d/20-fails'));
  expect(failed).toMatchObject({ _tag: 'Left', left: { _tag: 'FactoryFailed' } });
  expect((await endsOf(pond)).at(-1)).toBe('4 failed');
});

test('a directory cannot be run by hand', async () => {
  const pond = await memoryPond();
  expect(await pond.ask((steward) => steward.run('/etc'))).toMatchObject({ _tag: 'Left' });
});

test('maintenance prunes records of reads that are old enough; a dry run only counts them', async () => {
  const pond = await memoryPond();
  await pond.on(exists('/etc'));
  const kept = await pond.on((steward) => steward.maintain());
  expect(kept).toMatchObject({ dryRun: false, readsPruned: 0, isLogBehind: false });
  const dry = await pond.on((steward) => steward.maintain({ retentionMs: -1_000, dryRun: true }));
  expect(dry.readsPruned).toBeGreaterThan(0);
  const done = await pond.on((steward) => steward.maintain({ retentionMs: -1_000 }));
  expect(done.readsPruned).toBe(dry.readsPruned);
  expect((await pond.on((steward) => steward.maintain({ retentionMs: -1_000 }))).readsPruned).toBe(0);
});

test('a lost control table is made again from the log, and its tasks are recorded as skipped', async () => {
  const pond = await withTask();
  await pond.on(writing('/in/a'));
  pond.machine().databases.clear();
  expect(await pond.ask((steward) => steward.status())).toMatchObject({ left: { _tag: 'ControlMissing' } });
  const rebuilt = ok(await pond.program().rebuildControl('/ponds/pond', {})());
  expect(rebuilt).toMatchObject({ added: 3, putAside: null });
  expect(await pond.on((steward) => steward.tasks(3))).toMatchObject([{ state: 'skipped' }]);
  expect(await pond.on(exists('/in/a'))).toBe(true);
});

test('a rebuilt control table has the tasks of each commit by the configuration of that commit, however it changed between them', async () => {
  const pond = await memoryPond();
  const setOff: string[][] = [];
  const seen = async () =>
    (await pond.on((steward) => steward.tasks(setOff.length + 2))).map(({ configPath }) => configPath);
  for (const step of [
    writing('/in/a'),
    entry('10-first', FIRST),
    writing('/in/b'),
    writing('/in/c'),
    addingTask('20-second', { message: 'two' }),
    writing('/in/d'),
    entry('10-first', null),
    writing('/in/e'),
    writing('/in/f'),
  ]) {
    await pond.on(step);
    setOff.push(await seen());
  }
  expect(setOff.map((paths) => paths.length)).toEqual([0, 0, 1, 1, 0, 2, 0, 1, 1]);
  pond.machine().databases.clear();
  ok(await pond.program().rebuildControl('/ponds/pond', {})());
  for (const [index, paths] of setOff.entries()) {
    const rebuilt = await pond.on((steward) => steward.tasks(index + 2));
    expect(rebuilt.map(({ configPath }) => configPath)).toEqual(paths);
  }
});

const FIRST = 'factory: test-executor\nconfig: { message: one }\n';

test('where there is no pond, nothing is opened', async () => {
  const pond = await memoryPond(newMachine());
  expect(await pond.ask((steward) => steward.status())).toMatchObject({ left: { _tag: 'NotAPond' } });
});
