import { left, right } from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { expect, test } from 'vitest';
import { DEFAULT_RETRY } from '../../src/domain/plans/retry-policy.js';
import { executeIndependently } from '../../src/executor/independent/execute-independently.js';
import {
  failure,
  fakeClock,
  fixedRandom,
  handler,
  memoryJournal,
  operation,
  silentLogger,
  type TestHandler,
} from './fixture.js';

const GRACE = 1_000;
const attempts = {
  policy: { ...DEFAULT_RETRY, max_attempts: 3, initial_interval_ms: 100, jitter: false },
  made: 0,
};

/** One operation with three attempts, 100 and 200 ms apart; `execute` is told how many came before. */
const execution = (
  execute: (clock: ReturnType<typeof fakeClock>, before: number) => ReturnType<TestHandler['execute']>,
  timeoutMs: number | null = null,
) => {
  const clock = fakeClock();
  const journal = memoryJournal();
  const interrupt = new AbortController();
  const begun: number[] = [];
  const using: Partial<TestHandler> = {
    execute: () => {
      begun.push(clock.monotonicMs());
      return execute(clock, begun.length - 1);
    },
  };
  const running = executeIndependently({
    clock,
    random: fixedRandom,
    journal,
    handler: handler(using),
    logger: silentLogger,
    graceMs: GRACE,
  })(
    { checksum: '', operations: [operation('a', { attempts, timeoutMs })] },
    { concurrency: 1, onFailure: 'continue', signal: interrupt.signal },
  )();
  return { clock, journal, interrupt, begun, running };
};

const records = ({ journal }: ReturnType<typeof execution>) => journal.records.map(({ record }) => record);

test('what fails twice and then succeeds is started three times, with growing waits, and is executed', async () => {
  const made = execution((_, before) => (before < 2 ? TE.left(failure('not yet')) : TE.right(undefined)));
  await made.clock.advance(1_000);
  expect(await made.running).toMatchObject({ right: { executed: ['a'], failed: [] } });
  expect(made.begun).toEqual([0, 100, 300]);
  expect(records(made)).toEqual(['started', 'ended', 'started', 'ended', 'started', 'ended']);
});

test('what fails every time has as many attempts as it may have, and no more', async () => {
  const made = execution(() => TE.left(failure('never')));
  await made.clock.advance(10_000);
  expect(await made.running).toMatchObject({ right: { executed: [], failed: ['a'] } });
  expect(made.begun).toHaveLength(3);
  expect(made.journal.ends.get('a')).toMatchObject({ next: 'end' });
});

test('what is interrupted while it waits is abandoned, without another start', async () => {
  const made = execution(() => TE.left(failure('never')));
  await made.clock.advance(50);
  made.interrupt.abort();
  await made.clock.advance(10_000);
  expect(await made.running).toMatchObject({ right: { unfinished: ['a'] } });
  expect(records(made)).toEqual(['started', 'ended', 'abandoned']);
});

test('what goes on after its timeout is not tried again: the next attempt would run beside it', async () => {
  const deaf = execution(
    (clock) => async () => {
      await clock.sleep(50_000);
      return right(undefined);
    },
    500,
  );
  await deaf.clock.advance(100_000);
  expect(await deaf.running).toMatchObject({ right: { failed: ['a'] } });
  expect(deaf.begun).toEqual([0]);

  const obedient = execution(
    (clock) => async () => {
      await clock.sleep(600);
      return left(failure('told to stop'));
    },
    500,
  );
  await obedient.clock.advance(100_000);
  expect(await obedient.running).toMatchObject({ right: { failed: ['a'] } });
  expect(obedient.begun).toHaveLength(3);
});
