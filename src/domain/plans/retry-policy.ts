import * as t from 'io-ts';
import { exactType } from '../documents/exact-type.js';
import { DurationCodec } from '../duration.js';

/** Number of times that a failed task is tried again by itself, and the waits before. Intervals in milliseconds. */
export type RetryPolicy = {
  /** Attempts in all, from 1: with 1 there is no second. */
  readonly max_attempts: number;
  /** Milliseconds before the second attempt. */
  readonly initial_interval_ms: number;
  /** Each wait is so many times the one before, from 1. */
  readonly backoff: number;
  /** No wait is longer. */
  readonly max_interval_ms: number;
  /** Tells whether up to half of a wait is left out at random, so that many tasks do not come back at once. */
  readonly jitter: boolean;
};

export const RetryPolicyCodec: t.Type<RetryPolicy> = t.readonly(
  t.type(
    {
      max_attempts: t.number,
      initial_interval_ms: t.number,
      backoff: t.number,
      max_interval_ms: t.number,
      jitter: t.boolean,
    },
    'RetryPolicy',
  ),
);

/** Defaults: one attempt; where there are more, waits of 1 s, 2 s, 4 s ... up to a minute, with jitter. */
export const DEFAULT_RETRY: RetryPolicy = {
  max_attempts: 1,
  initial_interval_ms: 1_000,
  backoff: 2,
  max_interval_ms: 60_000,
  jitter: true,
};

const numberCodec = (name: string, accepts: (value: number) => boolean) =>
  new t.Type<number, number, unknown>(
    name,
    (input): input is number => typeof input === 'number' && accepts(input),
    (input, context) =>
      typeof input === 'number' && accepts(input) ? t.success(input) : t.failure(input, context),
    t.identity,
  );

/** A whole number from 1 to `most`. */
export const countUpTo = (most: number) =>
  numberCodec(
    `a whole number from 1 to ${most}`,
    (value) => Number.isInteger(value) && value >= 1 && value <= most,
  );

/** The key `retry` of an envelope or of the defaults: what is not said comes from elsewhere. */
export const RetryCodec = exactType(
  'retry',
  {},
  {
    max_attempts: countUpTo(1_000),
    initial_interval: DurationCodec,
    backoff: numberCodec('a number from 1 to 100', (value) => value >= 1 && value <= 100),
    max_interval: DurationCodec,
    jitter: t.boolean,
  },
);

/** Wishes about retries; intervals in milliseconds. */
export type RetryWishes = t.TypeOf<typeof RetryCodec>;

/** A policy with somebody's wishes put over it. */
export const withWishes = (policy: RetryPolicy, wishes: RetryWishes | null): RetryPolicy => ({
  max_attempts: wishes?.max_attempts ?? policy.max_attempts,
  initial_interval_ms: wishes?.initial_interval ?? policy.initial_interval_ms,
  backoff: wishes?.backoff ?? policy.backoff,
  max_interval_ms: wishes?.max_interval ?? policy.max_interval_ms,
  jitter: wishes?.jitter ?? policy.jitter,
});
