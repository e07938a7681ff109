import { expect, test } from 'vitest';
import { DEFAULT_RETRY, type RetryPolicy } from '../../src/domain/plans/retry-policy.js';
import { mayRetry, waitAfter } from '../../src/executor/attempts.js';

const policy = (rest: Partial<RetryPolicy>): RetryPolicy => ({ ...DEFAULT_RETRY, jitter: false, ...rest });

/** The waits after the first attempts of an execution that nobody has tried before. */
const waits = (of: RetryPolicy, chance = 0): readonly number[] =>
  [1, 2, 3, 4].map((tried) => waitAfter({ policy: of, made: 0 }, tried, chance));

test('waits grow by the backoff from attempt to attempt, up to the longest', () => {
  expect(waits(policy({ initial_interval_ms: 100, backoff: 3, max_interval_ms: 1_000 }))).toEqual([
    100, 300, 900, 1_000,
  ]);
  expect(waits(policy({ initial_interval_ms: 5_000, max_interval_ms: 250 }))).toEqual([250, 250, 250, 250]);
});

test('attempts of an earlier execution count: the waits go on where they were', () => {
  const going = { policy: policy({ initial_interval_ms: 100 }), made: 2 };
  expect([1, 2].map((tried) => waitAfter(going, tried, 0))).toEqual([400, 800]);
});

test('jitter takes up to half of a wait away, so that with a backoff of 2 waits never get shorter', () => {
  const jittered = policy({ initial_interval_ms: 100, jitter: true });
  expect(waits(jittered, 0)).toEqual([100, 200, 400, 800]);
  expect(waits(jittered, 0.5)).toEqual([75, 150, 300, 600]);
  expect(waits(jittered, 1)).toEqual([50, 100, 200, 400]);
  expect(waits(policy({ initial_interval_ms: 100 }), 1)).toEqual([100, 200, 400, 800]);
});

test('however often a task is tried, a wait is a number', () => {
  const often = { policy: policy({ backoff: 100 }), made: 0 };
  expect(waitAfter(often, 1_000, 0)).toBe(DEFAULT_RETRY.max_interval_ms);
});

test('there are as many attempts as the policy has, those made before included', () => {
  const allowance = (made: number) => ({ policy: policy({ max_attempts: 3 }), made });
  expect([1, 2, 3].map((tried) => mayRetry(allowance(0), tried))).toEqual([true, true, false]);
  expect([1, 2].map((tried) => mayRetry(allowance(1), tried))).toEqual([true, false]);
  expect(mayRetry(undefined, 1)).toBe(false);
});
