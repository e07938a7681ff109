import { isLeft, isRight } from 'fp-ts/lib/Either.js';
import { expect, it } from 'vitest';
import { testExecutor } from '../../src/factories/built-in/test-executor.js';
import { describeFactoryError } from '../../src/factories/describe-factory-error.js';
import { createRegistry } from '../../src/factories/registry/create-registry.js';
import type { Clock } from '../../src/ports/clock.js';
import { memoryLogger } from '../support/memory-logger.js';
import { bytes, postCommitContext } from './contexts.js';

const setUp = (sleep: Clock['sleep'] = async () => undefined) => {
  const registry = createRegistry(
    [
      testExecutor({
        clock: { nowMicros: () => 0, monotonicMs: () => 0, sleep, giveWay: async () => undefined },
      }),
    ],
    {
      environment: {},
    },
  );
  const { logger, lines } = memoryLogger();
  const run = async (config: string, attempt = 1, signal = new AbortController().signal) => {
    const context = postCommitContext({ attempt, signal, log: logger });
    const outcome = await registry.execute('test-executor', bytes(config), context, 'PostCommitReader')();
    return isLeft(outcome) ? describeFactoryError(outcome.left) : 'done';
  };
  return { registry, run, lines };
};

it('test-executor logs its message and declares both modes', async () => {
  const { run, lines, registry } = setUp();
  expect(await run('message: hello')).toBe('done');
  expect(lines).toMatchObject([{ fields: { message: 'hello', txn_seq: 42 } }]);
  expect(registry.facts('test-executor')?.modes).toEqual(['InTransactionWriter', 'PostCommitReader']);
});

it('test-executor with fail fails with its message', async () => {
  expect(await setUp().run('message: hello\nfail: true')).toContain('hello');
});

it('test-executor fails in the attempts 1 to fail_times and succeeds afterwards', async () => {
  const { run } = setUp();
  const config = 'message: hello\nfail_times: 2';
  expect(await run(config, 1)).toContain('attempt 1 of 2');
  expect(await run(config, 2)).toContain('attempt 2 of 2');
  expect(await run(config, 3)).toBe('done');
});

it('test-executor waits delay_ms by the clock, and not at all when there is none', async () => {
  const waits: number[] = [];
  const { run } = setUp(async (milliseconds) => {
    waits.push(milliseconds);
  });
  await run('message: hello\ndelay_ms: 250');
  await run('message: hello');
  expect(waits).toEqual([250]);
});

it('test-executor stops waiting at an abort and fails without having logged its message', async () => {
  const abort = new AbortController();
  const { run, lines } = setUp(
    (_milliseconds, signal) =>
      new Promise((resolve) => {
        signal?.addEventListener('abort', () => resolve());
        abort.abort({ _tag: 'Interrupted' });
      }),
  );
  expect(await run('message: hello\ndelay_ms: 100000', 1, abort.signal)).toContain('interrupted: hello');
  expect(lines).toEqual([]);
});

it('test-executor refuses a negative delay', () => {
  const checked = setUp().registry.checkBytes('test-executor', '/x', bytes('message: a\ndelay_ms: -1'));
  expect(isRight(checked)).toBe(false);
  if (isLeft(checked)) {
    expect(describeFactoryError(checked.left)).toBe('/x: delay_ms: expected a number of 0 or more, got -1');
  }
});
