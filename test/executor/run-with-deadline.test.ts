import { right } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { expect, test } from 'vitest';
import { runWithDeadline } from '../../src/executor/independent/run-with-deadline.js';
import { fakeClock, settle } from './fixture.js';

const GRACE = 1_000;

const deadline = (timeoutMs: number | null, interrupt = new AbortController()) => {
  const clock = fakeClock();
  return { clock, interrupt, given: { clock, timeoutMs, graceMs: GRACE, interrupt: interrupt.signal } };
};

/** Work that ends when it is let go. */
const work = () => {
  let letGo: () => void = () => undefined;
  let signal: AbortSignal | null = null;
  const gate = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  return {
    end: () => letGo(),
    reason: (): unknown => signal?.reason,
    begin: (given: AbortSignal): TaskEither<never, string> => {
      signal = given;
      return async () => {
        await gate;
        return right('done');
      };
    },
  };
};

/** Work that ends when it is told to. */
const obedient =
  (signal: AbortSignal): TaskEither<never, string> =>
  () =>
    new Promise((resolve) => {
      if (signal.aborted) resolve(right('stopped'));
      signal.addEventListener('abort', () => resolve(right('stopped')));
    });

test('work that ends in time has settled, and leaves nothing that waits', async () => {
  const { clock, given } = deadline(5_000);
  const { begin, end } = work();
  const outcome = runWithDeadline(given, begin);
  await clock.advance(4_999);
  end();
  expect(await outcome).toEqual({ _tag: 'Settled', result: right('done') });
  await settle();
  expect(clock.sleeping()).toBe(0);
});

test('work without a timeout may take as long as it needs', async () => {
  const { clock, given } = deadline(null);
  const { begin, end } = work();
  const outcome = runWithDeadline(given, begin);
  await clock.advance(1_000_000_000);
  end();
  expect(await outcome).toEqual({ _tag: 'Settled', result: right('done') });
});

test('work that takes too long is told to stop, and is waited for', async () => {
  const { clock, given } = deadline(5_000);
  const { begin, end, reason } = work();
  const outcome = runWithDeadline(given, begin);
  await clock.advance(5_000);
  expect(reason()).toEqual({ _tag: 'TimedOut', timeoutMs: 5_000 });
  await clock.advance(GRACE - 1);
  end();
  expect(await outcome).toEqual({
    _tag: 'Stopped',
    reason: { _tag: 'TimedOut', timeoutMs: 5_000 },
    result: right('done'),
  });
});

test('work that ignores that it is told to stop is left after the grace, with word of its end', async () => {
  const { clock, given } = deadline(5_000);
  const { begin, end } = work();
  const running = runWithDeadline(given, begin);
  await clock.advance(5_000 + GRACE);
  const outcome = await running;
  expect(outcome).toMatchObject({ _tag: 'Ignored', reason: { _tag: 'TimedOut', timeoutMs: 5_000 } });
  let settled = false;
  if (outcome._tag === 'Ignored') void outcome.settled.then(() => (settled = true));
  await settle();
  expect(settled).toBe(false);
  end();
  await settle();
  expect(settled).toBe(true);
});

test('an interrupt stops work at once, also where it has no timeout', async () => {
  const { given, interrupt } = deadline(null);
  const outcome = runWithDeadline(given, obedient);
  interrupt.abort();
  expect(await outcome).toEqual({
    _tag: 'Stopped',
    reason: { _tag: 'Interrupted' },
    result: right('stopped'),
  });
});

test('work that begins after the interrupt is told so from the start', async () => {
  const interrupt = new AbortController();
  interrupt.abort();
  const { given } = deadline(null, interrupt);
  expect(await runWithDeadline(given, obedient)).toMatchObject({
    _tag: 'Stopped',
    reason: { _tag: 'Interrupted' },
  });
});

test('an interrupt after a timeout does not change why the work was stopped', async () => {
  const { clock, given, interrupt } = deadline(5_000);
  const { begin, end } = work();
  const outcome = runWithDeadline(given, begin);
  await clock.advance(5_000);
  interrupt.abort();
  end();
  expect(await outcome).toMatchObject({ _tag: 'Stopped', reason: { _tag: 'TimedOut' } });
});
