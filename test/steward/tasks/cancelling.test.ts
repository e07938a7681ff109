import { isLeft, right } from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import type { ExecutableFactory } from '../../../src/factories/factory.js';
import { createMemoryPond } from '../../../src/memory-pond.js';
import { memoryLogger } from '../../support/memory-logger.js';
import { entry, type MemoryPond, memoryPond } from '../memory-steward.js';
import { aCommit, CHECK, checkAndTell, noticesIn, TELL } from '../told.js';

const tasksOf = (pond: MemoryPond, txnSeq: number) => pond.on((steward) => steward.tasks(txnSeq));
const findings = async (pond: MemoryPond) => (await pond.on((steward) => steward.fsck())).findings;

/** A commit whose task is pending and nobody's, and another one that waits for it. */
const pendingPond = async () => {
  const pond = await memoryPond();
  const factories = checkAndTell();
  await pond.on(entry('10-check', CHECK), factories.options);
  await pond.on(entry('20-after', `${CHECK}\ndepends_on: [10-check]`), factories.options);
  await pond.on(entry('30-tell', TELL), factories.options);
  factories.next.check = { retryAfterMs: 3_600_000 };
  const { txnSeq } = await pond.on(aCommit(), factories.options);
  factories.next.check = 'well';
  factories.checks.length = 0;
  return { pond, ...factories, txnSeq };
};

describe('a task that is cancelled before it begins', () => {
  test('never begins, says who has cancelled it and when, and is followed as by a failure', async () => {
    const { pond, options, checks, told, txnSeq } = await pendingPond();
    const cancelled = await pond.on((steward) =>
      steward.cancel({ txnSeq, executionSeq: 1 }, { reason: 'too late' }),
    );
    expect(cancelled).toMatchObject([{ state: 'cancelled', attempts: 1 }]);
    expect(cancelled[0]?.errorMessage).toMatch(
      /^cancelled by \S+ on machine at \d{4}-\d\d-\d\dT[\d:.]+Z: too late$/,
    );
    await pond.on((steward) => steward.recover(), options);
    expect(checks).toEqual([]);
    expect(await tasksOf(pond, txnSeq)).toMatchObject([
      { state: 'cancelled' },
      { state: 'skipped', skipCause: 'dependency' },
      { state: 'completed' },
    ]);
    expect(told.at(-1)?.outcomes).toMatchObject([{ state: 'cancelled', countsAs: 'failed' }]);
    expect(noticesIn(told)).toMatchObject([{ of: 'begins' }]);
    expect(await findings(pond)).toEqual([]);
    const { tasks, failedTasks } = await pond.on((steward) => steward.incomplete());
    expect([tasks, failedTasks]).toEqual([[], []]);
  });

  test('is run again by a retry, with what waited for it, and its episode ends when it completes', async () => {
    const { pond, options, checks, told, txnSeq } = await pendingPond();
    await pond.on((steward) => steward.cancel({ txnSeq, executionSeq: 1 }));
    await pond.on((steward) => steward.recover(), options);
    await pond.on((steward) => steward.recover({ failed: true }), options);
    expect(checks).toEqual([]);
    await pond.on((steward) => steward.retry({ txnSeq }), options);
    expect(checks).toEqual([`${txnSeq}.1`, `${txnSeq}.2`]);
    expect(await tasksOf(pond, txnSeq)).toMatchObject([
      { state: 'completed', attempts: 2 },
      { state: 'completed' },
      { state: 'completed' },
    ]);
    expect(noticesIn(told)).toMatchObject([{ of: 'begins' }, { of: 'ends' }]);
    expect(await findings(pond)).toEqual([]);
  });

  test('can be dismissed, and one that has ended cannot be cancelled', async () => {
    const { pond, options, txnSeq } = await pendingPond();
    const refused = async (executionSeq: number) => {
      const answer = await pond.ask((steward) => steward.cancel({ txnSeq, executionSeq }));
      return isLeft(answer) ? answer.left : 'done';
    };
    expect(await refused(1)).toBe('done');
    const ended = { _tag: 'NotCancellable', task: `${txnSeq}.1` };
    expect(await refused(1)).toEqual({ ...ended, state: 'cancelled' });
    await pond.on((steward) => steward.dismiss({ txnSeq, executionSeq: 1 }));
    expect(await refused(1)).toEqual({ ...ended, state: 'dismissed' });
    expect(await refused(9)).toEqual({ _tag: 'TaskNotFound', task: `${txnSeq}.9` });
    await pond.on((steward) => steward.recover(), options);
    expect(await findings(pond)).toEqual([]);
  });

  test('with all of its commit leaves nothing unfinished', async () => {
    const { pond, txnSeq } = await pendingPond();
    const cancelled = await pond.on((steward) => steward.cancel({ txnSeq }));
    expect(cancelled.map(({ state }) => state)).toEqual(['cancelled', 'cancelled', 'cancelled']);
    const { transactions, tasks } = await pond.on((steward) => steward.incomplete());
    expect([transactions, tasks]).toEqual([[], []]);
    expect(await pond.on((steward) => steward.cancel({ txnSeq }))).toEqual([]);
    expect(await findings(pond)).toEqual([]);
  });

  test('is cancelled or is not, wherever the one that cancels it is killed, and can be again', async () => {
    const { pond: first, txnSeq } = await pendingPond();
    const before = first.machine();
    const states = new Set<string>();
    for (let at = 1; ; at += 1) {
      const pond = await memoryPond(before);
      const ended = await pond.killed(at, (steward) => steward.cancel({ txnSeq }));
      states.add((await tasksOf(pond, txnSeq)).map(({ state }) => state).join());
      await pond.on((steward) => steward.cancel({ txnSeq }));
      await pond.on((steward) => steward.recover());
      const { transactions, tasks } = await pond.on((steward) => steward.incomplete());
      expect([transactions, tasks, await findings(pond)], `step ${at}`).toEqual([[], [], []]);
      if (ended) break;
    }
    expect([...states].toSorted()).toEqual(['cancelled,cancelled,cancelled', 'pending,pending,pending']);
  });
});

/** Factory whose executions go on until they are told to stop; `stubborn`: then they complete all the same. */
const untilStopped = () => {
  let begun: () => void = () => undefined;
  const running = new Promise<void>((resolve) => {
    begun = resolve;
  });
  let stubborn = false;
  const factory: ExecutableFactory<unknown> = {
    kind: 'executable',
    modes: ['PostCommitReader'],
    config: { decode: (input: unknown) => right(input) } as never,
    name: 'endless',
    description: 'Goes on until it is told to stop.',
    execute:
      ({ signal, path }) =>
      async () => {
        begun();
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
        if (stubborn) return right(undefined);
        return {
          _tag: 'Left',
          left: { _tag: 'FactoryFailed', path, factory: 'endless', message: 'stopped' },
        };
      },
  };
  return {
    factory,
    running,
    becomeStubborn: () => {
      stubborn = true;
    },
  };
};

describe('a task that is cancelled while it runs', () => {
  const runningPond = async (yaml = '') => {
    const { factory, running, becomeStubborn } = untilStopped();
    const { logger, lines } = memoryLogger();
    const { promises: pond } = await createMemoryPond({ factories: [factory], logger });
    await pond.write(async ({ fs }) => {
      await fs.write('/etc/system.d/10-endless.yaml', Buffer.from(`factory: endless\n${yaml}`));
      await fs.write(
        '/etc/system.d/20-after.yaml',
        Buffer.from('factory: test-executor\ndepends_on: [10-endless]\nconfig: { message: hi }'),
      );
    });
    const written = pond.write(({ fs }) => fs.write('/a.txt', Buffer.from('a')));
    await running;
    return { pond, written, becomeStubborn, lines };
  };

  test('ends as one whose time is over, is not tried again, and its commit goes on', async () => {
    const { pond, written, lines } = await runningPond('retry: { max_attempts: 5 }\n');
    const [task] = await pond.cancel({ txnSeq: 3, executionSeq: 1 });
    expect(task).toMatchObject({
      state: 'cancelled',
      attempts: 1,
      errorMessage: expect.stringMatching(/^cancelled by /),
    });
    expect(await written).toMatchObject({
      _tag: 'Committed',
      tasks: [{ state: 'cancelled' }, { state: 'skipped', skipCause: 'dependency' }],
    });
    expect(
      (await pond.records({ txnSeq: 3 })).map(({ recordType, attempt }) => [recordType, attempt]),
    ).toEqual(expect.arrayContaining([['post_commit_cancelled', 1]]));
    const said = lines.map(({ event }) => event);
    expect(said).toContain('task_cancelled');
    expect(said).not.toContain('task_failed');
    expect((await pond.fsck()).findings).toEqual([]);
    await pond.close();
  });

  test('and completes all the same has completed', async () => {
    const { pond, written, becomeStubborn } = await runningPond();
    becomeStubborn();
    const [task] = await pond.cancel({ txnSeq: 3, executionSeq: 1 });
    expect(task).toMatchObject({ state: 'completed', errorMessage: null });
    expect(await written).toMatchObject({ tasks: [{ state: 'completed' }, { state: 'completed' }] });
    expect((await pond.fsck()).findings).toEqual([]);
    await pond.close();
  });

  test('with what waits for it: the ones that had not begun are not taken for skipped', async () => {
    const { pond, written } = await runningPond();
    const cancelled = await pond.cancel({ txnSeq: 3 });
    expect(cancelled.map(({ state }) => state)).toEqual(['cancelled', 'cancelled']);
    expect(await written).toMatchObject({ tasks: [{ state: 'cancelled' }, { state: 'cancelled' }] });
    expect(await pond.incomplete()).toMatchObject({ transactions: [], tasks: [] });
    expect((await pond.fsck()).findings).toEqual([]);
    await pond.close();
  });
});
