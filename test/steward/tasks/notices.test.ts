import { describe, expect, test } from 'vitest';
import { entry, type MemoryPond, memoryPond } from '../memory-steward.js';
import { aCommit, CHECK, checkAndTell, noticesIn, TELL } from '../told.js';

const watchedPond = async (...entries: readonly (readonly [string, string])[]) => {
  const pond = await memoryPond();
  const factories = checkAndTell();
  for (const [name, yaml] of entries) await pond.on(entry(name, yaml), factories.options);
  return { pond, ...factories };
};

const withTeller = () => watchedPond(['10-check', CHECK], ['20-tell', TELL]);

const statesOf = async (pond: MemoryPond, txnSeq: number) =>
  (await pond.on((steward) => steward.tasks(txnSeq))).map(({ state, skipCause }) => skipCause ?? state);

describe('an entry that looks at changes', () => {
  test('tells once that another begins to fail and once that it has completed again, and what became of it', async () => {
    const { pond, next, told, options } = await withTeller();
    for (const check of ['well', 'badly', 'badly', 'well', 'well'] as const) {
      next.check = check;
      await pond.on(aCommit(), options);
    }
    expect(told.map(({ task }) => task)).toEqual(['5.2', '7.2']);
    expect(told[0]?.outcomes).toMatchObject([
      {
        task: '5.1',
        configPath: '/etc/system.d/10-check.yaml',
        state: 'failed',
        countsAs: 'failed',
        error: 'no',
        previousState: 'completed',
        report: { attempt: 1 },
        notice: { of: 'begins' },
      },
    ]);
    expect(told[1]?.outcomes).toMatchObject([
      { task: '7.1', state: 'completed', previousState: 'failed', notice: { of: 'ends' } },
    ]);
    expect(told[1]?.outcomes[0]?.failingSince).toBe(told[0]?.outcomes[0]?.failingSince);
    expect(await statesOf(pond, 6)).toEqual(['failed', 'run_when']);
  });

  test('tells no end of what was removed meanwhile: its episode is over with it', async () => {
    const { pond, next, told, options } = await withTeller();
    next.check = 'badly';
    await pond.on(aCommit(), options);
    await pond.on((steward) => steward.write(({ fs }) => fs.remove('/etc/system.d/10-check.yaml')), options);
    await pond.on(entry('10-check', CHECK), options);
    next.check = 'well';
    await pond.on(aCommit(), options);
    expect(noticesIn(told).map(({ of }) => of)).toEqual(['begins']);
  });

  test('tries again after the next commit, under the same id, where it could not tell', async () => {
    const { pond, next, told, options } = await withTeller();
    next.check = 'badly';
    next.tell = 'badly';
    await pond.on(aCommit(), options);
    next.tell = 'well';
    await pond.on(aCommit(), options);
    const [first, second] = noticesIn(told);
    expect(first).toEqual(second);
    await pond.on(aCommit(), options);
    expect(noticesIn(told)).toHaveLength(2);
  });

  test('is asked again by a retry that changes what it saw, although it had completed, and by no other', async () => {
    const { pond, next, told, options } = await withTeller();
    next.check = 'badly';
    await pond.on(aCommit(), options);
    await pond.on((steward) => steward.retry({ txnSeq: 4 }), options);
    expect(told).toHaveLength(1);
    next.check = 'well';
    const retried = await pond.on((steward) => steward.retry({ txnSeq: 4 }), options);
    expect(retried.map(({ state }) => state)).toEqual(['completed', 'completed']);
    expect(noticesIn(told).map(({ of }) => of)).toEqual(['begins', 'ends']);
    expect(await statesOf(pond, 4)).toEqual(['completed', 'completed']);
  });

  test('is not told by a retry of what a later commit has outrun', async () => {
    const { pond, next, told, options } = await withTeller();
    next.check = 'badly';
    await pond.on(aCommit(), options);
    await pond.on(aCommit(), options);
    next.check = 'well';
    await pond.on((steward) => steward.retry({ txnSeq: 4 }), options);
    expect(noticesIn(told).map(({ of }) => of)).toEqual(['begins']);
    expect(await statesOf(pond, 4)).toEqual(['completed', 'run_when']);
  });

  test('does not tell the end of what was dismissed, and tells the next failure', async () => {
    const { pond, next, told, options } = await withTeller();
    next.check = 'badly';
    await pond.on(aCommit(), options);
    await pond.on((steward) => steward.dismiss({ txnSeq: 4 }, { reason: 'known' }));
    next.check = 'well';
    await pond.on(aCommit(), options);
    expect(told).toHaveLength(1);
    next.check = 'badly';
    await pond.on(aCommit(), options);
    const [first, second] = noticesIn(told);
    expect([first?.of, second?.of]).toEqual(['begins', 'begins']);
    expect(first?.id).not.toBe(second?.id);
  });

  test('wherever the commit is killed, tells the failure at least once, under one id, and then nobody has anything to do', async () => {
    const before = (await withTeller()).pond.machine();
    const ids = new Set<string>();
    for (let at = 1; ; at += 1) {
      const { next, told, options } = checkAndTell();
      next.check = 'badly';
      const pond = await memoryPond(before);
      const ended = await pond.killed(at, aCommit(), options);
      if (!ended) await pond.on((steward) => steward.recover(), options);
      const { lastTxnSeq } = await pond.on((steward) => steward.status());
      if (lastTxnSeq === 4) {
        const tasks = await pond.on((steward) => steward.tasks(4));
        // One that died while it ran is run again: an attempt more, the same end.
        expect(
          tasks.map(({ state }) => state),
          `step ${at}`,
        ).toEqual(['failed', 'completed']);
        const found = noticesIn(told);
        expect(found.length, `step ${at}`).toBeGreaterThan(0);
        for (const { id, of } of found) {
          expect(of).toBe('begins');
          ids.add(id);
        }
      }
      // What was told once is not told again.
      const soFar = noticesIn(told).length;
      if (lastTxnSeq === 4) {
        await pond.on(aCommit(), options);
        expect(noticesIn(told).length, `step ${at}`).toBe(soFar);
      }
      if (ended) break;
    }
    expect(ids.size).toBe(1);
  });
});

describe('an entry that names nothing and looks at failures', () => {
  test('waits for everything, whatever its name, and is told of what was rejected', async () => {
    const { pond, next, told, options } = await watchedPond(
      ['05-tell', 'factory: tell\nrun_when: failure'],
      ['10-check', CHECK],
      ['20-broken', 'factory: nobody'],
    );
    next.check = 'well';
    await pond.on(aCommit(), options);
    expect(told.map(({ outcomes }) => outcomes.map(({ configPath, state }) => [configPath, state]))).toEqual([
      [
        ['/etc/system.d/10-check.yaml', 'completed'],
        ['/etc/system.d/20-broken.yaml', 'failed'],
      ],
    ]);
  });

  test('with always it runs once all have ended, well or not', async () => {
    const { pond, next, told, options } = await watchedPond(
      ['05-tell', 'factory: tell\nrun_when: always'],
      ['10-check', CHECK],
    );
    await pond.on(aCommit(), options);
    next.check = 'badly';
    await pond.on(aCommit(), options);
    expect(told.flatMap(({ outcomes }) => outcomes.map(({ state }) => state))).toEqual([
      'completed',
      'failed',
    ]);
  });

  test('what depends on one that did not run follows all the same', async () => {
    const { pond, checks, options } = await watchedPond(
      ['10-check', CHECK],
      ['20-tell', TELL],
      ['30-check', 'factory: check\ndepends_on: [20-tell]'],
    );
    await pond.on(aCommit(), options);
    expect(await statesOf(pond, 5)).toEqual(['completed', 'run_when', 'completed']);
    expect(checks).toEqual(['5.1', '5.3']);
  });
});
