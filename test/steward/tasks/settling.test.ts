import { isLeft } from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import type { Steward } from '../../../src/steward/steward.js';
import { entry, type MemoryPond, memoryPond } from '../memory-steward.js';
import { aCommit, CHECK, checkAndTell, TELL } from '../told.js';

const failedPond = async (...more: readonly (readonly [string, string])[]) => {
  const pond = await memoryPond();
  const factories = checkAndTell();
  await pond.on(entry('10-check', CHECK), factories.options);
  for (const [name, yaml] of more) await pond.on(entry(name, yaml), factories.options);
  factories.next.check = 'badly';
  const failed = await pond.on(aCommit(), factories.options);
  return { pond, ...factories, txnSeq: failed.txnSeq };
};

const tasksOf = (pond: MemoryPond, txnSeq: number) => pond.on((steward) => steward.tasks(txnSeq));
const isClean = async (pond: MemoryPond) => {
  const { transactions, tasks, failedTasks } = await pond.on((steward) => steward.incomplete());
  return transactions.length + tasks.length + failedTasks.length === 0;
};

describe('what was dismissed', () => {
  test('is failed no longer, says why, and stays in the history', async () => {
    const { pond, txnSeq } = await failedPond();
    expect(await isClean(pond)).toBe(false);
    const [task] = await pond.on((steward) => steward.dismiss({ txnSeq }, { reason: 'a bad file' }));
    expect(task).toMatchObject({ state: 'dismissed', errorMessage: 'a bad file (it had failed: no)' });
    expect(await isClean(pond)).toBe(true);
    const records = await pond.on((steward) => steward.records({ txnSeq }));
    expect(records.map(({ recordType }) => recordType)).toEqual([
      ...['begin', 'data_committed', 'post_commit_pending', 'post_commit_started', 'post_commit_failed'],
      ...['completed', 'post_commit_dismissed'],
    ]);
    expect((await pond.on((steward) => steward.fsck())).findings).toEqual([]);
  });

  test('is taken up again only by a retry that names it', async () => {
    const { pond, next, options, checks, txnSeq } = await failedPond();
    await pond.on((steward) => steward.dismiss({ txnSeq, executionSeq: 1 }));
    next.check = 'well';
    await pond.on((steward) => steward.retry({ txnSeq }), options);
    await pond.on((steward) => steward.recover({ failed: true }), options);
    expect(checks).toHaveLength(1);
    const [task] = await pond.on((steward) => steward.retry({ txnSeq, executionSeq: 1 }), options);
    expect(task).toMatchObject({ state: 'completed', attempts: 2 });
  });

  test('cannot be what has completed, was dismissed before or does not exist', async () => {
    const { pond, next, options, txnSeq } = await failedPond();
    const refused = async (executionSeq: number, of = txnSeq) => {
      const answer = await pond.ask((steward) => steward.dismiss({ txnSeq: of, executionSeq }));
      return isLeft(answer) ? answer.left._tag : 'done';
    };
    next.check = 'well';
    const well = await pond.on(aCommit(), options);
    expect(await refused(1, well.txnSeq)).toBe('NotDismissable');
    expect(await refused(1)).toBe('done');
    expect(await refused(1)).toBe('NotDismissable');
    expect(await refused(9)).toBe('TaskNotFound');
  });

  test('wherever dismissing is killed, it has been done or has not, and can be done again', async () => {
    const { pond: first, txnSeq } = await failedPond(['20-tell', TELL]);
    const before = first.machine();
    const states = new Set<string>();
    for (let at = 1; ; at += 1) {
      const pond = await memoryPond(before);
      const ended = await pond.killed(at, (steward) => steward.dismiss({ txnSeq }));
      const [task] = await tasksOf(pond, txnSeq);
      states.add(task?.state ?? 'none');
      expect((await pond.on((steward) => steward.fsck())).findings, `step ${at}`).toEqual([]);
      await pond.on((steward) => steward.dismiss({ txnSeq }));
      expect(await isClean(pond), `step ${at}`).toBe(true);
      if (ended) break;
    }
    expect([...states].toSorted()).toEqual(['dismissed', 'failed']);
  });
});

describe('an entry that says if_superseded: skip', () => {
  test('is not run again for an old commit when a later one has done its work', async () => {
    const { pond, next, options, checks } = await failedPond(['10-check', `${CHECK}\nif_superseded: skip`]);
    next.check = 'badly';
    const old = await pond.on(aCommit(), options);
    next.check = 'well';
    const newer = await pond.on(aCommit(), options);
    const before = checks.length;
    await pond.on((steward) => steward.recover({ failed: true }), options);
    expect(checks.length).toBe(before);
    expect(await tasksOf(pond, old.txnSeq)).toMatchObject([
      { state: 'skipped', skipCause: 'superseded', errorMessage: `superseded by ${newer.txnSeq}.1` },
    ]);
    expect(await isClean(pond)).toBe(true);
    expect(await pond.on((steward) => steward.retry({ txnSeq: old.txnSeq }), options)).toEqual([]);
  });
});

describe('a failure that says when to try again', () => {
  const later = { retryAfterMs: 3_600_000 };

  test('leaves its task pending with the time, and recovery leaves it alone until then', async () => {
    const { pond, next, options, checks } = await failedPond();
    next.check = later;
    const { txnSeq } = await pond.on(aCommit(), options);
    const [task] = await tasksOf(pond, txnSeq);
    expect(task).toMatchObject({ state: 'pending', attempts: 1 });
    expect(task?.notBefore).toBeGreaterThan((task?.startedAt ?? 0) + 3_599_000_000);
    const before = checks.length;
    await pond.on((steward) => steward.recover(), options);
    expect(checks.length).toBe(before);
    next.check = 'well';
    expect(await pond.on((steward) => steward.retry({ txnSeq, executionSeq: 1 }), options)).toMatchObject([
      { state: 'completed', attempts: 2, notBefore: null },
    ]);
  });

  test('wherever it is killed, the task is recovered or left for that time, and none is lost', async () => {
    const pond0 = await memoryPond();
    await pond0.on(entry('10-check', CHECK), checkAndTell().options);
    const before = pond0.machine();
    for (let at = 1; ; at += 1) {
      const { next, options } = checkAndTell();
      next.check = later;
      const pond = await memoryPond(before);
      const ended = await pond.killed(at, aCommit(), options);
      await pond.on((steward) => steward.recover(), options);
      const { lastTxnSeq } = await pond.on((steward) => steward.status());
      if (lastTxnSeq === 3) {
        const [task] = await tasksOf(pond, 3);
        expect(task?.state, `step ${at}`).toBe('pending');
        expect(task?.notBefore, `step ${at}`).not.toBeNull();
      }
      if (ended) break;
    }
  });

  test('and one that says that none is worth while is not tried again, whatever the policy', async () => {
    const { pond, next, options, checks } = await failedPond([
      '10-check',
      `${CHECK}\nretry: { max_attempts: 3, initial_interval: 1ms }`,
    ]);
    next.check = { retryable: false };
    const before = checks.length;
    const { txnSeq } = await pond.on(aCommit(), options);
    expect(checks.length).toBe(before + 1);
    expect(await tasksOf(pond, txnSeq)).toMatchObject([{ state: 'failed', attempts: 1 }]);
  });

  test('a short wait is waited for in place, also where no policy says that there is another attempt', async () => {
    const { pond, next, options } = await failedPond();
    next.check = { retryAfterMs: 1 };
    const { txnSeq } = await pond.on(aCommit(), options);
    expect(await tasksOf(pond, txnSeq)).toMatchObject([{ state: 'failed', attempts: 5 }]);
  });
});

/** Ways in which a task comes to be failed or unfinished, and what to do about it without touching the history. */
describe('from every failed state some command leads to a pond in which nothing is left to do', () => {
  const current = (steward: Steward) => steward.recover({ failed: true, currentConfig: true });
  const dismissing = (txnSeq: number) => (steward: Steward) => steward.dismiss({ txnSeq });

  const broken = async (yaml: string) => {
    const pond = await memoryPond();
    const factories = checkAndTell();
    await pond.on(entry('10-check', yaml), factories.options);
    factories.next.check = 'badly';
    const { txnSeq } = await pond.on(aCommit(), factories.options);
    return { pond, txnSeq, ...factories };
  };

  test.each([
    ['it failed', CHECK, CHECK],
    ['its entry was rejected', 'factory: check\ndepends_on: [nobody]', CHECK],
    ['its factory was unknown', 'factory: nobody', CHECK],
    ['its configuration is broken YAML', 'factory: [', CHECK],
    ['its entry is gone', CHECK, null],
    ['its entry is disabled', CHECK, `${CHECK}\nenabled: false`],
    ['the commit does not meet its condition', CHECK, `${CHECK}\ncondition: { path_pattern: /other/** }`],
    ['its factory is gone', 'factory: nobody', null],
  ])('%s: its configuration is corrected', async (_, before, after) => {
    const { pond, next, options } = await broken(before);
    expect(await isClean(pond)).toBe(false);
    await pond.on(entry('10-check', after), options);
    next.check = 'well';
    const report = await pond.on(current, options);
    expect(await isClean(pond), JSON.stringify(report)).toBe(true);
    expect((await pond.on((steward) => steward.fsck())).findings).toEqual([]);
  });

  test.each([
    ['it failed', CHECK],
    ['its entry was rejected', 'factory: check\ndepends_on: [nobody]'],
    ['its factory was unknown', 'factory: nobody'],
    ['its configuration is broken YAML', 'factory: ['],
  ])('%s: it is dismissed', async (_, yaml) => {
    const { pond, txnSeq } = await broken(yaml);
    expect(await isClean(pond)).toBe(false);
    await pond.on(dismissing(txnSeq));
    expect(await isClean(pond)).toBe(true);
  });

  test('it is pending until a time that is far off, or its process died: it is dismissed', async () => {
    const { pond, next, options } = await failedPond();
    await pond.on(dismissing(3));
    next.check = { retryAfterMs: 3_600_000 };
    const { txnSeq } = await pond.on(aCommit(), options);
    await pond.on(dismissing(txnSeq));
    expect(await isClean(pond)).toBe(true);

    next.check = 'well';
    const before = pond.machine();
    const interrupted = new Set<string>();
    for (let at = 1; ; at += 1) {
      const dying = await memoryPond(before);
      const ended = await dying.killed(at, aCommit(), options);
      const { lastTxnSeq, incomplete } = await dying.on((steward) => steward.status());
      for (const { state } of incomplete.tasks) interrupted.add(state);
      if (incomplete.tasks.length > 0) {
        await dying.on(dismissing(lastTxnSeq));
        expect(await isClean(dying), `step ${at}`).toBe(true);
      }
      if (ended) break;
    }
    // The only task of a commit begins with it.
    expect([...interrupted]).toEqual(['started']);
  });
});
