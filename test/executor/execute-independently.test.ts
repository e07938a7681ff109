import { left, right } from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { describe, expect, test } from 'vitest';
import { type ExecutionReport, partiallyFailed, succeeded } from '../../src/executor/execution-report.js';
import { executeIndependently } from '../../src/executor/independent/execute-independently.js';
import type { Operation } from '../../src/executor/operation.js';
import {
  type Failure,
  failure,
  fakeClock,
  fixedRandom,
  handler,
  type JournalBehaviour,
  memoryJournal,
  operation,
  settle,
  silentLogger,
  type TestHandler,
} from './fixture.js';

const GRACE = 1_000;

interface Setting {
  readonly using: Partial<TestHandler>;
  readonly journal: Partial<JournalBehaviour>;
  readonly concurrency: number;
}

const execution = (operations: readonly Operation[], setting: Partial<Setting> = {}) => {
  const clock = fakeClock();
  const journal = memoryJournal(setting.journal);
  const interrupt = new AbortController();
  const begin = async (): Promise<ExecutionReport<Failure>> => {
    const capabilities = {
      clock,
      random: fixedRandom,
      journal,
      handler: handler(setting.using),
      logger: silentLogger,
      graceMs: GRACE,
    };
    const options = {
      concurrency: setting.concurrency ?? 1,
      onFailure: 'continue',
      signal: interrupt.signal,
    } as const;
    const result = await executeIndependently(capabilities)({ checksum: '', operations }, options)();
    if (result._tag === 'Left') throw new Error(result.left._tag);
    return result.right;
  };
  return { clock, journal, interrupt, begin };
};

const started = (id: string) => ({ record: 'started', id }) as const;
const executed = (id: string) => ({ record: 'ended', id, result: { _tag: 'Executed' } }) as const;
const failed = (id: string, error: unknown) =>
  ({ record: 'ended', id, result: { _tag: 'Failed', error } }) as const;
const abandoned = (id: string) => ({ record: 'abandoned', id }) as const;

/** Fails for these operations. */
const failing =
  (...ids: readonly string[]): TestHandler['execute'] =>
  ({ id }) =>
    ids.includes(id) ? TE.left(failure(id)) : TE.right(undefined);

/** Takes milliseconds, and stops when it is told to, or not. */
const taking =
  (
    clock: () => ReturnType<typeof fakeClock>,
    milliseconds: number,
    when: 'obedient' | 'deaf' = 'obedient',
  ): TestHandler['execute'] =>
  (_operation, _prepared, _started, signal) =>
  async () => {
    await clock().sleep(milliseconds, when === 'obedient' ? signal : undefined);
    return signal.aborted ? left(failure('told to stop')) : right(undefined);
  };

/** An execution in which every operation takes `milliseconds`. */
const slowExecution = (
  operations: readonly Operation[],
  milliseconds: number,
  when: 'obedient' | 'deaf' = 'obedient',
  setting: Partial<Setting> = {},
) => {
  const running: ReturnType<typeof execution> = execution(operations, {
    ...setting,
    using: { execute: taking(() => running.clock, milliseconds, when) },
  });
  return running;
};

test('an empty plan is an error', async () => {
  const capabilities = {
    clock: fakeClock(),
    random: fixedRandom,
    journal: memoryJournal(),
    handler: handler(),
    logger: silentLogger,
    graceMs: GRACE,
  };
  const options = { concurrency: 1, onFailure: 'continue', signal: new AbortController().signal } as const;
  expect(await executeIndependently(capabilities)({ checksum: '', operations: [] }, options)()).toEqual(
    left({ _tag: 'EmptyPlan' }),
  );
});

test('every operation is prepared before the first one is started', async () => {
  const events: string[] = [];
  const { begin } = execution([operation('a'), operation('b')], {
    using: {
      prepare: ({ id }) => {
        events.push(`prepare ${id}`);
        return TE.right(`what ${id} needs`);
      },
      execute: ({ id }, prepared, run) => {
        events.push(`execute ${id} with ${prepared} in ${run}`);
        return TE.right(undefined);
      },
    },
  });
  await begin();
  expect(events).toEqual([
    'prepare a',
    'prepare b',
    'execute a with what a needs in run of a',
    'execute b with what b needs in run of b',
  ]);
});

test('an effect comes after its start is recorded, and its end is recorded before the next start', async () => {
  const seen: number[] = [];
  const running: ReturnType<typeof execution> = execution(
    [operation('a'), operation('b', { after: ['a'] })],
    {
      concurrency: 2,
      using: {
        execute: () => {
          seen.push(running.journal.records.length);
          return TE.right(undefined);
        },
      },
    },
  );
  const report = await running.begin();
  expect(running.journal.records).toEqual([started('a'), executed('a'), started('b'), executed('b')]);
  expect(seen).toEqual([1, 3]);
  expect(succeeded(report)).toBe(true);
});

test('the report has what everything came to, and how long it took', async () => {
  const { begin, clock } = slowExecution([operation('a'), operation('b', { timeoutMs: 5 })], 20);
  const running = begin();
  await clock.advance(25);
  expect(await running).toEqual({
    executed: ['a'],
    failed: ['b'],
    skipped: [],
    rolledBack: [],
    unfinished: [],
    errors: [{ operation: 'b', error: { _tag: 'TimedOut', timeoutMs: 5 } }],
    rollbackFailures: [],
    durations: { a: 20, b: 5 },
  });
});

test('no more operations run side by side than allowed, and as many as allowed do', async () => {
  let now = 0;
  let most = 0;
  const { begin } = execution(
    [...'abcdefg'].map((id) => operation(id)),
    {
      concurrency: 3,
      using: {
        execute: () => async () => {
          now += 1;
          most = Math.max(most, now);
          await settle();
          now -= 1;
          return right(undefined);
        },
      },
    },
  );
  await begin();
  expect(most).toBe(3);
});

describe('a failed operation', () => {
  test('stops what requires it, directly or not, and that is journaled with the cause', async () => {
    const plan = [
      operation('a'),
      operation('b', { requires: ['a'] }),
      operation('c', { requires: ['b'] }),
      operation('d', { after: ['a'] }),
      operation('e'),
    ];
    const { begin, journal } = execution(plan, { using: { execute: failing('a') } });
    const report = await begin();
    expect(report).toMatchObject({ executed: ['d', 'e'], failed: ['a'], skipped: ['b', 'c'] });
    expect(report.errors).toEqual([{ operation: 'a', error: failure('a') }]);
    expect(journal.records).toEqual([
      started('a'),
      failed('a', failure('a')),
      { record: 'skipped', id: 'b', because: 'a' },
      { record: 'skipped', id: 'c', because: 'b' },
      started('d'),
      executed('d'),
      started('e'),
      executed('e'),
    ]);
    expect([succeeded(report), partiallyFailed(report)]).toEqual([false, true]);
  });

  test('that could not be prepared fails alone, without its effect, and is journaled as started and failed', async () => {
    const executions: string[] = [];
    const { begin, journal } = execution([operation('a'), operation('b')], {
      using: {
        prepare: ({ id }) => (id === 'a' ? TE.left(failure('no')) : TE.right('')),
        execute: ({ id }) => {
          executions.push(id);
          return TE.right(undefined);
        },
      },
    });
    expect(await begin()).toMatchObject({ executed: ['b'], failed: ['a'] });
    expect(journal.records).toEqual([started('a'), failed('a', failure('no')), started('b'), executed('b')]);
    expect(executions).toEqual(['b']);
  });
});

describe('a handler that throws', () => {
  const thrown = (message: string) => ({ _tag: 'OperationThrew', message });
  const broken: Readonly<Record<string, Partial<TestHandler>>> = {
    'when it is called to execute': {
      execute: ({ id }) => {
        if (id === 'a') throw new Error('boom');
        return TE.right(undefined);
      },
    },
    'in its task': {
      execute:
        ({ id }) =>
        () =>
          id === 'a' ? Promise.reject(new Error('boom')) : TE.right(undefined)(),
    },
    'when it is called to prepare': {
      prepare: ({ id }) => {
        if (id === 'a') throw new Error('boom');
        return TE.right('');
      },
    },
    'while it prepares': {
      prepare:
        ({ id }) =>
        () =>
          id === 'a' ? Promise.reject(new Error('boom')) : TE.right('')(),
    },
  };

  for (const [how, using] of Object.entries(broken)) {
    test(`${how} has failed, and everything else goes on`, async () => {
      const plan = [operation('a'), operation('b'), operation('c', { requires: ['a'] })];
      const { begin, journal } = execution(plan, { using });
      expect(await begin()).toMatchObject({
        executed: ['b'],
        failed: ['a'],
        skipped: ['c'],
        errors: [{ operation: 'a', error: thrown('boom') }],
      });
      expect(journal.records.slice(0, 2)).toEqual([started('a'), failed('a', thrown('boom'))]);
    });
  }

  test('something that is not an error is shown as it is', async () => {
    const { begin } = execution([operation('a'), operation('b')], {
      using: {
        execute:
          ({ id }) =>
          () =>
            Promise.reject(id === 'a' ? { code: 7 } : new RangeError()),
      },
    });
    const messages = (await begin()).errors.map(({ error }) => ('message' in error ? error.message : ''));
    expect(messages[0]).toBe('{ code: 7 }');
    expect(messages[1]).toMatch(/^RangeError/);
  });
});

describe('an operation that takes longer than it may', () => {
  const timedOut = { _tag: 'TimedOut', timeoutMs: 5_000 };

  test('fails when it has stopped, and the next one runs', async () => {
    const { begin, clock, journal } = slowExecution(
      [operation('a', { timeoutMs: 5_000 }), operation('b')],
      8_000,
    );
    const running = begin();
    await clock.advance(20_000);
    expect(await running).toMatchObject({ executed: ['b'], failed: ['a'], durations: { a: 5_000 } });
    expect(journal.records.slice(0, 2)).toEqual([started('a'), failed('a', timedOut)]);
    expect(journal.ends.get('a')?.stillRunning).toBeNull();
  });

  test('and ignores it fails after the grace, and the journal learns when it really stops', async () => {
    const { begin, clock, journal } = slowExecution([operation('a', { timeoutMs: 5_000 })], 20_000, 'deaf');
    const running = begin();
    await clock.advance(5_000 + GRACE - 1);
    expect(journal.records).toEqual([started('a')]);
    await clock.advance(1);
    expect(await running).toMatchObject({ failed: ['a'], durations: { a: 5_000 + GRACE } });
    expect(journal.records).toEqual([started('a'), failed('a', timedOut)]);
    let stopped = false;
    void journal.ends.get('a')?.stillRunning?.then(() => {
      stopped = true;
    });
    await settle();
    expect(stopped).toBe(false);
    await clock.advance(14_000);
    expect(stopped).toBe(true);
  });

  test('but succeeds within the grace is executed', async () => {
    const running: ReturnType<typeof execution> = execution([operation('a', { timeoutMs: 5_000 })], {
      using: {
        execute: () => async () => {
          await running.clock.sleep(5_500);
          return right(undefined);
        },
      },
    });
    const report = running.begin();
    await running.clock.advance(6_000);
    expect(await report).toMatchObject({ executed: ['a'], failed: [] });
  });
});

describe('an interrupt', () => {
  const plan = [operation('a'), operation('b'), operation('c', { requires: ['b'] })];

  test('leaves what was running unfinished, and what had not started without a record of a start', async () => {
    const { begin, clock, interrupt, journal } = slowExecution(plan, 1_000);
    const running = begin();
    await clock.advance(1_500);
    interrupt.abort();
    const report = await running;
    expect(report).toMatchObject({
      executed: ['a'],
      failed: [],
      skipped: [],
      unfinished: ['b', 'c'],
      errors: [],
    });
    expect(journal.records).toEqual([
      started('a'),
      executed('a'),
      started('b'),
      abandoned('b'),
      abandoned('c'),
    ]);
    expect(succeeded(report)).toBe(false);
  });

  test('during the preparation starts nothing', async () => {
    const prepared: string[] = [];
    const running: ReturnType<typeof execution> = execution(plan, {
      using: {
        prepare: ({ id }) => {
          prepared.push(id);
          running.interrupt.abort();
          return TE.right('');
        },
      },
    });
    expect(await running.begin()).toMatchObject({ unfinished: ['a', 'b', 'c'], executed: [] });
    expect(prepared).toEqual(['a']);
    expect(running.journal.records).toEqual([abandoned('a'), abandoned('b'), abandoned('c')]);
  });

  test('while a start is recorded keeps its effect from beginning', async () => {
    const effects: string[] = [];
    const running: ReturnType<typeof execution> = execution([operation('a')], {
      using: {
        execute: ({ id }) => {
          effects.push(id);
          return TE.right(undefined);
        },
      },
    });
    const { journal, interrupt } = running;
    const start = journal.start;
    Object.assign(journal, {
      start: (...asked: Parameters<typeof start>) => {
        interrupt.abort();
        return start(...asked);
      },
    });
    expect(await running.begin()).toMatchObject({ unfinished: ['a'] });
    expect(journal.records).toEqual([started('a'), abandoned('a')]);
    expect(effects).toEqual([]);
  });

  test('that an operation ignores leaves it unfinished after the grace, and abandoned only once it has stopped', async () => {
    const { begin, clock, interrupt, journal } = slowExecution([operation('a')], 20_000, 'deaf');
    const running = begin();
    await clock.advance(5_000);
    interrupt.abort();
    await clock.advance(GRACE);
    expect(await running).toMatchObject({ unfinished: ['a'], errors: [] });
    expect(journal.records).toEqual([started('a')]);
    await clock.advance(20_000);
    expect(journal.records).toEqual([started('a'), abandoned('a')]);
  });

  test('does not undo what was done in time after all', async () => {
    const running: ReturnType<typeof execution> = execution([operation('a')], {
      using: {
        execute: () => async () => {
          running.interrupt.abort();
          await settle();
          return right(undefined);
        },
      },
    });
    expect(await running.begin()).toMatchObject({ executed: ['a'], unfinished: [] });
    expect(running.journal.records).toEqual([started('a'), executed('a')]);
  });
});

describe('a record that cannot be written', () => {
  const plan = [operation('a'), operation('b', { requires: ['a'] }), operation('c')];

  test('of a start leaves the operation unfinished without its effect, and the error is reported', async () => {
    const effects: string[] = [];
    const { begin } = execution(plan, {
      journal: { broken: ['started a'] },
      using: {
        execute: ({ id }) => {
          effects.push(id);
          return TE.right(undefined);
        },
      },
    });
    expect(await begin()).toMatchObject({
      executed: ['c'],
      unfinished: ['a', 'b'],
      errors: [{ operation: 'a', error: failure('started a') }],
    });
    expect(effects).toEqual(['c']);
  });

  test('of an end leaves the operation unfinished, and what requires it is abandoned, not skipped', async () => {
    const { begin, journal } = execution(plan, { journal: { broken: ['ended a'] } });
    expect(await begin()).toMatchObject({
      executed: ['c'],
      unfinished: ['a', 'b'],
      errors: [{ operation: 'a', error: failure('ended a') }],
    });
    expect(journal.records).toEqual([started('a'), abandoned('b'), started('c'), executed('c')]);
  });

  test('of a skip or an abandonment leaves the operation unfinished with the error', async () => {
    const { begin } = execution(plan, {
      journal: { broken: ['skipped b', 'ended c'] },
      using: { execute: failing('a') },
    });
    expect(await begin()).toMatchObject({
      failed: ['a'],
      unfinished: ['b', 'c'],
      errors: [
        { operation: 'a', error: failure('a') },
        { operation: 'b', error: failure('skipped b') },
        { operation: 'c', error: failure('ended c') },
      ],
    });
    const interrupted = execution([operation('a')], { journal: { broken: ['abandoned a'] } });
    interrupted.interrupt.abort();
    expect(await interrupted.begin()).toMatchObject({
      unfinished: ['a'],
      errors: [{ operation: 'a', error: failure('abandoned a') }],
    });
  });
});

describe('an operation that the journal does not let start', () => {
  const plan = [operation('a'), operation('b', { requires: ['a'] })];
  const answered = (answer: JournalBehaviour['starts'][string]) =>
    execution(plan, { journal: { starts: { a: answer } } });

  test('and that had been executed before counts as executed, and what requires it runs', async () => {
    const { begin, journal } = answered({ _tag: 'Ended', succeeded: true });
    const report = await begin();
    expect(report).toMatchObject({ executed: ['a', 'b'], errors: [] });
    expect(Object.keys(report.durations)).toEqual(['b']);
    expect(journal.records).toEqual([started('b'), executed('b')]);
  });

  test('and that had failed before counts as failed, and what requires it is skipped', async () => {
    const { begin, journal } = answered({ _tag: 'Ended', succeeded: false });
    expect(await begin()).toMatchObject({ failed: ['a'], skipped: ['b'], errors: [] });
    expect(journal.records).toEqual([{ record: 'skipped', id: 'b', because: 'a' }]);
  });

  test('and that is left to somebody else is unfinished, and what requires it is abandoned', async () => {
    const { begin, journal } = answered({ _tag: 'LeftToAnother' });
    expect(await begin()).toMatchObject({ unfinished: ['a', 'b'], errors: [] });
    expect(journal.records).toEqual([abandoned('b')]);
  });
});
