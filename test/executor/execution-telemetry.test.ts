import { left, right } from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { describe, expect, test } from 'vitest';
import { recordingLogger } from '../../src/adapters/memory/recording-logger.js';
import type { UndoableHandler } from '../../src/executor/all-or-nothing/capabilities.js';
import { executeAllOrNothing } from '../../src/executor/all-or-nothing/execute-all-or-nothing.js';
import { executeIndependently } from '../../src/executor/independent/execute-independently.js';
import type { Operation } from '../../src/executor/operation.js';
import type { Logger, LogLevel } from '../../src/ports/logger.js';
import { NO_TELEMETRY } from '../../src/ports/no-telemetry.js';
import type { Telemetry } from '../../src/ports/telemetry.js';
import { memoryTelemetry } from '../telemetry/memory-telemetry.js';
import {
  type Failure,
  failure,
  fakeClock,
  fixedRandom,
  handler,
  memoryJournal,
  operation,
  settle,
  silentLogger,
  type TestHandler,
} from './fixture.js';

const describeFailure = (error: { readonly _tag: string }) =>
  'text' in error ? String(error.text) : error._tag;

/** Executes operations as tasks are: independent of each other. */
const runTasks = async (
  operations: readonly Operation[],
  { concurrency = 1, tasks = handler(), aborted = false } = {},
) => {
  const memory = memoryTelemetry();
  const interrupt = new AbortController();
  if (aborted) interrupt.abort();
  const clock = fakeClock();
  const running = executeIndependently({
    handler: tasks,
    journal: memoryJournal(),
    clock,
    random: fixedRandom,
    logger: silentLogger,
    graceMs: 100,
    telemetry: { telemetry: memory.telemetry, parent: null, describe: describeFailure },
  })({ checksum: 'c', operations }, { concurrency, signal: interrupt.signal })();
  for (let round = 0; round < 20; round += 1) await clock.advance(1000);
  await running;
  return memory;
};

const failing = (...ids: readonly string[]): Partial<TestHandler> => ({
  execute: ({ id }) => (ids.includes(id) ? TE.left(failure(`${id} failed`)) : TE.right(undefined)),
});

type Undoable = UndoableHandler<Operation, null, Failure>;

interface Observers {
  readonly telemetry?: Telemetry;
  readonly logger?: Logger;
}

/** Executes operations as host plans are: all or nothing. */
const runAllOrNothing = async (
  operations: readonly Operation[],
  { concurrency = 1, ...rest }: Partial<Undoable> & { readonly concurrency?: number } = {},
  observers: Observers = {},
) => {
  const memory = memoryTelemetry();
  const { telemetry = memory.telemetry, logger = silentLogger } = observers;
  const ended = await executeAllOrNothing<Operation, null, Failure>({
    handler: {
      prepare: () => right(undefined),
      intend: () => right(null),
      execute: () => right(undefined),
      undo: () => TE.right('Undone'),
      secure: () => TE.right(undefined),
      ...rest,
    },
    checkpoint: {
      id: 'checkpoint',
      create: () => TE.right(undefined),
      intend: () => TE.right(undefined),
      undone: () => right(undefined),
      settle: () => TE.right([]),
    },
    clock: fakeClock(),
    logger,
    telemetry: { telemetry, parent: null, describe: describeFailure },
  })(
    { checksum: 'c', operations, batches: [operations.map((_, place) => place)] },
    { concurrency, signal: new AbortController().signal },
  )();
  return { ...memory, ended };
};

const abc = [operation('a'), operation('b'), operation('c')];

const counted = {
  'executor.executions.total': 1,
  'executor.executions.success': 1,
  'executor.executions.failed': 0,
  'executor.operations.executed': 3,
  'executor.operations.failed': 0,
  'executor.operations.rolled_back': 0,
  'executor.operations.queued': 0,
  'executor.duration.seconds': 1,
};

describe('spans and metrics', () => {
  test('are the same one by one and side by side', async () => {
    const tasks = handler(failing('b'));
    const [one, many] = [await runTasks(abc, { tasks }), await runTasks(abc, { tasks, concurrency: 3 })];
    expect(many.spans()).toEqual(one.spans());
    expect(await many.metrics()).toEqual(await one.metrics());

    const [alone, beside] = [await runAllOrNothing(abc), await runAllOrNothing(abc, { concurrency: 3 })];
    expect(beside.spans()).toEqual(alone.spans());
    expect(await beside.metrics()).toEqual(await alone.metrics());
  });

  test('nest the attempts in their execution, also those side by side', async () => {
    expect((await runTasks(abc, { concurrency: 3 })).spans()).toEqual([
      'executor.Execute < -',
      'executor.Prepare < executor.Execute',
      'operation.Execute a < executor.Execute',
      'operation.Execute b < executor.Execute',
      'operation.Execute c < executor.Execute',
    ]);
  });

  test('count what succeeds, and nothing waits any more', async () => {
    expect(await (await runTasks(abc)).metrics()).toEqual(counted);
    expect(await (await runAllOrNothing(abc)).metrics()).toEqual(counted);
  });

  test('count a failed prepare: its failing operations and the execution', async () => {
    const prepare = ({ id }: Operation) => (id === 'a' ? TE.right('') : TE.left(failure(id)));
    const { metrics, spans } = await runAllOrNothing(abc, {
      prepare: ({ id }) => (id === 'a' ? right(undefined) : left(failure(id))),
    });
    expect(await metrics()).toMatchObject({
      'executor.executions.failed': 1,
      'executor.operations.executed': 0,
      'executor.operations.failed': 2,
      'executor.operations.rolled_back': 0,
    });
    expect(spans()).toEqual(['executor.Execute < -', 'executor.Prepare < executor.Execute']);
    expect(await (await runTasks(abc, { tasks: handler({ prepare }) })).metrics()).toMatchObject({
      'executor.executions.failed': 1,
      'executor.operations.executed': 1,
      'executor.operations.failed': 2,
    });
  });

  test('count what took effect also when it was undone, and what was undone', async () => {
    const { metrics, spans, ended } = await runAllOrNothing(abc, {
      execute: ({ id }) => (id === 'c' ? left(failure('full')) : right(undefined)),
      undo: ({ id }) => TE.right(id === 'c' ? 'Nothing' : 'Undone'),
    });
    expect(await metrics()).toMatchObject({
      'executor.executions.failed': 1,
      'executor.operations.executed': 2,
      'executor.operations.failed': 1,
      'executor.operations.rolled_back': 2,
      'executor.operations.queued': 0,
    });
    expect(spans()).toContain('executor.Rollback < executor.Execute');
    expect(ended).toMatchObject({ left: { _tag: 'ExecutionFailed' } });
  });
});

test('nothing counts as waiting after a failure that stopped the rest', async () => {
  const { metrics } = await runAllOrNothing(abc, { execute: () => left(failure('at once')) });
  expect(await metrics()).toMatchObject({
    'executor.operations.failed': 1,
    'executor.operations.queued': 0,
  });
});

describe('every span ends', () => {
  test('when handlers throw in prepare and in execute', async () => {
    const tasks = handler({
      prepare: ({ id }) => {
        if (id === 'a') throw new Error('a bug');
        return TE.right('');
      },
      execute: ({ id }) => {
        if (id === 'b') throw new Error('another bug');
        return TE.right(undefined);
      },
    });
    const { open, ended } = await runTasks(abc, { tasks, concurrency: 3 });
    expect(open()).toBe(0);
    const errors = ended().filter(({ status }) => status.code === 2);
    expect(errors.map(({ name }) => name).toSorted()).toEqual([
      'executor.Execute',
      'executor.Prepare',
      'operation.Execute',
      'operation.Execute',
    ]);
  });

  test('when everything is interrupted before it begins', async () => {
    const { open, spans, metrics } = await runTasks(abc, { aborted: true });
    expect(open()).toBe(0);
    expect(spans()).toEqual(['executor.Execute < -', 'executor.Prepare < executor.Execute']);
    expect(await metrics()).toMatchObject({
      'executor.executions.failed': 1,
      'executor.operations.queued': 0,
    });
  });

  test('of an attempt that ignores its timeout, when it is given up', async () => {
    const stuck = handler({ execute: () => () => new Promise(() => undefined) });
    const { open, ended } = await runTasks([operation('a', { timeoutMs: 10 })], { tasks: stuck });
    await settle();
    expect(open()).toBe(0);
    expect(ended().find(({ name }) => name === 'operation.Execute')?.status.message).toBe('TimedOut');
  });

  test('of each attempt before the wait for the next one, which links to it', async () => {
    const policy = {
      max_attempts: 3,
      initial_interval_ms: 1000,
      backoff: 1,
      max_interval_ms: 1000,
      jitter: false,
    };
    const { ended } = await runTasks([operation('a', { attempts: { policy, made: 0 } })], {
      tasks: handler(failing('a')),
    });
    const attempts = ended().filter(({ name }) => name === 'operation.Execute');
    expect(attempts).toHaveLength(3);
    expect(attempts.map(({ links }) => links.map(({ context }) => context.spanId))).toEqual([
      [],
      [attempts[0]?.spanContext().spanId],
      [attempts[1]?.spanContext().spanId],
    ]);
  });

  test('when what would undo an operation cannot be found out', async () => {
    const { open } = await runAllOrNothing(abc, { intend: () => left(failure('nowhere')) });
    expect(open()).toBe(0);
  });
});

describe('an operation that can be undone', () => {
  const eventsOf = async (takes: readonly LogLevel[]) => {
    const { logger, lines } = recordingLogger();
    const { ended } = await runAllOrNothing(
      abc,
      { execute: ({ id }) => (id === 'b' ? left(failure('b failed')) : right(undefined)) },
      { telemetry: NO_TELEMETRY, logger: { ...logger, takes: (level) => takes.includes(level) } },
    );
    expect(ended).toMatchObject({ left: { report: { failed: ['b'], rolledBack: ['a'] } } });
    return lines.map(({ event }) => event);
  };

  test('is logged where nobody records spans, and somebody reads what it says', async () => {
    const events = await eventsOf(['debug', 'info']);
    expect(events.filter((event) => event === 'executing_operation')).toHaveLength(2);
    expect(events).toContain('operation_failed');
  });

  test('fails and is undone the same where nobody hears of it', async () => {
    const events = await eventsOf(['info']);
    expect(events).not.toContain('executing_operation');
    expect(events).toContain('batch_failed');
  });
});
