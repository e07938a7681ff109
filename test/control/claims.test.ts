import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { expect, test } from 'vitest';
import type { ControlError } from '../../src/control/control-error.js';
import type { Claim } from '../../src/control/records/claim.js';
import { startChild } from './child-process.js';
import { SERVER, untilNoticed } from './server/on-server.js';
import { begin, claimOne, commit, failure, first, must, run, start, task } from './steps.js';
import { newTable, openTable, temporaryDirectory } from './table.js';

const end = { attempt: 1, timestamp: 60, durationMs: 1 };
const stale = { _tag: 'StaleToken', task: '1.1' };

test('a claimed task is busy for others, with the runner that holds it, and free again when given back', async () => {
  const table = await newTable();
  await run(table, 'a');
  await run(table, 'b');
  const claim = first(await commit(table, 1, [task(1, '/x')], 'a'));
  const id = { parentTxnSeq: 1, executionSeq: 1 };
  expect(await must(table.claim('b', [id]))).toEqual({
    claimed: [],
    busy: [{ task: id, runner: { runnerId: 'a', pid: 1, command: 'pond a' } }],
  });
  await must(table.release(claim));
  const taken = await claimOne(table, 'b', 1);
  expect(taken.token).toBeGreaterThan(claim.token);
  expect(await failure(table.claim('b', [{ parentTxnSeq: 1, executionSeq: 2 }]))).toEqual({
    _tag: 'TaskNotFound',
    task: '1.2',
  });
});

test('only a runner that has begun can claim', async () => {
  const table = await newTable();
  await commit(table, 1, [task(1, '/x')]);
  expect(await failure(table.claim('nobody', [{ parentTxnSeq: 1, executionSeq: 1 }]))).toMatchObject({
    _tag: 'ControlFailed',
    code: SERVER === undefined ? 'SQLITE_CONSTRAINT_FOREIGNKEY' : '23503',
  });
});

/** Claims that are held no longer: their token is an older one, or, where a database has gone back, that which somebody else has by now. */
const STALE = [
  ['an older token', (old: Claim, _: Claim) => old],
  ['a token that was given a second time', (old: Claim, { token }: Claim) => ({ ...old, token })],
] as const;

test.each(STALE)(
  '%s of who holds the task no longer records nothing, whatever it says',
  async (_, staleOf) => {
    const directory = temporaryDirectory();
    const dying = await openTable(directory);
    const table = await openTable(directory);
    await run(dying, 'dying');
    const lost = first(await commit(dying, 1, [task(1, '/x')], 'dying'));
    await start(dying, lost);
    dying.abandonRunner('dying');
    await run(table, 'next');
    const claim = await claimOne(table, 'next', 1);
    const old = staleOf(lost, claim);
    const before = await must(table.records({}));
    const outcomes: readonly TaskEither<ControlError, unknown>[] = [
      dying.recordPostCommitCompleted(old, end),
      dying.recordPostCommitFailed(old, { ...end, errorMessage: 'x', next: 'retry' }),
      dying.recordPostCommitRolledBack(old, { ...end, errorMessage: 'x' }),
      dying.recordPostCommitSkipped(old, { timestamp: 1, errorMessage: 'x' }),
      dying.recordGroup(old, { pgid: 1, marker: 'm' }, null),
      dying.release(old),
      dying.leaveTo(old, 'next'),
    ];
    for (const outcome of outcomes) {
      expect(await failure(outcome)).toMatchObject({ ...stale, token: old.token });
    }
    expect(
      await failure(dying.recordPostCommitStarted(old, { timestamp: 1, configTxnSeq: 1, traceParent: null })),
    ).toMatchObject(stale);
    expect(await must(table.records({}))).toEqual(before);
    const together = await dying.recordAttempts([
      { _tag: 'Started', claim: old, attempt: { timestamp: 1, configTxnSeq: 1, traceParent: null } },
      { _tag: 'Completed', claim: old, end: { ...end, attempt: 2 } },
    ])();
    for (const outcome of together) expect(outcome).toMatchObject({ left: { ...stale, token: old.token } });
    expect(await must(table.records({}))).toEqual(before);
    expect(await start(table, claim)).toMatchObject({ _tag: 'Started', attempt: 2 });
    const [late] = await dying.recordAttempts([
      { _tag: 'Completed', claim: old, end: { ...end, attempt: 2 } },
    ])();
    expect(late).toMatchObject({ left: { ...stale, token: old.token } });
    await must(table.recordPostCommitCompleted(claim, { ...end, attempt: 2 }));
  },
);

test('two processes that claim at once get every task exactly once between them', async () => {
  const directory = temporaryDirectory();
  const table = await openTable(directory);
  await commit(
    table,
    1,
    Array.from({ length: 60 }, (_, index) => task(index + 1, `/${index}`)),
  );
  const go = join(directory, 'go');
  const claimant = (runnerId: string) =>
    startChild(`
      import { existsSync } from 'node:fs';
      import { openIn, run, must } from './test/control/steps.ts';
      const table = await openIn(${JSON.stringify(directory)});
      await run(table, '${runnerId}');
      console.log('ready');
      while (!existsSync(${JSON.stringify(go)}));
      const claimed = [];
      for (let executionSeq = 1; executionSeq <= 60; executionSeq += 1) {
        const outcome = await must(table.claim('${runnerId}', [{ parentTxnSeq: 1, executionSeq }]));
        for (const claim of outcome.claimed) claimed.push([claim.executionSeq, claim.token]);
      }
      console.log(JSON.stringify(claimed));
      setInterval(() => undefined, 1000);
    `);
  const children = await Promise.all([claimant('a'), claimant('b')]);
  for (const child of children) expect(await child.line()).toBe('ready');
  writeFileSync(go, '');
  const claimed: [number, number][] = [];
  for (const child of children) claimed.push(...JSON.parse((await child.line()) ?? ''));
  expect(claimed.map(([seq]) => seq).sort((a, b) => a - b)).toEqual(
    Array.from({ length: 60 }, (_, i) => i + 1),
  );
  expect(new Set(claimed.map(([, token]) => token)).size).toBe(60);
  for (const child of children) await child.kill();
});

test('the tasks of a runner that is killed are free at once, and what is left of it is cleared away', async () => {
  const directory = temporaryDirectory();
  const table = await openTable(directory);
  await commit(table, 1, [task(1, '/x')]);
  const child = await startChild(`
    import { openIn, run, claimOne, start } from './test/control/steps.ts';
    const table = await openIn(${JSON.stringify(directory)});
    await run(table, 'victim');
    console.log((await start(table, await claimOne(table, 'victim', 1)))._tag);
    setInterval(() => undefined, 1000);
  `);
  expect(await child.line()).toBe('Started');
  expect(await must(table.findIncompletePostCommitTasks())).toMatchObject([
    { state: 'started', runner: { runnerId: 'victim' } },
  ]);
  await run(table, 'next');
  const id = { parentTxnSeq: 1, executionSeq: 1 };
  expect((await must(table.claim('next', [id]))).busy).toHaveLength(1);
  await child.kill();
  await untilNoticed(directory, 'victim');
  expect(await must(table.findIncompletePostCommitTasks())).toMatchObject([
    { state: 'started', runner: null },
  ]);
  const claim = await claimOne(table, 'next', 1);
  expect(claim.attempts).toBe(1);
  expect(await start(table, claim)).toEqual({
    _tag: 'Started',
    attempt: 2,
    supersededBy: null,
    outcomes: [],
    nothingDerived: false,
  });
  if (SERVER !== undefined) return;
  expect(readdirSync(join(directory, 'runners')).sort()).toEqual(['next.lock', 'victim.lock']);
  await run(table, 'sweeper');
  expect(readdirSync(join(directory, 'runners')).sort()).toEqual(['next.lock', 'sweeper.lock']);
});

test('a task left to a live runner is returned when that one wants to end, and it ends the next time', async () => {
  const directory = temporaryDirectory();
  const table = await openTable(directory);
  await run(table, 'busy');
  await run(table, 'impatient');
  await commit(table, 1, [task(1, '/x')], 'busy');
  const later = first(await commit(table, 2, [task(1, '/x')], 'impatient'));
  const blocked = await start(table, later);
  expect(blocked).toMatchObject({ _tag: 'Blocked', runner: { runnerId: 'busy' }, by: { parentTxnSeq: 1 } });
  expect(await must(table.leaveTo(later, 'busy'))).toBe(true);
  expect(await failure(table.release(later))).toMatchObject({ _tag: 'StaleToken' });
  expect(await must(table.endRunner('impatient'))).toEqual([]);
  const left = await must(table.endRunner('busy'));
  expect(left).toMatchObject([{ parentTxnSeq: 2, runnerId: 'busy' }]);
  expect(first(left).token).toBeGreaterThan(later.token);
  expect(await must(table.endRunner('busy'))).toEqual([]);
  if (SERVER === undefined) expect(readdirSync(join(directory, 'runners'))).toEqual([]);
});

test('a task cannot be left to a runner that has ended: of the two, one sees the other', async () => {
  const table = await newTable();
  await run(table, 'gone');
  await run(table, 'abandoned');
  await run(table, 'a');
  const claim = first(await commit(table, 1, [task(1, '/x')], 'a'));
  await must(table.endRunner('gone'));
  table.abandonRunner('abandoned');
  expect(await must(table.leaveTo(claim, 'gone'))).toBe(false);
  expect(await must(table.leaveTo(claim, 'abandoned'))).toBe(false);
  expect(await must(table.leaveTo(claim, 'never-was'))).toBe(false);
  expect(await start(table, claim)).toMatchObject({ _tag: 'Started' });
});

test('what a runner has not done when it ends is free for others', async () => {
  const table = await newTable();
  await run(table, 'a');
  await run(table, 'b');
  await commit(table, 1, [task(1, '/x'), task(2, '/y')], 'a');
  expect(await must(table.endRunner('a'))).toEqual([]);
  expect((await must(table.findIncompletePostCommitTasks())).map(({ runner }) => runner)).toEqual([
    null,
    null,
  ]);
  await claimOne(table, 'b', 1, 2);
});

test('a runner id is taken once', async () => {
  const table = await newTable();
  await run(table, 'a');
  await expect(run(table, 'a')).rejects.toThrow('RUNNER_EXISTS');
  await begin(table, 1);
});

test('of unfinished tasks those of the oldest commits can be asked for alone, with their runners', async () => {
  const table = await newTable();
  await run(table, 'a');
  for (const txnSeq of [1, 2, 3, 4])
    await commit(table, txnSeq, [task(1, '/x'), task(2, '/y')], txnSeq === 2 ? 'a' : undefined);
  const asked = async (of?: { readonly oldest: number }) =>
    (await must(table.findIncompletePostCommitTasks(of))).map(
      ({ parentTxnSeq, executionSeq, runner }) =>
        `${parentTxnSeq}.${executionSeq} ${runner?.runnerId ?? 'free'}`,
    );
  expect(await asked({ oldest: 2 })).toEqual(['1.1 free', '1.2 free', '2.1 a', '2.2 a']);
  expect(await asked({ oldest: 10 })).toEqual(await asked());
  expect(await asked()).toHaveLength(8);
});
